import type { Duty, PlaceKind, PointRole, Rule } from '../../domain/index.ts'
import type { Span } from './spans.ts'

/** One reading of a point, already linked to it. Order and repetition do not matter. */
export interface PointReading {
  /** The instant used everywhere, epoch ms. */
  readonly tMs: number
  /** Milli-degrees Celsius; null = the probe was at fault, so the state is unknown from this instant on. */
  readonly temperatureMilliC: number | null
}

/** What is known of the temperature at a point. Periods of one kind must not overlap. */
export interface PointHistory {
  readonly point: string
  /** Kind of the place; for a compartment, the kind of what it is part of. Decides gap floor and default duty. */
  readonly placeKind: PlaceKind
  /** From when the point exists until it was retired. */
  readonly life: Span
  /** Periods of its successive judged placements. Readings outside of them are not of this point. */
  readonly placements: readonly Span[]
  /** How often the placed sensor was expected to report. Where none holds, the gap floor alone counts. */
  readonly expectedIntervals: readonly ExpectedInterval[]
  readonly readings: readonly PointReading[]
}

/** The expected interval during a period, ms. */
export interface ExpectedInterval extends Span {
  readonly expectedIntervalMs: number
}

/** A judged point with everything the rules need. */
export interface PointInput extends PointHistory {
  readonly place: string
  readonly role: PointRole
  /** What its place did. Where none holds, `defaultDuty` of the kind does. */
  readonly duties: readonly DutyPeriod[]
  /** Versions of rules with the periods they are in force at this place. */
  readonly rules: readonly RuleInForce[]
}

/** A duty during a period. */
export interface DutyPeriod extends Span {
  readonly duty: Duty
}

/** One version of a rule while it is in force. A version that begins where another ends is its successor. */
export interface RuleInForce extends Span {
  readonly packVersion: number
  readonly rule: Rule
}

/** Everything the engine looks at: each judged point once. */
export interface EngineInput {
  readonly points: readonly PointInput[]
}
