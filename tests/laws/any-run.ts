import * as fc from 'fast-check'
import type { PointInput, PointReading, Span } from '../../alerts/index.ts'
import { anyAsOf, anyPoint, anyRecorded, anyRolling, anySum, readingRows } from '../alerts/arbitrary.ts'
import { minute } from '../alerts/series.ts'
import { anyDeliveries, type Delivery } from './deliveries.ts'

/** What is done to one point, and what all ways of judging it must agree on. */
export interface LawRun {
  readonly point: PointInput
  /** Another one, whose rules add time up. */
  readonly summed: PointInput
  /** Another one, whose rules ask how far apart its records are. */
  readonly recorded: PointInput
  /** Of the same place. */
  readonly other: PointInput
  readonly asOfMs: number
  /** The same, so much later. */
  readonly shiftMs: number
  /** Says in which order things are given. */
  readonly order: number
  /** Instants between which readings are judged together. */
  readonly cutsMs: readonly number[]
  /** Readings that come when the others were judged. */
  readonly late: readonly PointReading[]
  /** From an instant on the facts of the point are those of this one. */
  readonly correction: { readonly atMs: number; readonly facts: PointInput }
  readonly road: Road
  /** Of another sensor, with and without time, on both sides of what is trusted. */
  readonly deliveries: readonly Delivery[]
}

/** Readings of a sensor on their way: numbered, in messages, late, more than once, sometimes two of one number. */
export interface Road {
  /** As they were taken: `at` in minutes of the series. */
  readonly readings: readonly { readonly at: number; readonly temperature: unknown }[]
  /** What is sent, in this order: which reading, and whether with another value than before. */
  readonly sent: readonly { readonly seq: number; readonly other: boolean }[]
  /** Readings of each message, in turn. */
  readonly sizes: readonly number[]
}

const temperatures = [5, 5, 5, 9, 9, 9, 7.5, 12, 1, -1, 85, 70, 327.67, 'nan', null]

const anyRoad: fc.Arbitrary<Road> = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 5, 5, 5, 14, 15, 16, 40), fc.constantFrom(...temperatures)), {
    minLength: 1,
    maxLength: 12,
  })
  .chain((steps) => {
    let at = 0
    const readings = steps.map(([step, temperature]) => ({ at: (at += step), temperature }))
    const numbers = [...readings.keys()]
    const again = fc.array(fc.record({ seq: fc.nat(readings.length - 1), other: fc.boolean() }), {
      maxLength: 5,
    })
    const order = fc.oneof(fc.constant(numbers), fc.shuffledSubarray(numbers, { minLength: readings.length }))
    return fc.record({
      readings: fc.constant(readings),
      sent: fc.tuple(order, again).map(([first, more]) => [
        ...first.map((seq) => ({ seq, other: false })),
        // what comes again comes behind its first
        ...more,
      ]),
      sizes: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 }),
    })
  })

/** Any run. */
export const anyRun: fc.Arbitrary<LawRun> = fc.record({
  point: anyPoint,
  summed: fc.oneof(anySum, anyRolling),
  recorded: anyRecorded,
  other: anyPoint.map((point) => ({ ...point, point: 'other' })),
  asOfMs: anyAsOf,
  // mostly such that midnight in China, 16 hours after the series begins, falls into it
  shiftMs: fc
    .oneof(fc.constant(0), fc.integer({ min: 700, max: 960 }), fc.integer({ min: 0, max: 1_440 }))
    .map((minutes) => minutes * 60_000),
  order: fc.nat(),
  cutsMs: fc.array(fc.integer({ min: 0, max: 400 }).map(minute), { maxLength: 5 }),
  late: fc
    .tuple(readingRows, fc.integer({ min: 0, max: 300 }))
    .map(([rows, from]) =>
      rows.slice(0, 6).map((row) => ({ ...row, tMs: row.tMs + minute(from) - minute(0) })),
    ),
  correction: fc
    .tuple(anyPoint, fc.integer({ min: 0, max: 300 }))
    .map(([facts, at]) => ({ facts, atMs: minute(at) })),
  road: anyRoad,
  deliveries: anyDeliveries,
})

/** The point with the facts of another one from an instant on. */
export function corrected(point: PointInput, { atMs, facts }: LawRun['correction']): PointInput {
  const spliced = <S extends Span>(before: readonly S[], after: readonly S[]): S[] => [
    ...before
      .filter(({ fromMs }) => fromMs < atMs)
      .map((span) => ({ ...span, toMs: Math.min(span.toMs ?? atMs, atMs) })),
    ...after
      .filter(({ toMs }) => toMs === null || toMs > atMs)
      .map((span) => ({ ...span, fromMs: Math.max(span.fromMs, atMs) })),
  ]
  return {
    ...point,
    placements: spliced(point.placements, facts.placements),
    expectedIntervals: spliced(point.expectedIntervals, facts.expectedIntervals),
    duties: spliced(point.duties, facts.duties),
    rules: spliced(point.rules, facts.rules),
  }
}

/** The point, so much later. */
export function later(point: PointInput, byMs: number): PointInput {
  const span = <S extends Span>(each: S): S => ({
    ...each,
    fromMs: each.fromMs + byMs,
    toMs: each.toMs === null ? null : each.toMs + byMs,
  })
  return {
    ...point,
    life: span(point.life),
    placements: point.placements.map(span),
    expectedIntervals: point.expectedIntervals.map(span),
    duties: point.duties.map(span),
    rules: point.rules.map(span),
    readings: point.readings.map((reading) => ({ ...reading, tMs: reading.tMs + byMs })),
  }
}
