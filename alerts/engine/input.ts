import type { Duty, LabelLimit, MeasuredQuantity, PlaceKind, PointRole, Rule } from '../../domain/index.ts'
import type { Span } from './spans.ts'

/** One reading of a point, already linked to it. Order and repetition do not matter. */
export interface PointReading {
  /** The instant used everywhere, epoch ms. */
  readonly tMs: number
  /**
   * In whole numbers: milli-degrees Celsius, thousandths of a percent, or 1 and 0 for a door that is open and power
   * that is there. Null = the probe was at fault, so the state is unknown from this instant on.
   */
  readonly value: number | null
}

/** What is known of one quantity at a point. Periods of one kind must not overlap. */
export interface PointHistory {
  readonly point: string
  readonly quantity: MeasuredQuantity
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

/** A quantity of a judged point with everything the rules about it need. */
export interface PointInput extends PointHistory {
  readonly place: string
  /** IANA zone of its site: where its days begin. */
  readonly zone: string
  readonly role: PointRole
  /** What its place did. Where none holds, `defaultDuty` of the kind does. */
  readonly duties: readonly DutyPeriod[]
  /** Versions of rules with the periods they are in force at this place; those of other quantities do not matter. */
  readonly rules: readonly RuleInForce[]
}

/** What is known of a point but its readings: what they are judged by. */
export type PointSubject = Omit<PointInput, 'readings'>

/** A duty during a period. */
export interface DutyPeriod extends Span {
  readonly duty: Duty
}

/** One version of a rule while it is in force. A version that begins where another ends is its successor. */
export interface RuleInForce<R extends Rule = Rule> extends Span {
  readonly packVersion: number
  /** With the limit that holds. */
  readonly rule: R
  /** The label that the limit is from; left out where it is the one of the pack. */
  readonly label?: LabelLimit
}

/** Everything the engine looks at: each quantity of each judged point once. */
export interface EngineInput {
  readonly points: readonly PointInput[]
}
