import { POWER_UP_MILLI_C } from '../../domain/index.ts'
import type {
  CanonicalReads,
  ChangedRow,
  FaultSpan,
  LastMessage,
  LatestReads,
  NewSeries,
  SensorSilence,
} from './canonical-port.ts'
import { beforeReads } from './before.ts'
import { checkLimit } from './bounds.ts'
import type { CursorPosition } from './port.ts'
import type { ValueColumns } from './rows.ts'
import { measurementsOf, valueColumnNames } from './rows.ts'
import type { Prepare } from './sqlite.ts'

type Following = Pick<
  CanonicalReads,
  | 'cursor'
  | 'position'
  | 'changedRows'
  | 'changedFaults'
  | 'changedSilences'
  | 'heldPointCount'
  | 'rowsOf'
  | 'newSeries'
  | 'lastMessages'
  | keyof LatestReads
>

interface ChangedColumns extends ValueColumns {
  readonly series: number
  readonly device: string
  readonly sensor: string
  readonly t: number
  readonly sub: number
  readonly seq: number | null
  readonly received_ms: number
  readonly changed_idx: number
}

/** What consumers of the canonical rows read: positions, changed rows, new series, last messages. */
export function followingReads(prepare: Prepare): Following {
  const cursor = prepare<{ next: number }>('select next from cursor where name = ?')
  const position = prepare<CursorPosition>(
    'select next, record_sha256 as recordSha256 from cursor where name = ?',
  )
  const changed = prepare<ChangedColumns>(
    `select r.series, d.id as device, s.sensor, r.t, r.sub, r.seq, r.received_ms, r.changed_idx,
       ${valueColumnNames.map((name) => `r.${name}`).join(', ')}
     from reading r indexed by reading_changed
       cross join series s on s.no = r.series cross join device d on d.no = s.device
     where r.changed_idx >= ? and r.changed_idx < ?
     order by r.changed_idx, r.series, r.t, r.sub limit ?`,
  )
  const ofPiece = prepare<ChangedColumns>(
    `select r.series, d.id as device, s.sensor, r.t, r.sub, r.seq, r.received_ms, r.changed_idx,
       ${valueColumnNames.map((name) => `r.${name}`).join(', ')}
     from device d cross join series s on s.device = d.no cross join reading r on r.series = s.no
     where d.id = ? and s.sensor = ? and (r.t, r.sub) >= (?, ?) and r.t < ? order by r.t, r.sub limit ?`,
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
    ...latestReads(prepare),
    ...gapReads(prepare),
    cursor: (name) => cursor.get(name)?.next ?? 0,
    position: (name) => ({ next: 0, recordSha256: null, ...position.get(name) }),
    changedRows: (fromIndex, toIndex, limit) => {
      checkLimit(limit)
      const rows = changed.all(fromIndex, toIndex, limit + 1)
      const beyond = rows[limit]
      if (beyond === undefined) return { rows: rows.map(changedRow), next: toIndex }
      const whole = rows.filter((row) => row.changed_idx < beyond.changed_idx)
      if (whole.length > 0) return { rows: whole.map(changedRow), next: beyond.changed_idx }
      // one record fills the batch: take all of it (a message of 60 KB holds some 3,000 readings at most)
      const next = beyond.changed_idx + 1
      return { rows: changed.all(beyond.changed_idx, next, -1).map(changedRow), next }
    },
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

/** What records tell of time without a temperature. */
function gapReads(prepare: Prepare): Pick<Following, 'changedFaults' | 'changedSilences'> {
  const faults = prepare<FaultSpan>(
    `select d.id as device, s.sensor, min(f.t) as firstMs, max(f.t) as lastMs
     from fault f indexed by fault_changed
       cross join series s on s.no = f.series cross join device d on d.no = s.device
     where f.idx >= ? and f.idx < ? group by f.series`,
  )
  const silences = prepare<SensorSilence>(
    `select d.id as device, s.sensor, q.from_ms as fromMs, q.to_ms as toMs
     from silence q indexed by silence_changed
       cross join series s on s.no = q.series cross join device d on d.no = s.device
     where q.idx >= ? and q.idx < ?`,
  )
  return {
    changedFaults: (fromIndex, toIndex) => faults.all(fromIndex, toIndex).map((row) => ({ ...row })),
    changedSilences: (fromIndex, toIndex) => silences.all(fromIndex, toIndex).map((row) => ({ ...row })),
  }
}

function latestReads(prepare: Prepare): LatestReads {
  const touched = prepare<{ series: number }>(
    `select series from reading indexed by reading_changed where changed_idx >= ?1 and changed_idx < ?2
     union select series from fault indexed by fault_changed where idx >= ?1 and idx < ?2`,
  )
  const { temperatureBefore } = beforeReads(prepare)
  const latest = prepare<ChangedColumns & { readonly fault: number | null }>(
    `select r.series, d.id as device, s.sensor, r.t, r.sub, r.seq, r.received_ms, r.changed_idx,
       ${valueColumnNames.map((name) => `r.${name}`).join(', ')},
       (select max(f.t) from fault f where f.series = s.no and f.t > r.t) as fault
     from json_each(?) wanted cross join series s on s.no = wanted.value cross join device d on d.no = s.device
       cross join reading r on r.series = s.no
         and r.t = (select max(n.t) from reading n where n.series = s.no)
         and r.sub = (select max(n.sub) from reading n where n.series = s.no and n.t = r.t)`,
  )
  return {
    changedSeries: (fromIndex, toIndex) => touched.all(fromIndex, toIndex).map(({ series }) => series),
    latestOf: (series) =>
      latest.all(JSON.stringify(series)).map((row) => {
        const isPowerUp = row.temperature_milli_c === POWER_UP_MILLI_C
        const earlier = isPowerUp ? temperatureBefore(row.device, row.sensor, row.t) : null
        return { ...changedRow(row), faultMs: row.fault, earlier }
      }),
  }
}

function changedRow(row: ChangedColumns): ChangedRow {
  return {
    series: row.series,
    device: row.device,
    sensor: row.sensor,
    tMs: row.t,
    sub: row.sub,
    seq: row.seq,
    receivedAtMs: row.received_ms,
    values: measurementsOf(row),
  }
}
