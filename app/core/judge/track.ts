import {
  PointFollower,
  type PointState,
  type PreparedPoint,
  prepared,
  RestartSearch,
} from '../../../alerts/index.ts'
import type { Finding, FindingKind, MeasuredQuantity } from '../../../domain/index.ts'
import type { FindingReads } from '../../../store/index.ts'
import type { Changed } from './changed.ts'
import { chunksBefore, chunksFrom } from './chunks.ts'
import type { PointFacts } from './point-facts.ts'

/** Where one quantity of a point stands. */
export interface Track {
  readonly state: PointState | null
  readonly tail: readonly Finding[]
  /** Of what was stored when it was judged, everything up to this instant was looked at. */
  readonly readToMs: number
}

/** One quantity of a point, to be judged. */
export interface TrackTask {
  readonly reads: FindingReads
  readonly facts: PointFacts
  readonly quantity: MeasuredQuantity
  readonly point: PreparedPoint
  readonly was: Track | undefined
  readonly changed: Changed
  readonly asOfMs: number
  /** Up to when it is known which readings came. */
  readonly recordedToMs: () => number
  /** Lets others run when this has run long enough. */
  readonly rest: () => Promise<void>
}

/** The findings that stood and those that are found now, as far as they were judged again. */
export interface TrackJudgement {
  readonly before: readonly Finding[]
  readonly after: readonly Finding[]
  readonly track: Track
  /** Between these instants, both included, everything stored is judged; elsewhere what is stored may be newer. */
  readonly judged: Changed
  /** Time alone may change what is found: a run is open, or may become a finding. */
  readonly isRunning: boolean
  /** When time alone makes records too far apart; null where no rule waits for one. */
  readonly recordDueMs: number | null
  /** Since when records are too far apart of which it is not known yet whether others come between; null: none. */
  readonly earlyMs: number | null
}

/** From the first record on, and when it will be known of the first of them; epoch ms. */
interface Early {
  readonly fromMs: number
  readonly knownFromMs: number
}

/** What the rules about a quantity of a point are judged by, made ready for the engine. */
export function preparedTrack(facts: PointFacts, quantity: MeasuredQuantity): PreparedPoint {
  return prepared({ ...facts, quantity })
}

/**
 * Judges a quantity from where it stood, or, when earlier readings have changed, from the newest reading before them
 * that nothing passes, up to the first such reading after them: there everything is as it was.
 */
export async function judgeTrack(task: TrackTask): Promise<TrackJudgement> {
  const { facts, quantity, reads, was, changed } = task
  const stood = was?.state ?? null
  if (was !== undefined && changed.fromMs > (stood?.last.tMs ?? Number.NEGATIVE_INFINITY)) {
    // readings that say nothing about the quantity are looked at once, however many there are since the newest value
    const lookedAtMs = Math.max(stood?.last.tMs ?? Number.MIN_SAFE_INTEGER, was.readToMs)
    const fromMs = Math.min(changed.fromMs, lookedAtMs + 1)
    const { settled, follower } = await followed(task, stood, fromMs)
    return judgement(task, was.tail, settled, follower, { fromMs, toMs: Number.POSITIVE_INFINITY })
  }
  const restartMs = await restart(task)
  const kinds: readonly FindingKind[] = quantity === 'temperature' ? ['excursion', 'cadence'] : [quantity]
  const before = reads.findingsFrom(facts.point, restartMs).filter(({ kind }) => kinds.includes(kind))
  const { settled, follower, cleanMs } = await followed(task, null, restartMs, before)
  const judged = { fromMs: restartMs, toMs: cleanMs ?? Number.POSITIVE_INFINITY }
  if (cleanMs === null || was === undefined) return judgement(task, before, settled, follower, judged)
  // from there on what stood still stands, and goes on
  const changing = [
    ...before.filter(({ startMs }) => startMs < cleanMs),
    ...was.tail.filter(({ startMs }) => startMs >= cleanMs),
  ]
  return judgement(task, changing, settled, new PointFollower(task.point, stood, []), judged)
}

function judgement(
  { asOfMs, recordedToMs, point, was, changed }: TrackTask,
  before: readonly Finding[],
  settled: readonly Finding[],
  follower: PointFollower,
  judged: Changed,
): TrackJudgement {
  const hasCadence = point.cadences.length > 0
  const knownToMs = hasCadence ? Math.min(asOfMs, recordedToMs()) : asOfMs
  const found = follower.tail(asOfMs, knownToMs)
  const stood = new Set(before.map(({ id }) => id))
  // after the server was away a device may send what is newest first
  const isEarly = (finding: Finding): boolean =>
    finding.kind === 'cadence' && finding.alarmMs > knownToMs && !stood.has(finding.id)
  const early = earlyOf([...settled, ...found].filter(isEarly))
  const tail = found.filter((finding) => !isEarly(finding))
  const dueMs = hasCadence ? follower.cadenceDueMs(knownToMs) : null
  const state = follower.state()
  const lookedAtMs = Number.isFinite(changed.toMs) ? changed.toMs : Number.MIN_SAFE_INTEGER
  const readToMs = Math.max(was?.readToMs ?? Number.MIN_SAFE_INTEGER, lookedAtMs)
  return {
    before,
    after: [...settled.filter((finding) => !isEarly(finding)), ...tail],
    track: { state, tail, readToMs },
    judged,
    isRunning: isRunning(point, state, tail, asOfMs),
    earlyMs: early?.fromMs ?? null,
    recordDueMs: early === null ? dueMs : Math.min(early.knownFromMs, dueMs ?? early.knownFromMs),
  }
}

/**
 * A finding is open, what is out goes on, or a rule that something was added up for changes later. Of a sum to which
 * nothing is added a reading alone makes more.
 */
function isRunning(
  { chains }: PreparedPoint,
  state: PointState | null,
  tail: readonly Finding[],
  asOfMs: number,
): boolean {
  if (tail.some(({ open }) => open)) return true
  return chains.some(({ key, terms }) => {
    const run = state?.runs[key]
    if (run === undefined) return false
    const isOut = 'breaches' in run ? run.current !== null : run.isOut
    return isOut || terms.some(({ fromMs }) => fromMs > asOfMs)
  })
}

function earlyOf(findings: readonly Finding[]): Early | null {
  let [fromMs, knownFromMs] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]
  for (const { startMs, alarmMs } of findings) {
    fromMs = Math.min(fromMs, startMs)
    knownFromMs = Math.min(knownFromMs, alarmMs ?? startMs)
  }
  return findings.length === 0 ? null : { fromMs, knownFromMs }
}

/** Follows the stored values from an instant on; `cleanMs` is where it could end early. */
async function followed(
  task: TrackTask,
  from: PointState | null,
  fromMs: number,
  before?: readonly Finding[],
): Promise<{
  readonly settled: readonly Finding[]
  readonly follower: PointFollower
  readonly cleanMs: number | null
}> {
  const { reads, facts, quantity, point } = task
  const settled: Finding[] = []
  const follower = new PointFollower(point, from, settled)
  // without a rule there is nothing to find, and all that was found goes
  for (const values of isRuled(point) ? chunksFrom(reads, facts, quantity, fromMs) : []) {
    for (const { tMs, value } of values) {
      if (before !== undefined && isAsBefore(task, before, follower, tMs)) {
        follower.settle()
        return { settled, follower, cleanMs: follower.last?.tMs ?? null }
      }
      follower.take(tMs, value)
    }
    await task.rest()
  }
  return { settled, follower, cleanMs: null }
}

/** True when the sample before the next one is behind all that has changed, and nothing passes it, now or before. */
function isAsBefore(
  { was, changed }: TrackTask,
  before: readonly Finding[],
  follower: PointFollower,
  nextMs: number,
): boolean {
  const atMs = follower.last?.tMs ?? Number.NEGATIVE_INFINITY
  if (atMs <= changed.toMs || atMs === nextMs || !follower.isClean()) return false
  const stood = was?.state ?? null
  if (was === undefined || stood === null || stood.last.tMs < atMs) return false
  // records too far apart up to its newest are in its tail
  const isAfter = ({ startMs }: { readonly startMs: number }): boolean => startMs >= atMs
  return (
    Object.values(stood.runs).every(isAfter) &&
    was.tail.every(isAfter) &&
    before.every((finding) => isAfter(finding) || (finding.endMs !== null && finding.endMs <= atMs))
  )
}

/** The newest reading before what has changed that no run passes; MIN_SAFE_INTEGER when there is none. */
async function restart({ reads, facts, quantity, point, changed, rest }: TrackTask): Promise<number> {
  const beforeMs = Math.min(changed.fromMs, Number.MAX_SAFE_INTEGER)
  if (!isRuled(point) || beforeMs === Number.NEGATIVE_INFINITY) return Number.MIN_SAFE_INTEGER
  const search = new RestartSearch(point, beforeMs)
  for (const readings of chunksBefore(reads, facts, quantity, beforeMs)) {
    const instant = search.back(readings)
    if (instant !== null) return instant
    await rest()
  }
  return search.end() ?? Number.MIN_SAFE_INTEGER
}

/** False where there is nothing to find. */
function isRuled({ chains, cadences }: PreparedPoint): boolean {
  return chains.length + cadences.length > 0
}
