import { marks, NAME_PATTERN } from '../../domain/index.ts'
import { pageOf } from '../page.ts'
import { badPageCursor, checkLimit, checkPeriod } from './bounds.ts'
import type { CanonicalReads, SeqGap, TimeGap } from './canonical-port.ts'
import type { Prepare } from './sqlite.ts'

/** Readings of a sensor its clock is judged by: some hours of a fridge, a minute of a vehicle. */
const CLOCK_READINGS = 50
const SEQ_KEY = /^(\d{1,9})\.(\d{1,16})$/
const TIME_KEY = new RegExp(`^(-?\\d{1,15})\\.(${NAME_PATTERN.slice(1, -1)})$`)

/** What the stored readings tell of a device's clock, its numbers and its intervals. */
export function deviceHealthReads(
  prepare: Prepare,
): Pick<CanonicalReads, 'deviceClock' | 'seqGaps' | 'timeGaps'> {
  return { deviceClock: clockReader(prepare), ...gapReads(prepare) }
}

function clockReader(prepare: Prepare): CanonicalReads['deviceClock'] {
  const seriesOf = prepare<{ no: number }>(
    'select no from series where device = (select no from device where id = ?) order by no',
  )
  // what was delivered late on purpose tells nothing of the clock
  const offsets = prepare<{ offset: number }>(
    `select received_ms - at as offset from reading
     where series = ? and at is not null and (marks & ${marks.storeAndForward}) = 0 order by t desc limit ?`,
  )
  const newest = prepare<{ t: number; received_ms: number }>(
    'select t, received_ms from reading where series = ? order by t desc, sub desc limit 1',
  )
  return (device) => {
    const series = seriesOf.all(device)
    const all = series.flatMap(({ no }) => offsets.all(no, CLOCK_READINGS).map(({ offset }) => offset))
    const [last] = series.flatMap(({ no }) => newest.get(no) ?? []).toSorted((a, b) => b.t - a.t)
    return {
      offsetMs: median(all),
      readings: all.length,
      lagMs: last === undefined ? null : last.received_ms - last.t,
      lastReceivedAtMs: last?.received_ms ?? null,
    }
  }
}

/** The lower one of two in the middle, so that the answer is a difference that was really seen. */
function median(values: readonly number[]): number | null {
  const ordered = values.toSorted((a, b) => a - b)
  return ordered[Math.floor((ordered.length - 1) / 2)] ?? null
}

interface SeqColumns {
  readonly boot: number
  readonly before: number
  readonly next: number
  readonly at: number
  readonly next_at: number
}

interface TimeColumns {
  readonly sensor: string
  readonly t: number
  readonly next_t: number
}

function gapReads(prepare: Prepare): Pick<CanonicalReads, 'seqGaps' | 'timeGaps'> {
  const seqGaps = prepare<SeqColumns>(
    // a page begins with a number that was used: the run that holds it may begin before it
    `with here as (select no from device where id = ?1)
     select boot, before, next, at, next_at from (
       select boot, coalesce(last_seq, seq) as before, coalesce(last_at, at) as at,
         lead(seq) over numbers as next, lead(at) over numbers as next_at
       from seq_use where device = (select no from here) and (boot, seq) >= (?2, coalesce(
         (select max(seq) from seq_use where device = (select no from here) and boot = ?2 and seq <= ?3), ?3))
       window numbers as (partition by boot order by seq))
     where next > before + 1 and (boot, before) >= (?2, ?3) order by boot, before limit ?4`,
  )
  const timeGaps = prepare<TimeColumns>(
    `select sensor, t, next_t from (
       select s.sensor, r.t, lead(r.t) over (partition by r.series order by r.t, r.sub) as next_t
       from device d cross join series s on s.device = d.no cross join reading r on r.series = s.no
       where d.id = ? and r.t >= ? and r.t < ?)
     where next_t - t > ? and (t, sensor) > (?, ?) order by t, sensor limit ?`,
  )
  return {
    seqGaps: (device, limit, after) => {
      checkLimit(limit)
      const [, boot = '0', seq = '0'] =
        after === undefined ? [] : (SEQ_KEY.exec(after) ?? badPageCursor(after))
      const rows = seqGaps.all(device, Number(boot), Number(seq), limit + 1)
      return pageOf(rows, limit, seqGap, (row) => `${row.boot}.${row.next}`)
    },
    timeGaps: (device, period, longerThanMs, limit, after) => {
      checkLimit(limit)
      checkPeriod(period)
      const { fromMs, toMs } = period
      const [, t = String(fromMs - 1), sensor = ''] =
        after === undefined ? [] : (TIME_KEY.exec(after) ?? badPageCursor(after))
      const rows = timeGaps.all(device, fromMs, toMs, longerThanMs, Number(t), sensor, limit + 1)
      return pageOf(rows, limit, timeGap, (row) => `${row.t}.${row.sensor}`)
    },
  }
}

function seqGap({ boot, before, next, at, next_at }: SeqColumns): SeqGap {
  return { boot, firstSeq: before + 1, lastSeq: next - 1, fromMs: at, toMs: next_at }
}

function timeGap({ sensor, t, next_t }: TimeColumns): TimeGap {
  return { sensor, fromMs: t, toMs: next_t }
}
