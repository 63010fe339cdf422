import type { PlaceKind } from '../domain/index.ts'

/** Half-open period [fromMs, toMs), epoch ms; null = open. */
export interface Span {
  readonly fromMs: number
  readonly toMs: number | null
}

/** A temperature at a point; milli-degrees Celsius; null: its probe was at fault. */
export interface PointTemperature {
  readonly tMs: number
  readonly temperatureMilliC: number | null
}

/** What the sweep is told of a point; the meaning of each member is the engine's (`PointHistory` in alerts). */
export interface SweptPoint {
  readonly point: string
  readonly quantity: 'temperature'
  readonly placeKind: PlaceKind
  readonly life: Span
  readonly placements: readonly Span[]
  readonly expectedIntervals: readonly (Span & { readonly expectedIntervalMs: number })[]
  /** Values in milli-degrees Celsius. */
  readonly readings: readonly { readonly tMs: number; readonly value: number | null }[]
}

/** Time in band, ms: in + warm + cold + unknown = period. Extremes are null when nothing is known. */
export interface TimeInBand {
  readonly inMs: number
  readonly warmMs: number
  readonly coldMs: number
  readonly unknownMs: number
  readonly minMilliC: number | null
  readonly maxMilliC: number | null
}

/**
 * Time in band of a place from its judged points, in [fromMs, toMs) of what is known at `asOfMs`: the engine's own
 * sweep, passed in, so that an exposure and a finding never tell time differently.
 */
export type Sweep = (
  points: readonly SweptPoint[],
  query: Period & { readonly band: Band; readonly asOfMs: number },
) => TimeInBand

/** What is in range, both ends included; milli-degrees Celsius. */
export interface Band {
  readonly minMilliC: number
  readonly maxMilliC: number
}

interface Period {
  readonly fromMs: number
  readonly toMs: number
}

/** Nothing yet: where adding begins. */
export const noTime: TimeInBand = {
  inMs: 0,
  warmMs: 0,
  coldMs: 0,
  unknownMs: 0,
  minMilliC: null,
  maxMilliC: null,
}

/** Times of two periods, or of two legs, together. */
export function added(a: TimeInBand, b: TimeInBand): TimeInBand {
  return {
    inMs: a.inMs + b.inMs,
    warmMs: a.warmMs + b.warmMs,
    coldMs: a.coldMs + b.coldMs,
    unknownMs: a.unknownMs + b.unknownMs,
    minMilliC: extreme(Math.min, a.minMilliC, b.minMilliC),
    maxMilliC: extreme(Math.max, a.maxMilliC, b.maxMilliC),
  }
}

/** How far the extremes lie outside of the band, milli-degrees; 0 when they do not. */
export function widest({ minMilliC, maxMilliC }: TimeInBand, band: Band): number {
  return Math.max(
    0,
    band.minMilliC - (minMilliC ?? band.minMilliC),
    (maxMilliC ?? band.maxMilliC) - band.maxMilliC,
  )
}

function extreme(pick: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return pick(a, b)
}
