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
  const total = { in: 0, warm: 0, cold: 0, unknown: 0 }
  const now: Count = { alive: 0, known: 0, warm: 0, cold: 0 }
  let sinceMs = query.fromMs
  for (const { tMs, of, by } of changesOf(lanes, query.band)) {
    total[stateOf(now)] += tMs - sinceMs
    sinceMs = tMs
    now[of] += by
  }
  total[stateOf(now)] += query.toMs - sinceMs
  return {
    inMs: total.in,
    warmMs: total.warm,
    coldMs: total.cold,
    unknownMs: total.unknown,
    ...extremesOf(lanes),
  }
}

/** How many points are there, how many of them are known, and how many of those are out, at an instant. */
type Count = Record<'alive' | 'known' | 'warm' | 'cold', number>

/** From an instant on one point more is something, or one less. */
interface Change {
  readonly tMs: number
  readonly of: keyof Count
  readonly by: 1 | -1
}

/** The stretches of a point inside a period, and the part of its life there. */
interface Lane {
  readonly fromMs: number
  readonly toMs: number
  readonly stretches: readonly Stretch[]
}

function laneOf(history: PointHistory, query: TotalsQuery): Lane {
  const samples = samplesOf(history)
  const horizonMs = Math.max(query.asOfMs, samples.all.at(-1)?.tMs ?? query.asOfMs)
  const lifeFromMs = Math.max(query.fromMs, history.life.fromMs)
  const lifeToMs = Math.min(query.toMs, endOf(history.life))
  const stretches: Stretch[] = []
  for (const [index, value] of samples.all.entries()) {
    const nextMs = samples.all[index + 1]?.tMs ?? horizonMs
    // asked for what may speak in the period only: how long it speaks takes longer to tell than this
    if (nextMs <= lifeFromMs || value.tMs >= lifeToMs) continue
    const fromMs = Math.max(lifeFromMs, value.tMs)
    const toMs = Math.min(lifeToMs, nextMs, samples.knownUntilMs(value))
    if (fromMs < toMs) stretches.push({ value, fromMs, toMs })
  }
  return { fromMs: lifeFromMs, toMs: lifeToMs, stretches }
}

/** What changes inside the period, in order of time: looked at once each, however many points there are. */
function changesOf(lanes: readonly Lane[], band: Band): readonly Change[] {
  const changes: Change[] = []
  const during = (of: keyof Count, { fromMs, toMs }: Pick<Stretch, 'fromMs' | 'toMs'>): void => {
    changes.push({ tMs: fromMs, of, by: 1 }, { tMs: toMs, of, by: -1 })
  }
  for (const lane of lanes) {
    if (lane.fromMs >= lane.toMs) continue
    during('alive', lane)
    for (const stretch of lane.stretches) {
      during('known', stretch)
      if (isBelow(stretch.value, band)) during('cold', stretch)
      else if (isAbove(stretch.value, band)) during('warm', stretch)
    }
  }
  return changes.toSorted((a, b) => a.tMs - b.tMs)
}

function stateOf({ alive, known, warm, cold }: Count): 'in' | 'warm' | 'cold' | 'unknown' {
  if (cold > 0) return 'cold'
  if (warm > 0) return 'warm'
  return alive === 0 || known < alive ? 'unknown' : 'in'
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
  for (const { stretches } of lanes) {
    for (const { value } of stretches) {
      if (value.low !== null && (minMilliC === null || value.low < minMilliC)) minMilliC = value.low
      if (value.high !== null && (maxMilliC === null || value.high > maxMilliC)) maxMilliC = value.high
    }
  }
  return { minMilliC, maxMilliC }
}
