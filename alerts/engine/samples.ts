import assert from 'node:assert'
import {
  type Cause,
  HEAT_MILLI_C,
  isPowerUpValue,
  maxGapFloorMs,
  maxGapMs,
  type MeasuredQuantity,
} from '../../domain/index.ts'
import type { ExpectedInterval, PointHistory, PointReading } from './input.ts'
import { endOf, isInteger, orderedSpans, type Span, spanAt } from './spans.ts'

/**
 * What was read at one instant. Readings that share an instant (a clock of whole seconds, several numbers) have
 * no order, so the instant counts with its extremes: the highest for heat and doors, the lowest for cold, power and
 * batteries. Both null: every probe was at fault.
 */
export interface Sample {
  readonly tMs: number
  readonly low: number | null
  readonly high: number | null
  /** Something was read that makes it credible that the next reading is 85.000 (`POWER_UP_MILLI_C`) in earnest. */
  readonly isHot: boolean
}

/** A point's readings by instant, and how long each of them speaks. */
export interface Samples {
  readonly all: readonly Sample[]
  /** The instant from which the state is unknown if no other reading follows. */
  knownUntilMs(sample: Sample): number
}

/** The value of an instant that counts for a cause; null when the probe was at fault. */
export function judgedValue(sample: Sample, cause: Cause): number | null {
  return cause === 'warm' || cause === 'door' ? sample.high : sample.low
}

/**
 * Puts readings in order and joins those of one instant. Reading twice, or in another order, changes nothing. `before`:
 * the sample before them, where an earlier judgement stood; without it there is none, or none that is hot.
 */
export function samplesOf(history: PointHistory, before?: Sample): Samples {
  const placements = orderedSpans(history.placements, `placements of ${history.point}`)
  const intervals = orderedSpans(history.expectedIntervals, `expected intervals of ${history.point}`)
  const floorMs = maxGapFloorMs(history.placeKind)
  const speaksUntilMs = ({ tMs }: Sample): number =>
    Math.min(tMs + gapAt(intervals, tMs, floorMs), placementEnd(placements, tMs))
  return {
    all: joined(history, placements, speaksUntilMs, before),
    knownUntilMs: (sample) => (sample.low === null ? sample.tMs : speaksUntilMs(sample)),
  }
}

function joined(
  history: PointHistory,
  placements: readonly Span[],
  speaksUntilMs: (sample: Sample) => number,
  before: Sample | undefined,
): readonly Sample[] {
  const samples: Sample[] = []
  const widen = widening[history.quantity]
  let isHeat = false
  for (const reading of inOrder(history.readings)) {
    const { tMs, value } = reading
    const isWhole = isInteger(tMs) && (value === null || isInteger(value))
    assert(isWhole, `${history.point}: the reading ${tMs} ${value} is not of integers`)
    if (spanAt(placements, tMs) === undefined) continue
    const previous = samples.at(-1)
    if (previous?.tMs === tMs) {
      if (value !== null) samples.splice(-1, 1, widen(previous, value, isHeat))
      continue
    }
    const earlier = previous ?? before
    isHeat = earlier?.isHot === true && tMs < speaksUntilMs(earlier)
    const nothing = { tMs, low: null, high: null, isHot: false }
    samples.push(value === null ? nothing : widen(nothing, value, isHeat))
  }
  return samples
}

/** The sample with one more value. */
type Widen = (sample: Sample, value: number, isHeat: boolean) => Sample

const widening: Readonly<Record<MeasuredQuantity, Widen>> = {
  temperature: withTemperature,
  door: withValue,
  power: withValue,
  battery: withValue,
}

/** A power-up value counts as heat when it was hot before, and else as nothing. */
function withTemperature(sample: Sample, milliC: number, isHeat: boolean): Sample {
  const isHot = sample.isHot || milliC >= HEAT_MILLI_C
  return isPowerUpValue(milliC, isHeat) ? { ...sample, isHot } : { ...withValue(sample, milliC), isHot }
}

function withValue(sample: Sample, value: number): Sample {
  return {
    tMs: sample.tMs,
    low: Math.min(sample.low ?? value, value),
    high: Math.max(sample.high ?? value, value),
    isHot: sample.isHot,
  }
}

/** Stored readings mostly come in order; sorting is for those that do not. */
function inOrder(readings: readonly PointReading[]): readonly PointReading[] {
  const isInOrder = readings.every(
    (reading, index) => reading.tMs >= (readings[index - 1]?.tMs ?? reading.tMs),
  )
  return isInOrder ? readings : readings.toSorted((a, b) => a.tMs - b.tMs)
}

/** A hand-over is a gap: a sensor does not speak for the point after its placement. */
function placementEnd(placements: readonly Span[], tMs: number): number {
  const placement = spanAt(placements, tMs)
  return placement === undefined ? tMs : endOf(placement)
}

function gapAt(intervals: readonly ExpectedInterval[], tMs: number, floorMs: number): number {
  return maxGapMs(spanAt(intervals, tMs)?.expectedIntervalMs ?? 0, floorMs)
}
