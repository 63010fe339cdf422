import assert from 'node:assert/strict'
import { packInstants, unpackInstants } from './instants.ts'
import type { SeriesSilence } from './port.ts'

/** A time without a temperature, epoch ms. */
export type SilentTime = Pick<SeriesSilence, 'fromMs' | 'toMs'>

/**
 * A row of table `silence` without its series: silences that follow each other. What lies between two of the instants
 * from `from_ms` to `to_ms` is a silence where it is as long as `JOINED_MS_MIN`, and no silence where it is shorter:
 * then temperatures came. One with nothing packed is one silence, however long.
 */
export interface SilenceRun {
  readonly from_ms: number
  readonly to_ms: number
  /** The record that ended the last of them. */
  readonly idx: number
  /** How long the longest of several is; null where it is one. */
  readonly longest_ms: number | null
  /** The instants in between (`packInstants`, from `from_ms` on); null where it is one. */
  readonly packed: Uint8Array | null
}

/** Part of what files say: another length is another version of the table. */
const JOINED_MS_MIN = 300_000
/** A run is read as a whole, also where one silence of it is asked for. */
const SILENCES_MAX = 512

/** Silences of one series, in order, as rows: as few as can be. */
export function silenceRuns(silences: readonly SeriesSilence[]): readonly SilenceRun[] {
  const runs: SilenceRun[] = []
  let own: SeriesSilence[] = []
  for (const silence of silences) {
    const last = own.at(-1)
    if (last !== undefined && !isJoined(last, silence, own.length)) {
      runs.push(runOf(own))
      own = []
    }
    own.push(silence)
  }
  if (own.length > 0) runs.push(runOf(own))
  return runs
}

/** Sensors that record every five minutes are heard a little earlier as often as a little later. */
function isJoined(last: SeriesSilence, next: SeriesSilence, count: number): boolean {
  const heardMs = next.fromMs - last.toMs
  return (
    heardMs >= 0 &&
    heardMs < JOINED_MS_MIN &&
    lengthOf(last) >= JOINED_MS_MIN &&
    lengthOf(next) >= JOINED_MS_MIN &&
    count < SILENCES_MAX
  )
}

function runOf(silences: readonly SeriesSilence[]): SilenceRun {
  const [first, last] = [silences[0], silences.at(-1)]
  assert(first !== undefined && last !== undefined)
  const row = { from_ms: first.fromMs, to_ms: last.toMs, idx: last.index }
  if (first === last) return { ...row, longest_ms: null, packed: null }
  const between = silences.slice(1).flatMap(({ fromMs }, nth) => {
    const endedMs = silences[nth]?.toMs ?? fromMs
    return endedMs === fromMs ? [fromMs] : [endedMs, fromMs]
  })
  const longestMs = silences.reduce((longest, each) => Math.max(longest, lengthOf(each)), 0)
  return { ...row, longest_ms: longestMs, packed: packInstants(first.fromMs, between) }
}

/** The silences of a row, in order. */
export function silencesIn({ from_ms, to_ms, packed }: Omit<SilenceRun, 'idx' | 'longest_ms'>): SilentTime[] {
  if (packed === null) return [{ fromMs: from_ms, toMs: to_ms }]
  const silences: SilentTime[] = []
  let fromMs = from_ms
  for (const toMs of [...unpackInstants(from_ms, packed), to_ms]) {
    if (toMs - fromMs >= JOINED_MS_MIN) silences.push({ fromMs, toMs })
    fromMs = toMs
  }
  return silences
}

function lengthOf({ fromMs, toMs }: SilentTime): number {
  return toMs - fromMs
}
