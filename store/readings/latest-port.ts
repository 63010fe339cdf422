import type { ChangedRow, TemperatureRow } from './canonical-port.ts'

/** The newest row of a sensor, and what makes its temperature doubtful. */
export interface LatestRow extends ChangedRow {
  /** The newest instant later than the row at which the probe was at fault; null when there is none. */
  readonly faultMs: number | null
  /** What was at the sensor's instant before it; only for a row whose temperature may be a power-up value. */
  readonly earlier: TemperatureRow | null
}

/** What a display of the newest values asks; a series is a sensor by its number (`newSeries` lists them). */
export interface LatestReads {
  /** Series of which records [fromIndex, toIndex) changed anything, faults too, in no order. From indexes alone. */
  changedSeries(fromIndex: number, toIndex: number): readonly number[]
  /** The newest row of each series by (t, sub), as it now stands; a series without rows is left out. */
  latestOf(series: readonly number[]): readonly LatestRow[]
}
