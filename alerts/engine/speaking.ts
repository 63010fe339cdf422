import { maxGapFloorMs, maxGapMs } from '../../domain/index.ts'
import type { ExpectedInterval, PointHistory } from './input.ts'
import type { Sample } from './samples.ts'
import { endOf, orderedSpans, type Span, spanAt } from './spans.ts'

/** Which readings are of a point, and for how long each of them speaks. */
export class Speaking {
  readonly #placements: readonly Span[]
  readonly #intervals: readonly ExpectedInterval[]
  readonly #floorMs: number
  // readings mostly come in order of time, so the period of the last one is asked first
  #placement: Span | undefined
  #interval: ExpectedInterval | undefined

  constructor({ point, placeKind, placements, expectedIntervals }: Omit<PointHistory, 'readings'>) {
    this.#placements = orderedSpans(placements, `placements of ${point}`)
    this.#intervals = orderedSpans(expectedIntervals, `expected intervals of ${point}`)
    this.#floorMs = maxGapFloorMs(placeKind)
  }

  /** True while a sensor is placed. */
  isPlaced(tMs: number): boolean {
    return this.#placementAt(tMs) !== undefined
  }

  /** The instant at which a sample is too old, or no longer of the point: a hand-over is a gap. */
  untilMs({ tMs }: Sample): number {
    const placement = this.#placementAt(tMs)
    const interval = this.#intervalAt(tMs)
    const gapMs = maxGapMs(interval?.expectedIntervalMs ?? 0, this.#floorMs)
    return Math.min(tMs + gapMs, placement === undefined ? tMs : endOf(placement))
  }

  /** The instant from which the state is unknown if no other reading follows. */
  knownUntilMs(sample: Sample): number {
    return sample.low === null ? sample.tMs : this.untilMs(sample)
  }

  #placementAt(tMs: number): Span | undefined {
    const known = this.#placement
    if (known !== undefined && stillIn(known, tMs)) return known
    return (this.#placement = spanAt(this.#placements, tMs))
  }

  #intervalAt(tMs: number): ExpectedInterval | undefined {
    const known = this.#interval
    if (known !== undefined && stillIn(known, tMs)) return known
    return (this.#interval = spanAt(this.#intervals, tMs))
  }
}

/**
 * As `isWithin`, for every reading: spans of every shape go through that one, and a field that is read of many shapes
 * takes several times as long.
 */
function stillIn({ fromMs, toMs }: Span, tMs: number): boolean {
  return fromMs <= tMs && (toMs === null || tMs < toMs)
}
