import { marks, type MeasuredQuantity, NEVER_HEARD_MS } from '../../domain/index.ts'
import type { SensorPeriod } from '../readings/port.ts'
import { silencesIn, type SilenceRun } from '../readings/silence-runs.ts'
import type { Prepare } from '../readings/sqlite.ts'
import type { FindingReads, ValueRow } from './port.ts'

/** Finds the number of a sensor's series; undefined while nothing came of it. */
type SeriesOf = (device: string, sensor: string) => number | undefined

/** What judging reads of a sensor: its values, and when they came. */
export function sensorReads(prepare: Prepare) {
  const seriesOf = seriesNumbers(prepare)
  return { ...valueReads(prepare, seriesOf), ...contactReads(prepare, seriesOf) }
}

/** A series keeps its number, so that it is looked up once: half of what reading a new value costs. */
function seriesNumbers(prepare: Prepare): SeriesOf {
  const find = prepare<{ no: number }>(
    'select s.no from device d cross join series s on s.device = d.no where d.id = ? and s.sensor = ?',
  )
  const known = new Map<string, number>()
  return (device, sensor) => {
    const key = `${device}/${sensor}`
    const number = known.get(key) ?? find.get(device, sensor)?.no
    if (number !== undefined) known.set(key, number)
    return number
  }
}

/** What a quantity is kept in; only temperatures have faults. */
const valueColumns = {
  temperature: 'temperature_milli_c',
  door: 'door_open',
  power: 'mains_power',
  battery: 'battery_milli_pct',
} as const satisfies Record<MeasuredQuantity, string>

const inPiece = 'r.series = ?1 and r.t >= ?2 and r.t < ?3'

function valueReads(prepare: Prepare, seriesOf: SeriesOf) {
  const of = {
    temperature: quantityReads(prepare, seriesOf, 'temperature'),
    door: quantityReads(prepare, seriesOf, 'door'),
    power: quantityReads(prepare, seriesOf, 'power'),
    battery: quantityReads(prepare, seriesOf, 'battery'),
  }
  const newest = prepare<{ readonly t: number; readonly marks: number }>(
    `select r.t, r.marks from reading r where ${inPiece} and r.temperature_milli_c is not null
     order by r.t desc limit 1`,
  )
  return {
    newestTemperature: ({ device, sensor, fromMs, toMs }) => {
      const series = seriesOf(device, sensor)
      const row = series === undefined ? undefined : newest.get(series, fromMs, toMs)
      if (row === undefined) return undefined
      return { tMs: row.t, isLate: (row.marks & marks.storeAndForward) !== 0 }
    },
    valuesFrom: (quantity, piece, limit) => of[quantity].from(piece, limit),
    valuesBefore: (quantity, piece, limit) => of[quantity].before(piece, limit),
  } satisfies Partial<FindingReads>
}

/** A `ValueRow` as selected: a tuple costs half as much. */
type ValueTuple = readonly [tMs: number, value: number | null]

function quantityReads(prepare: Prepare, seriesOf: SeriesOf, quantity: MeasuredQuantity) {
  const column = valueColumns[quantity]
  const values = `select r.t, r.${column} from reading r where ${inPiece} and r.${column} is not null`
  const faults = `select r.t, null from fault r where ${inPiece}`
  const rows = quantity === 'temperature' ? `${values} union all ${faults}` : values
  const whole = prepare<ValueTuple>(`${rows} order by 1`, 'tuples')
  const forward = prepare<ValueTuple>(`${rows} order by 1 limit ?4`, 'tuples')
  const backward = prepare<ValueTuple>(`${rows} order by 1 desc limit ?4`, 'tuples')
  /** The rows of the instant the limit fell into are taken whole. */
  const completed = (
    series: number,
    { fromMs, toMs }: SensorPeriod,
    some: readonly ValueRow[],
    limit: number,
  ): readonly ValueRow[] => {
    const last = some.at(-1)
    if (last === undefined || some.length < limit) return some
    const { tMs } = last
    const instant = whole.all(series, Math.max(tMs, fromMs), Math.min(tMs + 1, toMs))
    return [...some.filter((row) => row.tMs !== tMs), ...instant.map(valueRow)]
  }
  const read = (statement: typeof forward, piece: SensorPeriod, limit: number): readonly ValueRow[] => {
    const series = seriesOf(piece.device, piece.sensor)
    if (series === undefined) return []
    const some = statement.all(series, piece.fromMs, piece.toMs, limit).map(valueRow)
    return completed(series, piece, some, limit)
  }
  return {
    from: (piece: SensorPeriod, limit: number) => read(forward, piece, limit),
    before: (piece: SensorPeriod, limit: number) =>
      read(backward, piece, limit).toSorted((a, b) => a.tMs - b.tMs),
  }
}

function valueRow([tMs, value]: ValueTuple): ValueRow {
  return { tMs, value }
}

function contactReads(prepare: Prepare, seriesOf: SeriesOf) {
  const last = prepare<{ contact_ms: number | null }>('select contact_ms from series where no = ?')
  const runsSince = prepare<Pick<SilenceRun, 'from_ms' | 'to_ms' | 'packed'>>(
    `select from_ms, to_ms, packed from silence where series = ?1
       and from_ms >= coalesce((select max(from_ms) from silence where series = ?1 and from_ms <= ?2), ?2)
     order by from_ms`,
  )
  const newest = prepare<{ ms: number | null }>('select nullif(max(contact_ms), 0) as ms from series')
  const heardTo = prepare<{ ms: number }>('select ms from heard_to')
  /** A sensor that sent nothing at all was never heard. */
  const lastOf = (series: number | undefined): number | null => {
    return series === undefined ? NEVER_HEARD_MS : (last.get(series)?.contact_ms ?? null)
  }
  return {
    contactOf: (device, sensor, sinceMs) => {
      const series = seriesOf(device, sensor)
      const silences = series === undefined ? [] : runsSince.all(series, sinceMs).flatMap(silencesIn)
      // the first run may have begun long before
      const first = silences.findLastIndex(({ fromMs }) => fromMs <= sinceMs)
      return { silences: silences.slice(Math.max(0, first)), lastMs: lastOf(series) }
    },
    lastContactMs: (device, sensor) => lastOf(seriesOf(device, sensor)),
    newestContactMs: () => newest.get()?.ms ?? null,
    heardToMs: () => heardTo.get()?.ms ?? null,
  } satisfies Partial<FindingReads>
}
