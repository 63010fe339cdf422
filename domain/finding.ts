import type { Direction, RuleLevel } from './rule.ts'

/** `confirmed`: the observed time reached the rule's duration. `suspected`: only observed + unknown time did. */
export type FindingState = 'confirmed' | 'suspected'

/**
 * Why a finding is over. `recovered`: a reading in range, any temperature after silence, or one that the next follows
 * soon enough. `rule-changed`: the value is within the limit of the next version. `rule-ended`: no version followed.
 * `label-changed`: from then on the limit of another label counted, or the rule's own. `duty`: the place went on a duty
 * the rule does not judge. `retired`: the place or the point was. `removed`: the silent sensor was taken away from the
 * point. `window-ended`: the day was over for which time out is added up, or what counted had left the rolling window.
 * `gap`: nothing more was known, and the rule does not wait.
 */
export const endReasons = [
  'recovered',
  'rule-changed',
  'rule-ended',
  'label-changed',
  'duty',
  'retired',
  'removed',
  'window-ended',
  'gap',
] as const
/** One reason; see `endReasons`. */
export type EndReason = (typeof endReasons)[number]

/**
 * `excursion` (温度异常): the temperature was out. `silence` (失联): no temperature came. `door` (开门): a door was open.
 * `power` (断电): there was no mains power. `battery` (电量低): the battery of a sensor was low. `cadence` (记录间隔过长):
 * temperatures were recorded too far apart.
 */
export const findingKinds = ['excursion', 'silence', 'door', 'power', 'battery', 'cadence'] as const
/** One kind; see `findingKinds`. */
export type FindingKind = (typeof findingKinds)[number]

/**
 * What is wrong, as people are called for it: an excursion by its side, anything else by its kind. The findings of one
 * place with one cause are one incident.
 */
export const causes = ['warm', 'cold', 'silence', 'door', 'power', 'battery', 'cadence'] as const
/** One cause; see `causes`. */
export type Cause = (typeof causes)[number]

/** What is wrong by the values of a series. */
export type RunCause = Exclude<Cause, 'silence' | 'cadence'>

/** What findings of every kind say. Times are epoch ms, durations ms; it covers [startMs, endMs), or up to as-of. */
interface FindingBase {
  /** Derived from point, rule, version and start; see docs/engine.md. Re-judging the same gives the same id. */
  readonly id: string
  readonly point: string
  readonly place: string
  readonly rule: string
  /** Version of the pack in force at the start. */
  readonly packVersion: number
  readonly level: RuleLevel
  readonly state: FindingState
  readonly open: boolean
  readonly startMs: number
  /** When the observed time reached the rule's duration, maybe between readings; null while only suspected. */
  readonly alarmMs: number | null
  readonly endMs: number | null
  readonly endReason: EndReason | null
  /** Time seen out of range, silent, or between records too far apart. Only this counts. */
  readonly observedMs: number
  /** Longest it can have lasted: observed time and the unknown time before a reading in range. */
  readonly worstCaseMs: number
}

/** What findings by the values of a series say. */
interface RunFindingBase extends FindingBase {
  /** True when there is unknown time with values that are out on both sides. */
  readonly bridged: boolean
  /** Instants with a reading that is out it rests on. */
  readonly readings: number
  /** Confirmed, but by one reading alone. */
  readonly confirmedBySingleReading: boolean
}

/**
 * The temperature at a point was out of range. It starts with the first out-of-range reading, or at the instant the
 * rule began to apply to a value that was already out; `observedMs` of it was seen out and the rest is unknown.
 */
export interface Excursion extends RunFindingBase {
  readonly kind: 'excursion'
  readonly direction: Direction
  /** The most extreme value, and the first instant it was seen. */
  readonly peakMilliC: number
  readonly peakMs: number
  /**
   * Whose label, and what it allows, when that was tighter than the rule where it began; left out where the limit was
   * the rule's own.
   */
  readonly labelProduct?: string
  readonly labelMilliC?: number
}

/** The same of a door that was open, of mains power that was missing, of a battery that was low. */
export interface Condition extends RunFindingBase {
  readonly kind: 'door' | 'power' | 'battery'
}

/**
 * No temperature of a point came for as long as the rule allows, by the clock of whoever received: it starts when the
 * last one had come. What is delivered later fills the readings, and does not change that nobody knew.
 */
export interface Silence extends FindingBase {
  readonly kind: 'silence'
  readonly state: 'confirmed'
  readonly alarmMs: number
}

/**
 * Temperatures of a point were recorded further apart than the rule allows, by the times of the readings themselves: it
 * starts at the one that the next came too late after, and ends at the one that the next came soon enough after. What
 * is delivered later fills it.
 */
export interface Cadence extends FindingBase {
  readonly kind: 'cadence'
  readonly state: 'confirmed'
  readonly alarmMs: number
  /** Intervals from one record to the next that were too long, and the longest of them. */
  readonly intervals: number
  readonly longestMs: number
}

/** What the engine concludes about a point. */
export type Finding = Excursion | Condition | Silence | Cadence

/** What people are called for on account of a finding. */
export function causeOf(
  finding: Pick<Excursion, 'kind' | 'direction'> | Pick<Condition | Silence | Cadence, 'kind'>,
): Cause {
  return finding.kind === 'excursion' ? finding.direction : finding.kind
}

/** The side of a temperature that people are called for; null for every other cause. */
export function directionOfCause(cause: Cause): Direction | null {
  return cause === 'warm' || cause === 'cold' ? cause : null
}

/** The findings about temperature among them. */
export function excursionsOf(found: readonly Finding[]): readonly Excursion[] {
  return found.filter((finding) => finding.kind === 'excursion')
}
