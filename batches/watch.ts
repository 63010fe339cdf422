import type { PointFact } from '../domain/index.ts'
import type { Period } from './facts.ts'
import { laneOf, lifeOf, type SweptParts, windowsOf, withReadings } from './lanes.ts'
import type { Band, SweptPoint } from './sweep.ts'

/** A day, or less, of a point. */
export interface PointDay extends Period {
  /** What was read at the point in this time, earliest first; without faults. */
  readonly readings: SweptPoint['readings']
  /** Time in it without a value that still spoke, ms. */
  readonly unknownMs: number
}

/** Whatever it is, it is in range: only what is not known counts. */
const ANYTHING: Band = { minMilliC: Number.MIN_SAFE_INTEGER, maxMilliC: Number.MAX_SAFE_INTEGER }

/** A point in a period, day by day, of what is known at `asOfMs`. Only one day's readings are in memory. */
export function* pointDays(
  parts: SweptParts,
  point: PointFact,
  period: Period,
  asOfMs: number,
): Generator<PointDay> {
  const lane = laneOf(parts.facts, point, period)
  for (const window of windowsOf(period)) {
    const swept = withReadings(parts, lane, window)
    const { unknownMs } = parts.sweep([swept], { ...window, band: ANYTHING, asOfMs })
    const readings = swept.readings.filter(({ tMs, value }) => tMs >= window.fromMs && value !== null)
    yield { ...window, readings, unknownMs }
  }
}

/** The part of a period in which a point was there; undefined when there is none. */
export function lifeWithin(facts: SweptParts['facts'], point: PointFact, period: Period): Period | undefined {
  const life = lifeOf(facts, point)
  const fromMs = Math.max(period.fromMs, life.fromMs)
  const toMs = Math.min(period.toMs, life.toMs ?? period.toMs)
  return fromMs < toMs ? { fromMs, toMs } : undefined
}
