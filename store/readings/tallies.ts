import { DEFAULT_SENSOR, marks } from '../../domain/index.ts'
import { checkPeriod } from './bounds.ts'
import type { CanonicalReads, HeldCount, PieceTally } from './canonical-port.ts'
import { WHOLE_MESSAGE } from './schema.ts'
import type { Prepare } from './sqlite.ts'

/** What a held reading calls its sensor, from the JSON it was kept with. Ingest takes one without for the default. */
const NAMED = `case
  when h.item = ${WHOLE_MESSAGE} or not json_valid(h.excerpt) then null
  when json_type(h.excerpt) <> 'object' then null
  when json_type(h.excerpt, '$.sensor') is null then '${DEFAULT_SENSOR}'
  when json_type(h.excerpt, '$.sensor') = 'text' then h.excerpt ->> '$.sensor'
  end`
/** That, where it can be a sensor (`NAME_PATTERN`). */
const SENSOR = `case when length(named) between 1 and 64 and named not glob '*[^A-Za-z0-9._-]*' then named end`

/** How readings came: counts for those who ask whether a record is complete. */
export function tallyReads(prepare: Prepare): Pick<CanonicalReads, 'tally' | 'heldCounts'> {
  const tally = prepare<PieceTally>(
    `select count(*) as stored, coalesce(sum(r.marks & ${marks.storeAndForward} <> 0), 0) as late,
       coalesce(sum(r.repeats), 0) as duplicate
     from device d cross join series s on s.device = d.no cross join reading r on r.series = s.no
     where d.id = ? and s.sensor = ? and r.t >= ? and r.t < ?`,
  )
  const held = prepare<HeldCount>(
    `with arrived as materialized (
       select ${NAMED} as named, h.reason
       from device d cross join held h indexed by held_received on h.device = d.no
       where d.id = ?1 and h.received_ms >= ?2 and h.received_ms < ?3),
     told as (select ${SENSOR} as sensor, reason from arrived)
     select sensor, reason, count(*) as count from told
     where sensor is null or sensor in (select value from json_each(?4))
     group by sensor, reason order by sensor, reason`,
  )
  return {
    tally: (piece) => {
      checkPeriod(piece)
      const { device, sensor, fromMs, toMs } = piece
      return { stored: 0, late: 0, duplicate: 0, ...tally.get(device, sensor, fromMs, toMs) }
    },
    heldCounts: (device, sensors, period) => {
      checkPeriod(period)
      return held.all(device, period.fromMs, period.toMs, JSON.stringify(sensors)).map((row) => ({ ...row }))
    },
  }
}
