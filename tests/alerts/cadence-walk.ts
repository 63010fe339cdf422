import type { PointInput } from '../../alerts/index.ts'
import type { Cadence, CadenceRule, EndReason } from '../../domain/index.ts'
import { MINUTE_MS, START_MS } from './series.ts'
import { horizonOf, temperaturesAt, versionAt } from './ticks.ts'

/** A finding but for what is the same of all, times as they are. */
export type WalkedCadence = Pick<
  Cadence,
  | 'rule'
  | 'packVersion'
  | 'startMs'
  | 'alarmMs'
  | 'endMs'
  | 'endReason'
  | 'observedMs'
  | 'intervals'
  | 'longestMs'
>

/** One interval of the walk: since when the rule asks, by which version it began, and when it became too long. */
interface Waiting {
  readonly sinceMs: number
  readonly packVersion: number
  lateMs: number | null
}

/**
 * How far apart records were, found minute by minute from the description in docs/engine.md: at each of them everything
 * is asked anew. Right for inputs whose times are whole minutes from START_MS on.
 */
export function walkedCadences(point: PointInput, asOfMs: number): WalkedCadence[] {
  const rules = point.rules.filter(({ rule }) => rule.quantity === 'recording')
  return [...new Set(rules.map(({ rule }) => rule.id))].flatMap((id) => walked(point, id, asOfMs))
}

function walked(point: PointInput, id: string, asOfMs: number): WalkedCadence[] {
  const found: WalkedCadence[] = []
  const records = new Map(
    point.readings
      .map(({ tMs }): [number, readonly number[]] => [tMs, temperaturesAt(point, tMs)])
      .filter(([, temperatures]) => temperatures.length > 0),
  )
  const horizonMs = horizonOf(point, asOfMs)
  let run: WalkedCadence | undefined
  let waiting: Waiting | undefined
  const close = (endMs: number, endReason: EndReason): void => {
    if (run !== undefined) found.push({ ...run, endMs, endReason })
    run = undefined
  }
  const measure = (toMs: number): void => {
    if (waiting === undefined || waiting.lateMs === null) return
    const { sinceMs, packVersion, lateMs } = waiting
    run ??= {
      rule: id,
      packVersion,
      startMs: sinceMs,
      alarmMs: lateMs,
      endMs: null,
      endReason: null,
      observedMs: 0,
      intervals: 0,
      longestMs: 0,
    }
    const longestMs = Math.max(run.longestMs, toMs - sinceMs)
    const observedMs = run.observedMs + toMs - sinceMs
    run = { ...run, observedMs, intervals: run.intervals + 1, longestMs }
  }
  for (let tMs = START_MS; tMs <= horizonMs; tMs += MINUTE_MS) {
    const isRecord = records.has(tMs)
    if (isRecord) {
      measure(tMs)
      if (waiting?.lateMs === null) close(waiting.sinceMs, 'recovered')
      waiting = undefined
    }
    const { asked, reason, packVersion } = askedAt(point, id, tMs, records)
    if (asked === undefined) {
      measure(tMs)
      waiting = undefined
      close(tMs, isRecord && reason === 'rule-changed' ? 'recovered' : reason)
    } else if (tMs < horizonMs) {
      waiting ??= { sinceMs: tMs, packVersion, lateMs: null }
      if (tMs - waiting.sinceMs >= asked.mode.durationMs) waiting.lateMs ??= tMs
    }
  }
  measure(horizonMs)
  return run === undefined ? found : [...found, run]
}

/** The version that asks for the next record at an instant, or why none does; before the first record none. */
function askedAt(
  point: PointInput,
  id: string,
  tMs: number,
  records: ReadonlyMap<number, readonly number[]>,
): { asked: CadenceRule | undefined; reason: EndReason; packVersion: number } {
  const { rule, reason, packVersion } = versionAt(point, id, tMs)
  if (rule?.quantity !== 'recording') return { asked: undefined, reason, packVersion }
  const newestMs = Math.max(...[...records.keys()].filter((each) => each <= tMs))
  const newest = records.get(newestMs)
  const isAsked = newest !== undefined && isOutBy(rule, newest)
  return { asked: isAsked ? rule : undefined, reason: 'rule-changed', packVersion }
}

function isOutBy({ out }: CadenceRule, values: readonly number[]): boolean {
  if (out === null) return true
  return values.some((milliC) => {
    if (milliC === out.limitMilliC) return out.operator.endsWith('=')
    return milliC > out.limitMilliC === out.operator.startsWith('>')
  })
}
