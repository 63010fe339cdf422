import { POWER_UP_MILLI_C } from '../../domain/index.ts'
import type { CanonicalReads, ChangedRow, ChangedSpan, LastMessage, NewSeries } from './canonical-port.ts'
import type { LatestReads } from './latest-port.ts'
import { beforeReads } from './before.ts'
import { checkLimit } from './bounds.ts'
import type { CursorPosition } from './port.ts'
import { changedTupleNames, measurementsOf, valueColumnNames } from './rows.ts'
import type { Prepare, Statement } from './sqlite.ts'
import type { ChangedTuple, ValueTuple } from './tuples.ts'

type Following = Pick<
  CanonicalReads,
  | 'cursor'
  | 'position'
  | 'changedRows'
  | 'changedTuples'
  | 'sensorOf'
  | 'changedFaults'
  | 'changedTo'
  | 'changedSpans'
  | 'changedSilences'
  | 'heldPointCount'
  | 'rowsOf'
  | 'newSeries'
  | 'lastMessages'
  | keyof LatestReads
>

/** A row as `changedColumns` selects it. */
type NamedTuple = readonly [
  changedIndex: number,
  series: number,
  device: string,
  sensor: string,
  t: number,
  sub: number,
  seq: number | null,
  receivedMs: number,
  ...ValueTuple,
]

/** The columns of a `NamedTuple`, for a select from reading r, series s and device d. */
const changedColumns = `r.changed_idx, r.series, d.id, s.sensor, r.t, r.sub, r.seq, r.received_ms,
  ${valueColumnNames.map((name) => `r.${name}`).join(', ')}`

/** What consumers of the canonical rows read: positions, changed rows, new series, last messages. */
export function followingReads(prepare: Prepare): Following {
  const cursor = prepare<{ next: number }>('select next from cursor where name = ?')
  const position = prepare<CursorPosition>(
    'select next, record_sha256 as recordSha256 from cursor where name = ?',
  )
  const changed = prepare<NamedTuple>(
    `select ${changedColumns} from reading r indexed by reading_changed
       cross join series s on s.no = r.series cross join device d on d.no = s.device
     where r.changed_idx >= ? and r.changed_idx < ?
     order by r.changed_idx, r.series, r.t, r.sub limit ?`,
    'tuples',
  )
  const sensor = prepare<{ device: string; sensor: string }>(
    'select d.id as device, s.sensor from series s join device d on d.no = s.device where s.no = ?',
  )
  const ofPiece = prepare<NamedTuple>(
    `select ${changedColumns} from device d cross join series s on s.device = d.no cross join reading r on r.series = s.no
     where d.id = ? and s.sensor = ? and (r.t, r.sub) >= (?, ?) and r.t < ? order by r.t, r.sub limit ?`,
    'tuples',
  )
  const heldPoints = prepare<{ count: number }>('select count(*) as count from influx_held')
  const newSeries = prepare<NewSeries>(
    `select s.no, d.id as device, s.sensor, s.first_received_ms as firstReceivedAtMs
     from series s join device d on d.no = s.device where s.no > ? order by s.no limit ?`,
  )
  const lastMessages = prepare<LastMessage>(
    `select kind, received_ms as receivedAtMs, json from last_message
     where device = (select no from device where id = ?) order by kind`,
  )
  return {
    ...tupleReads(prepare),
    ...latestReads(prepare),
    ...gapReads(prepare),
    ...spanReads(prepare),
    cursor: (name) => cursor.get(name)?.next ?? 0,
    position: (name) => ({ next: 0, recordSha256: null, ...position.get(name) }),
    changedRows: (fromIndex, toIndex, limit) => {
      const { rows, next } = wholeRecords(changed, fromIndex, toIndex, limit)
      return { rows: rows.map(changedRow), next }
    },
    sensorOf: (series) => sensor.get(series),
    rowsOf: ({ device, sensor, fromMs, toMs }, limit, after) => {
      checkLimit(limit)
      const [t, sub] = after === undefined ? [fromMs, 0] : [after.tMs, after.sub + 1]
      return ofPiece.all(device, sensor, t, sub, toMs, limit).map(changedRow)
    },
    heldPointCount: () => heldPoints.get()?.count ?? 0,
    newSeries: (afterNo, limit) => {
      checkLimit(limit)
      return newSeries.all(afterNo, limit).map((row) => ({ ...row }))
    },
    lastMessages: (device) => lastMessages.all(device).map((row) => ({ ...row })),
  }
}

/** Changed rows by their columns, those of a series one after the other: a page of the file is read once for all. */
function tupleReads(prepare: Prepare): Pick<CanonicalReads, 'changedTo' | 'changedTuples'> {
  const tuples = prepare<ChangedTuple>(
    // with a limit, else the planner leaves the order out
    `with changed as (select series, t, sub from reading indexed by reading_changed
       where changed_idx >= ? and changed_idx < ? order by series, t, sub limit -1)
     select ${changedTupleNames} from changed c
       cross join reading r on r.series = c.series and r.t = c.t and r.sub = c.sub`,
    'tuples',
  )
  const beyond = prepare<readonly [index: number]>(
    `select changed_idx from reading indexed by reading_changed where changed_idx >= ? and changed_idx < ?
     order by changed_idx limit 1 offset ?`,
    'tuples',
  )
  const changedTo = (fromIndex: number, toIndex: number, rows: number): number => {
    const [index] = beyond.get(fromIndex, toIndex, rows) ?? [toIndex]
    return Math.max(index, Math.min(fromIndex + 1, toIndex))
  }
  return {
    changedTo,
    changedTuples: (fromIndex, toIndex, limit) => {
      checkLimit(limit)
      // a record whose rows are more than that is taken whole (a message of 60 KB holds some 3,000 readings at most)
      const next = changedTo(fromIndex, toIndex, limit)
      return { rows: tuples.all(fromIndex, next), next }
    },
  }
}

/** Rows changed by records [fromIndex, toIndex), about `limit` of them; no record is split. */
function wholeRecords<Row extends readonly [changedIndex: number, ...unknown[]]>(
  changed: Statement<Row>,
  fromIndex: number,
  toIndex: number,
  limit: number,
): { readonly rows: readonly Row[]; readonly next: number } {
  checkLimit(limit)
  const rows = changed.all(fromIndex, toIndex, limit + 1)
  const beyond = rows[limit]
  if (beyond === undefined) return { rows, next: toIndex }
  const [beyondIndex] = beyond
  const whole = rows.filter(([index]) => index < beyondIndex)
  if (whole.length > 0) return { rows: whole, next: beyondIndex }
  // one record fills the batch: take all of it (a message of 60 KB holds some 3,000 readings at most)
  const next = beyondIndex + 1
  return { rows: changed.all(beyondIndex, next, -1), next }
}

/** Out of the index alone: no row is read. */
function spanReads(prepare: Prepare): Pick<Following, 'changedSpans'> {
  const spans = prepare<SpanTuple>(spansOf('reading', 'changed_idx', 'min(t), max(t)', 't < ?3'), 'tuples')
  return {
    changedSpans: (fromIndex, toIndex, beforeMs) => spans.all(fromIndex, toIndex, beforeMs).map(changedSpan),
  }
}

/**
 * What records tell of time without a temperature. A run of silences has the record that ended its last one: who goes
 * through the records of a stretch piece by piece is told of the others with that one. Nothing is lost by that, since
 * none was told of earlier than it came, the stretch was committed as a whole, so that the last record is not behind a
 * cursor that some of it has passed, and what is told then begins with the first. `contactOf` tells of all at once.
 */
function gapReads(prepare: Prepare): Pick<Following, 'changedFaults' | 'changedSilences'> {
  const faults = prepare<SpanTuple>(spansOf('fault', 'idx', 'min(t), max(t)'), 'tuples')
  const silences = prepare<readonly [...SpanTuple, longestMs: number]>(
    spansOf('silence', 'idx', 'min(from_ms), max(to_ms), max(coalesce(longest_ms, to_ms - from_ms))'),
    'tuples',
  )
  return {
    changedFaults: (fromIndex, toIndex) => faults.all(fromIndex, toIndex).map(changedSpan),
    changedSilences: (fromIndex, toIndex) =>
      silences
        .all(fromIndex, toIndex)
        .map(([device, sensor, , fromMs, toMs, longestMs]) => ({ device, sensor, fromMs, toMs, longestMs })),
  }
}

type SpanTuple = readonly [device: string, sensor: string, series: number, firstMs: number, lastMs: number]

/** Sensor by sensor what `told` says of the rows of a table that records [?1, ?2) changed. */
function spansOf(table: string, index: string, told: string, only = 'true'): string {
  return `with changed as (select series, ${told} from ${table} indexed by ${table}_changed
      where ${index} >= ?1 and ${index} < ?2 and ${only} group by series)
    select d.id, s.sensor, q.* from changed q
      cross join series s on s.no = q.series cross join device d on d.no = s.device`
}

function changedSpan([device, sensor, , firstMs, lastMs]: SpanTuple): ChangedSpan {
  return { device, sensor, firstMs, lastMs }
}

function latestReads(prepare: Prepare): LatestReads {
  const touched = prepare<{ series: number }>(
    `select series from reading indexed by reading_changed where changed_idx >= ?1 and changed_idx < ?2
     union select series from fault indexed by fault_changed where idx >= ?1 and idx < ?2`,
  )
  const { temperatureBefore } = beforeReads(prepare)
  const latest = prepare<readonly [fault: number | null, ...row: NamedTuple]>(
    `select (select max(f.t) from fault f where f.series = s.no and f.t > r.t), ${changedColumns}
     from json_each(?) wanted cross join series s on s.no = wanted.value cross join device d on d.no = s.device
       cross join reading r on r.series = s.no
         and r.t = (select max(n.t) from reading n where n.series = s.no)
         and r.sub = (select max(n.sub) from reading n where n.series = s.no and n.t = r.t)`,
    'tuples',
  )
  return {
    changedSeries: (fromIndex, toIndex) => touched.all(fromIndex, toIndex).map(({ series }) => series),
    latestOf: (series) =>
      latest.all(JSON.stringify(series)).map(([faultMs, ...columns]) => {
        const row = changedRow(columns)
        const isPowerUp = row.values.temperatureMilliC === POWER_UP_MILLI_C
        const earlier = isPowerUp ? temperatureBefore(row.device, row.sensor, row.tMs) : null
        return { ...row, faultMs, earlier }
      }),
  }
}

function changedRow(tuple: NamedTuple): ChangedRow {
  const [, series, device, sensor, tMs, sub, seq, receivedAtMs] = tuple
  const [, , , , , , , , temperature, humidity, battery, door, mains, lat, lon] = tuple
  const values = measurementsOf(temperature, humidity, battery, door, mains, lat, lon)
  return { series, device, sensor, tMs, sub, seq, receivedAtMs, values }
}
