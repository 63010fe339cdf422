import type { Measurements } from '../../domain/index.ts'
import type { SeriesRow, StoredReading } from './port.ts'
import type { ValueTuple } from './tuples.ts'

/** The measured values of a reading as columns, null where it did not say. */
export interface ValueColumns {
  readonly temperature_milli_c: number | null
  readonly humidity_milli_pct: number | null
  readonly battery_milli_pct: number | null
  readonly door_open: number | null
  readonly mains_power: number | null
  readonly lat_e7: number | null
  readonly lon_e7: number | null
}

/** A row of table `reading` without `changed_idx`. */
export interface ReadingColumns extends ValueColumns {
  readonly series: number
  readonly t: number
  readonly sub: number
  readonly at: number | null
  readonly seq: number | null
  readonly received_ms: number
  readonly idx: number
  readonly item: number
  readonly marks: number
  readonly payload_hash: Uint8Array | null
}

/** The value columns, in the order of `valueParameters`. */
export const valueColumnNames = [
  'temperature_milli_c',
  'humidity_milli_pct',
  'battery_milli_pct',
  'door_open',
  'mains_power',
  'lat_e7',
  'lon_e7',
] as const satisfies readonly (keyof ValueColumns)[]

/** The values as parameters, in the order of `valueColumnNames`. */
export function valueParameters(values: Measurements): ValueTuple {
  return [
    values.temperatureMilliC ?? null,
    values.humidityMilliPct ?? null,
    values.batteryMilliPct ?? null,
    bit(values.doorOpen),
    bit(values.mainsPower),
    values.latE7 ?? null,
    values.lonE7 ?? null,
  ]
}

/** The columns of a `ChangedTuple`, for a select from reading r. */
export const changedTupleNames = [
  'changed_idx',
  'series',
  't',
  'sub',
  'seq',
  'received_ms',
  ...valueColumnNames,
]
  .map((name) => `r.${name}`)
  .join(', ')

/** The values a row holds; what it does not hold is absent. */
export function measurementsOf(...columns: ValueTuple): Measurements {
  const [temperature, humidity, battery, door, mains, lat, lon] = columns
  const values: { -readonly [Q in keyof Measurements]: Measurements[Q] } = {}
  if (temperature !== null) values.temperatureMilliC = temperature
  if (humidity !== null) values.humidityMilliPct = humidity
  if (battery !== null) values.batteryMilliPct = battery
  if (door !== null) values.doorOpen = door === 1
  if (mains !== null) values.mainsPower = mains === 1
  if (lat !== null) values.latE7 = lat
  if (lon !== null) values.lonE7 = lon
  return values
}

/** A row of table `reading` as the reading it stores. */
export function storedReading(row: ReadingColumns): StoredReading {
  return {
    series: row.series,
    tMs: row.t,
    sub: row.sub,
    atMs: row.at,
    seq: row.seq,
    receivedAtMs: row.received_ms,
    index: row.idx,
    item: row.item,
    values: measurementsOf(
      row.temperature_milli_c,
      row.humidity_milli_pct,
      row.battery_milli_pct,
      row.door_open,
      row.mains_power,
      row.lat_e7,
      row.lon_e7,
    ),
    marks: row.marks,
    payloadHash: row.payload_hash === null ? null : Buffer.from(row.payload_hash).toString('hex'),
  }
}

/** What a `SeriesRow` is made from, out of table `reading r`. */
export interface SeriesColumns extends ValueColumns {
  readonly t: number
  readonly seq: number | null
  readonly received_ms: number
}

/** The columns of `SeriesColumns`, for a select. */
export const seriesColumnNames = ['t', 'seq', 'received_ms', ...valueColumnNames]
  .map((name) => `r.${name}`)
  .join(', ')

/** A row of the sensor `path` in the units people read: degC and %. */
export function seriesRow(row: SeriesColumns & { readonly path: string }): SeriesRow {
  return {
    sensor: row.path,
    tMs: row.t,
    seq: row.seq,
    receivedAtMs: row.received_ms,
    ...(row.temperature_milli_c !== null && { temperature: row.temperature_milli_c / 1000 }),
    ...(row.humidity_milli_pct !== null && { humidity: row.humidity_milli_pct / 1000 }),
    ...(row.battery_milli_pct !== null && { battery: row.battery_milli_pct / 1000 }),
    ...(row.door_open !== null && { doorOpen: row.door_open === 1 }),
    ...(row.mains_power !== null && { mainsPower: row.mains_power === 1 }),
  }
}

function bit(value: boolean | undefined): number | null {
  return value === undefined ? null : Number(value)
}
