import assert from 'node:assert'
import type { PointHistory } from './input.ts'
import { type Sample, samplesOf } from './samples.ts'
import { endOf } from './spans.ts'

/** What counts as in range, both ends included; null = no limit on that side. Milli-degrees Celsius. */
export interface Band {
  readonly minMilliC: number | null
  readonly maxMilliC: number | null
}

/** Which time is counted: [fromMs, toMs) of what is known at `asOfMs`, epoch ms. */
export interface TotalsQuery {
  readonly band: Band
  readonly fromMs: number
  readonly toMs: number
  readonly asOfMs: number
}

/** How long it was how warm, ms: inMs + warmMs + coldMs + unknownMs = toMs - fromMs, always. */
export interface TimeInBand {
  readonly inMs: number
  readonly warmMs: number
  readonly coldMs: number
  readonly unknownMs: number
  /** Extremes of what held in the period; null when nothing is known. */
  readonly minMilliC: number | null
  readonly maxMilliC: number | null
}

/** A value that held, from its reading until another came or it was too old. */
interface Stretch {
  readonly fromMs: number
  readonly toMs: number
  readonly value: Sample
}

/** Totals of one point. Time outside of its life is unknown. */
export function timeInBand(history: PointHistory, query: TotalsQuery): TimeInBand {
  return placeTimeInBand([history], query)
}

/**
 * Totals of a place from its judged points: at every instant out if any point is out, else unknown if any is
 * unknown, else in; never an average. Cold comes before warm when points disagree, because cold cannot be undone.
 * Points count during their life only; while there is none, the place is unknown.
 */
export function placeTimeInBand(points: readonly PointHistory[], query: TotalsQuery): TimeInBand {
  assert(query.fromMs <= query.toMs, 'a period does not end before it begins')
  const lanes = points.map((point) => laneOf(point, query))
  const edges = lanes.flatMap(({ fromMs, toMs, stretches }) => [
    fromMs,
    toMs,
    ...stretches.flatMap((stretch) => [stretch.fromMs, stretch.toMs]),
  ])
  const inside = edges.filter((tMs) => query.fromMs < tMs && tMs < query.toMs)
  const instants = [...new Set([query.fromMs, ...inside, query.toMs])].toSorted((a, b) => a - b)
  const total = { in: 0, warm: 0, cold: 0, unknown: 0 }
  for (const [index, fromMs] of instants.entries()) {
    const toMs = instants[index + 1]
    if (toMs !== undefined) total[stateAt(lanes, fromMs, query.band)] += toMs - fromMs
  }
  return {
    inMs: total.in,
    warmMs: total.warm,
    coldMs: total.cold,
    unknownMs: total.unknown,
    ...extremesOf(lanes),
  }
}

/** The stretches of a point inside a period, and the part of its life there. `next` walks along as time does. */
interface Lane {
  readonly fromMs: number
  readonly toMs: number
  readonly stretches: readonly Stretch[]
  next: number
}

function laneOf(history: PointHistory, query: TotalsQuery): Lane {
  const samples = samplesOf(history)
  const horizonMs = Math.max(query.asOfMs, samples.all.at(-1)?.tMs ?? query.asOfMs)
  const fromMs = Math.max(query.fromMs, history.life.fromMs)
  const toMs = Math.min(query.toMs, endOf(history.life))
  const stretches = samples.all
    .map((value, index) => {
      const nextMs = samples.all[index + 1]?.tMs ?? horizonMs
      const knownToMs = Math.min(nextMs, samples.knownUntilMs(value))
      return { value, fromMs: Math.max(fromMs, value.tMs), toMs: Math.min(toMs, knownToMs) }
    })
    .filter((stretch) => stretch.fromMs < stretch.toMs)
  return { fromMs, toMs, stretches, next: 0 }
}

function stateAt(lanes: readonly Lane[], tMs: number, band: Band): 'in' | 'warm' | 'cold' | 'unknown' {
  const alive = lanes.filter((lane) => lane.fromMs <= tMs && tMs < lane.toMs)
  let isWarm = false
  let isUnknown = alive.length === 0
  for (const lane of alive) {
    while ((lane.stretches[lane.next]?.toMs ?? Number.POSITIVE_INFINITY) <= tMs) lane.next += 1
    const stretch = lane.stretches[lane.next]
    if (stretch === undefined || tMs < stretch.fromMs) isUnknown = true
    else if (isBelow(stretch.value, band)) return 'cold'
    else if (isAbove(stretch.value, band)) isWarm = true
  }
  if (isWarm) return 'warm'
  return isUnknown ? 'unknown' : 'in'
}

function isBelow({ low }: Sample, { minMilliC }: Band): boolean {
  return low !== null && minMilliC !== null && low < minMilliC
}

function isAbove({ high }: Sample, { maxMilliC }: Band): boolean {
  return high !== null && maxMilliC !== null && high > maxMilliC
}

function extremesOf(lanes: readonly Lane[]): Pick<TimeInBand, 'minMilliC' | 'maxMilliC'> {
  let minMilliC: number | null = null
  let maxMilliC: number | null = null
  for (const { low, high } of lanes.flatMap(({ stretches }) => stretches.map(({ value }) => value))) {
    if (low !== null && (minMilliC === null || low < minMilliC)) minMilliC = low
    if (high !== null && (maxMilliC === null || high > maxMilliC)) maxMilliC = high
  }
  return { minMilliC, maxMilliC }
}
