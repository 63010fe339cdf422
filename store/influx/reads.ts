import { Problem, sensorPath } from '../../domain/index.ts'
import { BUCKETS_MAX, checkBucketCount, checkLimit, checkPeriod, checkStep } from '../readings/bounds.ts'
import type { Bucket, Period, ReadingReads, Selection, SeriesRow } from '../readings/port.ts'
import type { InfluxHttp } from './http.ts'
import type { InfluxRow } from './query.ts'
import { influxRows, instantOf, nameableMs } from './query.ts'

/** Never aborts by itself; a read ends by the time-out of the connection. */
const untilTimeOut = new AbortController().signal

/**
 * Reads the projection in InfluxQL. Answers what the canonical store answers, as far as the projection has
 * come; positions, marks and held messages are canonical only. Rejects with `Problem('influx-unavailable' |
 * 'influx-refused')`.
 */
export function influxReads(http: InfluxHttp): ReadingReads {
  const rowsOf = async (where: string, selection: Selection): Promise<PlacedRow[]> =>
    (await ask(http, `${SELECT_ROWS} where ${where}`, selection)).map(placedRow)
  const instant = (selection: Selection, tMs: number): Promise<PlacedRow[]> =>
    rowsOf(conditions(selection, { fromMs: tMs, toMs: tMs + 1 }), selection)
  return {
    series: async (selection, period, limit) => {
      checkLimit(limit)
      checkPeriod(period)
      if (isEmpty(period)) return []
      const rows = await rowsOf(`${conditions(selection, period)} order by time limit ${limit}`, selection)
      const last = rows[limit - 1]
      if (last === undefined) return inOrder(rows)
      // InfluxDB orders by the nanosecond, so its limit may have cut the last millisecond where ours would not
      const before = rows.filter(({ row }) => row.tMs < last.row.tMs)
      return inOrder([...before, ...(await instant(selection, last.row.tMs))]).slice(0, limit)
    },
    buckets: async (selection, period, stepMs, quantity) => {
      checkPeriod(period)
      checkStep(stepMs)
      if (isEmpty(period)) return []
      const rows = await ask(
        http,
        `select count("${quantity}"), min("${quantity}"), max("${quantity}"), mean("${quantity}") from "reading"
         where ${conditions(selection, period)}
         group by time(${stepMs}ms) fill(none) limit ${BUCKETS_MAX + 1}`,
        selection,
      )
      checkBucketCount(rows.length)
      return rows.map(bucket)
    },
    count: async (selection, period) => {
      checkPeriod(period)
      if (isEmpty(period)) return 0
      const statement = `select count("received_ms") from "reading" where ${conditions(selection, period)}`
      const [row] = await ask(http, statement, selection)
      return row === undefined ? 0 : numberIn(row[1])
    },
    last: async (selection) => {
      const [newest] = await rowsOf(`${tagCondition(selection)} order by time desc limit 1`, selection)
      return newest === undefined ? undefined : inOrder(await instant(selection, newest.row.tMs)).at(-1)
    },
  }
}

const SELECT_ROWS =
  'select "sensor", "seq", "received_ms", "temperature", "humidity", "battery", "door_open", "mains_power" from "reading"'

function ask(http: InfluxHttp, statement: string, selection: Selection): Promise<readonly InfluxRow[]> {
  const selected =
    selection.by === 'sensor' ? sensorPath(selection.device, selection.sensor) : selection.point
  return influxRows(http, statement, { selected }, untilTimeOut)
}

function tagCondition({ by }: Selection): string {
  return `"${by}" = $selected`
}

function conditions(selection: Selection, { fromMs, toMs }: Period): string {
  return `${tagCondition(selection)} and time >= ${nameableMs(fromMs)}ms and time < ${nameableMs(toMs)}ms`
}

function isEmpty({ fromMs, toMs }: Period): boolean {
  return nameableMs(fromMs) >= nameableMs(toMs)
}

/** A row with the nanoseconds it is ordered by. */
interface PlacedRow {
  readonly row: SeriesRow
  readonly sub: number
}

function placedRow(row: InfluxRow): PlacedRow {
  const [time, sensor, seq, receivedMs, temperature, humidity, battery, doorOpen, mainsPower] = row
  const { tMs, sub } = instantOf(time)
  return {
    sub,
    row: {
      sensor: String(sensor),
      tMs,
      seq: seq === null ? null : numberIn(seq),
      receivedAtMs: numberIn(receivedMs),
      ...(typeof temperature === 'number' && { temperature }),
      ...(typeof humidity === 'number' && { humidity }),
      ...(typeof battery === 'number' && { battery }),
      ...(typeof doorOpen === 'boolean' && { doorOpen }),
      ...(typeof mainsPower === 'boolean' && { mainsPower }),
    },
  }
}

function inOrder(rows: readonly PlacedRow[]): SeriesRow[] {
  return rows.toSorted(byInstantSensorAndSub).map(({ row }) => row)
}

function byInstantSensorAndSub(a: PlacedRow, b: PlacedRow): number {
  if (a.row.tMs !== b.row.tMs) return a.row.tMs - b.row.tMs
  if (a.row.sensor !== b.row.sensor) return a.row.sensor < b.row.sensor ? -1 : 1
  return a.sub - b.sub
}

function bucket([time, count, min, max, mean]: InfluxRow): Bucket {
  return {
    startMs: instantOf(time).tMs,
    count: numberIn(count),
    min: numberIn(min),
    max: numberIn(max),
    mean: numberIn(mean),
  }
}

function numberIn(value: unknown): number {
  if (typeof value === 'number') return value
  throw new Problem('influx-refused', {
    what: `InfluxDB answered ${String(value).slice(0, 100)} where a number should be.`,
    remedy: 'Check that nothing else writes measurement reading in this database.',
  })
}
