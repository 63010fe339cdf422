import assert from 'node:assert'
import { type Direction, maxGapFloorMs, maxGapMs } from '../../domain/index.ts'
import type { ExpectedInterval, PointHistory, PointReading } from './input.ts'
import { endOf, isInteger, orderedSpans, type Span, spanAt } from './spans.ts'

/**
 * What was read at one instant. Readings that share an instant (a clock of whole seconds, several numbers) have
 * no order, so the instant counts with its extremes: the highest for heat, the lowest for cold. Both null: every
 * probe was at fault.
 */
export interface Sample {
  readonly tMs: number
  readonly lowMilliC: number | null
  readonly highMilliC: number | null
}

/** A point's readings by instant, and how long each of them speaks. */
export interface Samples {
  readonly all: readonly Sample[]
  /** The instant from which the state is unknown if no other reading follows. */
  knownUntilMs(sample: Sample): number
}

/** The value of an instant that counts for a side; null when the probe was at fault. */
export function judgedValue(sample: Sample, direction: Direction): number | null {
  return direction === 'warm' ? sample.highMilliC : sample.lowMilliC
}

/** Puts readings in order and joins those of one instant. Reading twice, or in another order, changes nothing. */
export function samplesOf(history: PointHistory): Samples {
  const placements = orderedSpans(history.placements, `placements of ${history.point}`)
  const intervals = orderedSpans(history.expectedIntervals, `expected intervals of ${history.point}`)
  const floorMs = maxGapFloorMs(history.placeKind)
  return {
    all: joined(history, placements),
    knownUntilMs: ({ tMs, lowMilliC }) =>
      lowMilliC === null
        ? tMs
        : Math.min(tMs + gapAt(intervals, tMs, floorMs), placementEnd(placements, tMs)),
  }
}

function joined(history: PointHistory, placements: readonly Span[]): readonly Sample[] {
  const samples: Sample[] = []
  for (const reading of inOrder(history.readings)) {
    const { tMs, temperatureMilliC: milliC } = reading
    const isWhole = isInteger(tMs) && (milliC === null || isInteger(milliC))
    assert(isWhole, `${history.point}: the reading ${tMs} ${milliC} is not of integers`)
    if (spanAt(placements, tMs) === undefined) continue
    const previous = samples.at(-1)
    if (previous?.tMs !== tMs) samples.push({ tMs, lowMilliC: milliC, highMilliC: milliC })
    else if (milliC !== null) samples.splice(-1, 1, widened(previous, milliC))
  }
  return samples
}

function widened(sample: Sample, milliC: number): Sample {
  return {
    tMs: sample.tMs,
    lowMilliC: Math.min(sample.lowMilliC ?? milliC, milliC),
    highMilliC: Math.max(sample.highMilliC ?? milliC, milliC),
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
