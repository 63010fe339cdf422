import type { LatestReads } from './latest-port.ts'
import type { HeldReason, LogPosition, Mark, Measurements, PublishedKind } from '../../domain/index.ts'
import type { Page } from '../page.ts'
import type {
  Bucket,
  ConsumerName,
  CursorPosition,
  NumericQuantity,
  Period,
  ReadingReads,
  Selection,
  SensorPeriod,
  SeriesRow,
} from './port.ts'
import type { ChangedTuples } from './tuples.ts'

/** What only the canonical store knows of a reading, beside what InfluxDB knows too. */
export interface CanonicalRow extends SeriesRow {
  /** As sent; null when the device did not say. */
  readonly atMs: number | null
  /** Degrees. */
  readonly lat?: number
  readonly lon?: number
  readonly marks: readonly Mark[]
  /** The record that stored it, and its place in that record. */
  readonly position: LogPosition & { readonly item: number }
}

/** A held message (item null) or reading as stored. */
export interface HeldItem {
  readonly position: LogPosition & { readonly item: number | null }
  readonly device: string
  readonly receivedAtMs: number
  readonly reason: HeldReason
  readonly detail: string
  readonly excerpt: string
  /** The record by which it was decided that this is not what is true; null while it waits. */
  readonly decidedBy: LogPosition | null
}

/** Which held rows; `devices` undefined = of every device. */
export interface HeldFilter {
  readonly devices?: readonly string[]
  readonly reason?: string
  /** Only of this record. */
  readonly index?: number
  /** Only what nothing was decided of. */
  readonly waiting?: true
}

/** How messages and readings were counted (promise 2), of one device or of all. */
export interface Counts {
  /** `pending = journalled - decoded - held`; below 0 while the census is behind ingest. */
  readonly messages: {
    readonly journalled: number
    readonly decoded: number
    readonly held: number
    readonly pending: number
  }
  /** Of decoded messages: `decoded = stored + complement + duplicate + held`. */
  readonly readings: {
    readonly decoded: number
    readonly stored: number
    readonly complement: number
    readonly duplicate: number
    readonly held: number
  }
  /** Next record of each of the two counting followers, at the instant the counters were read. */
  readonly cursors: { readonly ingest: number; readonly census: number }
}

/** The balance of one device. */
export interface Balance extends Counts {
  readonly device: string
  /** The readings add up, and `pending` is what the distance of the two followers allows: 0 when they are level. */
  readonly balanced: boolean
}

/** The balance of everything. */
export interface Totals extends Counts {
  readonly devices: number
  readonly series: number
  /**
   * The readings add up, and over all devices `decoded + held` messages are ingest's cursor and `journalled`
   * is the census's cursor: every record of the log was counted exactly once by either.
   */
  readonly balanced: boolean
}

/** A series that sent its first reading; `no` ascends in the order of first use. */
export interface NewSeries {
  readonly no: number
  readonly device: string
  readonly sensor: string
  readonly firstReceivedAtMs: number
}

/** A canonical row as it now stands, for a projection. */
export interface ChangedRow {
  readonly series: number
  readonly device: string
  readonly sensor: string
  readonly tMs: number
  readonly sub: number
  readonly seq: number | null
  readonly receivedAtMs: number
  readonly values: Measurements
}

/** Rows last changed by records [the asked index, `next`), whole records only. */
export interface ChangedRows {
  readonly rows: readonly ChangedRow[]
  readonly next: number
}

/** The newest message of a kind a device sent. */
export interface LastMessage {
  readonly kind: Exclude<PublishedKind, 'readings'>
  readonly receivedAtMs: number
  readonly json: string
}

/** Where sensors are placed, from the facts; what `Selection` by point means in the canonical store. */
export interface PlacedPeriods {
  /** When which sensors were at the point during the period. */
  at(point: string, period: Period): readonly SensorPeriod[]
  /** When the sensor was at any point, earliest first. */
  of(device: string, sensor: string): readonly Period[]
}

/** What can be selected of the canonical readings: also any pieces of sensors that do not overlap. */
export type CanonicalSelection =
  | Selection
  | { readonly by: 'pieces'; readonly pieces: readonly SensorPeriod[] }

/** A temperature by itself, milli-degrees Celsius; null: the probe was at fault (`ProbeFault`). */
export interface TemperatureRow {
  readonly tMs: number
  readonly temperatureMilliC: number | null
}

/** In which time rows of a sensor were stored or changed; both ends are instants of such rows, epoch ms. */
export interface ChangedSpan {
  readonly device: string
  readonly sensor: string
  readonly firstMs: number
  readonly lastMs: number
}

/** In which time a sensor was at fault, by what records said; both ends are such instants. */
export type FaultSpan = ChangedSpan

/** Long nothing came of a sensor, once or several times in this time; by the clock of whoever received, epoch ms. */
export interface SensorSilence {
  readonly device: string
  readonly sensor: string
  readonly fromMs: number
  readonly toMs: number
  /** How long the longest of them was. */
  readonly longestMs: number
}

/** How the readings of a piece came. */
export interface PieceTally {
  /** Canonical rows, with whatever fields. */
  readonly stored: number
  /** Those of them marked `storeAndForward`: true, but delivered late. */
  readonly late: number
  /** How often one of them arrived again. */
  readonly duplicate: number
}

/** Held readings and messages of a device, by sensor and reason. */
export interface HeldCount {
  /** Null where what was held does not tell: a whole message, or a reading that names no sensor there can be. */
  readonly sensor: string | null
  readonly reason: HeldReason
  readonly count: number
}

/** What the newest readings of a device tell of its clock and its way to us. */
export interface DeviceClock {
  /**
   * Median of arrival minus stated time over the newest readings that were not delivered late: above 0 the clock is
   * behind, or readings travel long; below 0 it is ahead. Null without a stated time.
   */
  readonly offsetMs: number | null
  /** How many readings that is. */
  readonly readings: number
  /** Arrival minus instant of the newest reading; null without readings. */
  readonly lagMs: number | null
  /** When the newest reading came, epoch ms. */
  readonly lastReceivedAtMs: number | null
}

/** Numbers of a boot of a device that no stored reading carries, both ends included, and when their neighbours were. */
export interface SeqGap {
  readonly boot: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly fromMs: number
  readonly toMs: number
}

/** Two readings of a sensor that follow each other, further apart than asked. */
export interface TimeGap {
  readonly sensor: string
  readonly fromMs: number
  readonly toMs: number
}

/** What the projection asks of the canonical store. */
export interface ProjectionReads {
  cursor(name: ConsumerName): number
  /**
   * Rows last changed by records [fromIndex, toIndex), by (record, series, t, sub). About `limit` rows: a
   * record is never split, so one record's rows come together however many they are.
   */
  changedRows(fromIndex: number, toIndex: number, limit: number): ChangedRows
  /** Such rows by their columns, series by series. */
  changedTuples(fromIndex: number, toIndex: number, limit: number): ChangedTuples
  /** Whose rows those of a series are: that never changes. Undefined for a number that is none. */
  sensorOf(series: number): { readonly device: string; readonly sensor: string } | undefined
  heldPointCount(): number
  /** Rows of a piece by (t, sub) behind (t, sub) `after`, at most `limit`. */
  rowsOf(piece: SensorPeriod, limit: number, after?: Pick<ChangedRow, 'tMs' | 'sub'>): readonly ChangedRow[]
}

/** Where a row stands among the held ones of a reason; `item` null for a whole message. */
export interface HeldKey {
  readonly index: number
  readonly item: number | null
}

/**
 * The canonical readings, open for reading only. A list reads sensor by sensor: what is stored meanwhile may be in it
 * or not. `devices`, where it is an argument, leaves out every other device; it is how a caller's scope is kept.
 */
export interface CanonicalReads extends ReadingReads, ProjectionReads, LatestReads {
  buckets(
    selection: CanonicalSelection,
    period: Period,
    stepMs: number,
    quantity: NumericQuantity,
    devices?: readonly string[],
  ): Promise<readonly Bucket[]>
  /** Readings ascending by (t, sensor, sub), with marks and log positions, which only the canonical store has. */
  page(
    selection: CanonicalSelection,
    period: Period,
    limit: number,
    after?: string,
    devices?: readonly string[],
  ): Page<CanonicalRow>
  /** Faults that records [fromIndex, toIndex) told of, sensor by sensor. */
  changedFaults(fromIndex: number, toIndex: number): readonly FaultSpan[]
  /** Before which record about `rows` rows were changed by those from `fromIndex` on, at least by one of them. */
  changedTo(fromIndex: number, toIndex: number, rows: number): number
  /** In which time rows before an instant lie that records [fromIndex, toIndex) changed, sensor by sensor. */
  changedSpans(fromIndex: number, toIndex: number, beforeMs: number): readonly ChangedSpan[]
  /**
   * In which time silences lie that records [fromIndex, toIndex) ended, sensor by sensor. Those that one stretch of the
   * journal told of may be told of with the last of them: not before the record that ended one, nor after the stretch.
   */
  changedSilences(fromIndex: number, toIndex: number): readonly SensorSilence[]
  /** Temperatures and faults of a piece, earliest first; the caller keeps pieces short. */
  temperatures(piece: SensorPeriod): readonly TemperatureRow[]
  /** What a sensor had at the instant before another: the warmest of it; null when there is none. */
  temperatureBefore(device: string, sensor: string, tMs: number): TemperatureRow | null
  /** Counts the readings of a piece; the caller keeps pieces short. */
  tally(piece: SensorPeriod): PieceTally
  /** What of a device arrived in a period and was held: of these sensors, or of a sensor nobody can tell. */
  heldCounts(device: string, sensors: readonly string[], period: Period): readonly HeldCount[]
  /** Held messages and readings, the newest record first. */
  heldPage(filter: HeldFilter, limit: number, after?: string): Page<HeldItem>
  /** How much waits, held for a reason, at most 10,000 rows at a time: begin without `after`, go on with `next`. */
  heldSlice(reason: HeldReason, after?: HeldKey): { readonly count: number; readonly next: HeldKey | null }
  /** Sensors of which the newest that came was a fault of the probe: two look-ups for each sensor. */
  sensorsAtFault(): number
  deviceClock(device: string): DeviceClock
  /** Missing numbers of a device by (boot, number). Readings without a stated time carry none here. */
  seqGaps(device: string, limit: number, after?: string): Page<SeqGap>
  /** Gaps of a device's sensors by (instant, sensor), between readings in the period. */
  timeGaps(device: string, period: Period, longerThanMs: number, limit: number, after?: string): Page<TimeGap>
  balance(device: string): Balance
  totals(): Totals
  /** Where a consumer stands, and by what its log is known. */
  position(name: ConsumerName): CursorPosition
  newSeries(afterNo: number, limit: number): readonly NewSeries[]
  /** By kind; empty when the device sent none. */
  lastMessages(device: string): readonly LastMessage[]
  close(): void
}
