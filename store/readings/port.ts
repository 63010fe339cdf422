import type {
  Delivery,
  HeldReason,
  Measurements,
  PublishedKind,
  StandingReading,
  ToldPart,
} from '../../domain/index.ts'
import type { FindingWrites } from '../findings/port.ts'

/** One canonical reading as stored. Its key is (series, t, sub). */
export interface StoredReading {
  /** Number of (device, sensor) in this store. */
  readonly series: number
  /** The instant used everywhere, epoch ms: `at`, or arrival time when `at` is missing or distrusted. */
  readonly tMs: number
  /** Tells readings of one instant apart: (seq + 1) mod 1e6, 0 without seq (the InfluxDB nanoseconds). */
  readonly sub: number
  readonly atMs: number | null
  readonly seq: number | null
  readonly receivedAtMs: number
  /** Index in the `readings` log of the record that stored it, and place in that record. */
  readonly index: number
  readonly item: number
  readonly values: Measurements
  readonly marks: number
  /** First 8 bytes of SHA-256 of the payload, as 16 hex digits; only where `atMs` is null and `seq` is not. */
  readonly payloadHash: string | null
}

/** A message (item null) or reading that cannot be accepted yet. */
export interface HeldRow {
  readonly index: number
  readonly item: number | null
  readonly device: string
  readonly receivedAtMs: number
  readonly reason: HeldReason
  /** What exactly was wrong: field and value, at most 200 characters. */
  readonly detail: string
  /** The JSON of the reading, or the start of the payload as text; at most 2,000 characters. */
  readonly excerpt: string
  /** Index in the `readings` log of the record that decided that it is not true; left out while nobody has. */
  readonly decidedBy?: number
}

/** Finds a stored reading. */
export type ReadingKey = Pick<StoredReading, 'series' | 'tMs' | 'sub'>

/** A sensor told of a temperature and gave none: what it measures is unknown from this instant on. */
export interface ProbeFault extends Pick<StoredReading, 'series' | 'tMs'> {
  /** Index in the `readings` log of the record that said so. */
  readonly index: number
}

/** Long nothing came of a series: between two temperatures that came one after the other, epoch ms. */
export interface SeriesSilence {
  readonly fromMs: number
  readonly toMs: number
  /** Index in the `readings` log of the record that ended it. */
  readonly index: number
}

/** Where a consumer stands in its log. */
export interface CursorPosition {
  /** Index of the next record it has not yet seen. */
  readonly next: number
  /** SHA-256 of the record before that one; null when the cursor is not bound to a log (yet). */
  readonly recordSha256: Uint8Array | null
}

/** What ingest remembers of a device between records. */
export interface DeviceState {
  readonly previousReceivedAtMs: number | null
  /** Highest `seq` of the current boot; null before the first. */
  readonly lastSeq: number | null
  /** How often `seq` fell back to 0 or 1. */
  readonly boot: number
}

/** Counters of promise 2, per device. `decoded` and `heldMessages` count messages, the others readings. */
export interface DeviceCounts {
  readonly decoded: number
  readonly heldMessages: number
  readonly readings: number
  readonly stored: number
  readonly complement: number
  readonly duplicate: number
  readonly heldReadings: number
}

/** A numbered reading held because its time was ahead: which record brought it, and what it measured, as JSON. */
export interface AheadReading {
  readonly index: number
  readonly valuesJson: string
}

/**
 * Everything ingest may do inside its one transaction: canonical rows, counters, held rows and cursor become
 * durable together or not at all. Synchronous, because SQLite is; a job never awaits.
 */
export interface CanonicalTransaction extends FindingWrites {
  /** Index of the next record consumer `name` has not yet seen. 0 at first. */
  cursor(name: ConsumerName): number
  /** Moves the cursor; what it was bound to is forgotten. */
  setCursor(name: ConsumerName, next: number): void
  /**
   * Binds the cursor, where it now stands, to its log: `recordSha256` is the SHA-256 of the record just before it,
   * so that the cursor cannot be taken for one of another log.
   */
  bindCursor(name: ConsumerName, recordSha256: Uint8Array): void
  deviceState(device: string): DeviceState
  putDeviceState(device: string, state: DeviceState): void
  /** Number of the series, opened on first use; undefined when the device already has `most` others. */
  series(device: string, sensor: string, receivedAtMs: number, most: number): number | undefined
  at(series: number, tMs: number, sub: number): StoredReading | undefined
  /** The reading stored under another instant than the `at` it was sent with. */
  displaced(series: number, atMs: number, seq: number | null): StoredReading | undefined
  /** The reading without `at` of this seq and payload, received since. */
  undated(series: number, seq: number, payloadHash: string, sinceMs: number): StoredReading | undefined
  /** The `at` this device first used `seq` with in this boot; undefined when unused. */
  seqUse(device: string, boot: number, seq: number): number | undefined
  /** The first use stands. */
  putSeqUse(device: string, boot: number, seq: number, atMs: number): void
  /** `changedIndex` is the record that has it stored, another one when a held reading was judged again. */
  insert(reading: StoredReading, changedIndex?: number): void
  /** Adds fields to a stored reading and notes the record that did. */
  complement(key: ReadingKey, added: Measurements, index: number): void
  /** Notes that a stored reading arrived once more; what follows changed rows is not told, since nothing changed. */
  repeat(key: ReadingKey): void
  /** The deliveries it is made of besides the one it is stored as, which is among them once something was decided. */
  parts(key: ReadingKey): readonly ToldPart[]
  /** Notes that a delivery told something of a stored reading. */
  putPart(key: ReadingKey, part: ToldPart): void
  /** Puts what was decided in place of a stored reading, and notes the record that did; its key stays. */
  replace(key: ReadingKey, decided: StandingReading & { readonly marks: number }, index: number): void
  hold(row: HeldRow): void
  /** For what a reading or message is held; undefined when it is not. */
  heldFor(delivery: Pick<Delivery, 'index' | 'item'>): HeldReason | undefined
  /** Takes back one held reading, whatever was decided of it. */
  releaseOne(delivery: Pick<Delivery, 'index' | 'item'>): void
  /** Notes that a held reading is not what is true; what was decided first stays. */
  putDecided(delivery: Pick<Delivery, 'index' | 'item'>, decidedBy: number): void
  /** The first reading of this identity that is held because its time was ahead. */
  ahead(series: number, atMs: number, seq: number): AheadReading | undefined
  /** Notes a reading that is held because its time is ahead; the first of its identity stands. */
  putAhead(series: number, atMs: number, seq: number, reading: AheadReading): void
  /** Takes back what is held of a record and not decided: the places of its readings, or null for the whole message. */
  release(index: number): readonly (number | null)[]
  /** Notes that the probe of a series was at fault at an instant; of several records that say so the first stands. */
  putFault(fault: ProbeFault): void
  /** When a temperature of the series came last, epoch ms; see `SensorContact`. */
  contact(series: number): number | null
  putContact(series: number, contactMs: number): void
  /** Silences of a series in order, all later than those before; those put together are kept together. */
  putSilences(series: number, silences: readonly SeriesSilence[]): void
  /** Adds to the device's counters. */
  count(device: string, added: DeviceCounts): void
  /** The independent count of journalled records (the census follower). */
  countJournalled(device: string, added: number): void
  putLastMessage(
    device: string,
    kind: Exclude<PublishedKind, 'readings'>,
    receivedAtMs: number,
    json: string,
  ): void
  /** Moves cursor `influx` and notes which of the rows it passed are not in InfluxDB. */
  saveProjection(progress: ProjectionProgress): void
}

/** A row InfluxDB refuses; it stays in the canonical store, and its reason is kept until the row is written. */
export interface HeldPoint extends Pick<StoredReading, 'series' | 'tMs' | 'sub'> {
  /** What InfluxDB said, at most 500 characters. */
  readonly reason: string
}

/** What one step of the InfluxDB projection did: rows changed by records [fromIndex, nextIndex) are written. */
export interface ProjectionProgress {
  readonly fromIndex: number
  /** Less than `fromIndex` when the projection starts again in an empty database, where nothing is refused yet. */
  readonly nextIndex: number
  /** Those of the rows that were refused. */
  readonly held: readonly HeldPoint[]
  readonly atMs: number
}

/**
 * Who follows the journal, the canonical rows, or what else has numbers, with a cursor kept in the canonical store.
 */
export type ConsumerName = 'ingest' | 'census' | 'sensors' | 'judge' | InfluxCursor

/**
 * How far InfluxDB is: rows by records, changes of placements, changes of findings; of the hours of lots the records,
 * the instant of the newest act they were made with (epoch ms), and the hours since 1970 that are done.
 */
export type InfluxCursor = (typeof influxCursors)[number]
/** Every one; see `InfluxCursor`. */
export const influxCursors = [
  'influx',
  'influx-places',
  'influx-findings',
  'influx-lot-rows',
  'influx-lot-facts',
  'influx-hours',
] as const

/**
 * What a power cut leaves of a commit (a kill takes nothing). `synced`: all of it, and of all commits before.
 * `repeatable`: it may be gone, with all since; for what is done again then and comes to the same.
 */
export type Commit = 'synced' | 'repeatable'

/** The canonical readings, open for writing: one connection, one job at a time. `commit` is `synced` where left out. */
export interface CanonicalStore {
  /** Does a job at once. Throws `internal` while one at length is under way. */
  transact<T>(job: (tx: CanonicalTransaction) => T, commit?: Commit): T
  /** Does a job as soon as none at length is under way. */
  transactInTurn<T>(job: (tx: CanonicalTransaction) => T, commit?: Commit): Promise<T>
  /** Does a job that waits in between, so that others may run; nobody else writes before it is committed. */
  transactAtLength<T>(job: (tx: CanonicalTransaction) => Promise<T>, commit?: Commit): Promise<T>
  close(): void
}

/** The name that stands for no site, place or point. Names of things are never this: see `Selection`. */
export const UNPLACED = 'none'

/**
 * Which readings: those of one sensor, or those of the sensors that were at a point when they were taken, judged or
 * secondary (`none` = of sensors that were placed nowhere).
 */
export type Selection =
  | { readonly by: 'sensor'; readonly device: string; readonly sensor: string }
  | { readonly by: 'point'; readonly point: string }

/** Half-open period [fromMs, toMs), epoch ms. */
export interface Period {
  readonly fromMs: number
  readonly toMs: number
}

/** What a sensor sent in a period. */
export interface SensorPeriod extends Period {
  readonly device: string
  readonly sensor: string
}

/** Where a sensor was when it took a reading. */
export interface ReadingPlace {
  readonly site: string
  readonly place: string
  readonly point: string
}

/** A reading as both implementations of `ReadingReads` can tell it; values in degC, % and degrees. */
export interface SeriesRow {
  readonly sensor: string
  readonly tMs: number
  readonly seq: number | null
  readonly receivedAtMs: number
  readonly temperature?: number
  readonly humidity?: number
  readonly battery?: number
  readonly doorOpen?: boolean
  readonly mainsPower?: boolean
}

/** Quantities that can be aggregated. */
export type NumericQuantity = 'temperature' | 'humidity' | 'battery'

/**
 * Statistics of one quantity over one bucket; the mean is the plain mean of the samples. `startMs` is a multiple of
 * the step.
 */
export interface Bucket {
  readonly startMs: number
  readonly count: number
  readonly min: number
  readonly max: number
  readonly mean: number
}

/**
 * What both the canonical store and InfluxDB can answer. One suite runs on both. Rows ascend by (t, sensor, sub);
 * buckets are aligned to the UTC epoch and empty ones are left out.
 */
export interface ReadingReads {
  series(selection: Selection, period: Period, limit: number): Promise<readonly SeriesRow[]>
  buckets(
    selection: Selection,
    period: Period,
    stepMs: number,
    quantity: NumericQuantity,
  ): Promise<readonly Bucket[]>
  /** Number of readings, with whatever fields. */
  count(selection: Selection, period: Period): Promise<number>
  /** The newest reading by t. */
  last(selection: Selection): Promise<SeriesRow | undefined>
}
