import type { Direction, RuleLevel } from './rule.ts'

/** `confirmed`: the observed time reached the rule's duration. `suspected`: only observed + unknown time did. */
export type FindingState = 'confirmed' | 'suspected'

/**
 * Why a finding is over. `recovered`: a reading in range. `rule-changed`: the value is within the limit of the
 * next version. `rule-ended`: no version followed. `duty`: the place went on a duty the rule does not judge.
 * `retired`: the place or the point was.
 */
export const endReasons = ['recovered', 'rule-changed', 'rule-ended', 'duty', 'retired'] as const
/** One reason; see `endReasons`. */
export type EndReason = (typeof endReasons)[number]

/**
 * What the engine concludes about a point: an excursion (温度异常). Times are epoch ms, durations ms. It covers
 * [startMs, endMs), or up to as-of while open; of that, `observedMs` was seen out and the rest is unknown.
 */
export interface Finding {
  /** Derived from point, rule, version and start; see docs/engine.md. Re-judging the same gives the same id. */
  readonly id: string
  readonly point: string
  readonly place: string
  readonly rule: string
  /** Version of the pack in force at the start. */
  readonly packVersion: number
  readonly level: RuleLevel
  readonly direction: Direction
  readonly state: FindingState
  readonly open: boolean
  /** First out-of-range reading, or the instant the rule began to apply to a value that was already out. */
  readonly startMs: number
  /** When the observed time reached the rule's duration, maybe between readings; null while only suspected. */
  readonly alarmMs: number | null
  readonly endMs: number | null
  readonly endReason: EndReason | null
  /** The most extreme value, and the first instant it was seen. */
  readonly peakMilliC: number
  readonly peakMs: number
  /** Time seen out of range. Only this counts as excursion. */
  readonly observedMs: number
  /** Longest it can have lasted: observed time and the unknown time before a reading in range. */
  readonly worstCaseMs: number
  /** True when there is unknown time with out-of-range values on both sides. */
  readonly bridged: boolean
  /** Instants with an out-of-range reading it rests on. */
  readonly readings: number
  /** Confirmed, but by one reading alone. */
  readonly confirmedBySingleReading: boolean
}
