import { BUCKETS_MAX, checkBucketCount, checkLimit, checkPeriod, checkStep } from './bounds.ts'
import type { CanonicalReads, TemperatureRow } from './canonical-port.ts'
import { byKey, type FirstRows, type PieceRow } from './merging.ts'
import type { Bucket } from './port.ts'
import { seriesColumnNames, seriesRow } from './rows.ts'
import {
  always,
  FAULTS_FROM_PIECES,
  FROM_PIECES,
  type PiecesOf,
  piecesJson,
  quantityColumn,
} from './selecting.ts'
import type { Prepare } from './sqlite.ts'

/** The canonical side of `ReadingReads`, and the temperatures of a piece. */
export function seriesReads(
  prepare: Prepare,
  piecesOf: PiecesOf,
  firstRows: FirstRows,
): Pick<CanonicalReads, 'series' | 'buckets' | 'count' | 'last' | 'temperatures'> {
  const newest = prepare<Omit<PieceRow, 'path'>>(
    `select ${seriesColumnNames}, r.sub, r.at, r.marks, r.idx, r.item from reading r
     where r.series = ? and r.t >= ? and r.t < ? order by r.t desc, r.sub desc limit 1`,
  )
  const temperatures = prepare<TemperatureRow>(
    `select r.t as tMs, r.temperature_milli_c as temperatureMilliC ${FROM_PIECES}
       where r.temperature_milli_c is not null
     union all select f.t, null ${FAULTS_FROM_PIECES} order by tMs`,
  )
  const counted = prepare<{ count: number }>(`select count(*) as count ${FROM_PIECES}`)
  return {
    series: async (selection, period, limit) => {
      checkLimit(limit)
      checkPeriod(period)
      return firstRows(piecesOf(selection, period), limit).map(seriesRow)
    },
    buckets: async (selection, period, stepMs, quantity, devices) => {
      checkPeriod(period)
      checkStep(stepMs)
      const value = `r.${quantityColumn[quantity]}`
      const rows = prepare<BucketColumns>(
        // floor to the step, also before 1970
        `select r.t - ((r.t % ?1) + ?1) % ?1 as start, count(*) as count, min(${value}) as min,
           max(${value}) as max, sum(${value}) as sum
         ${FROM_PIECES} where ${value} is not null group by start order by start limit ${BUCKETS_MAX + 1}`,
      ).all(stepMs, piecesJson(piecesOf(selection, period, devices)))
      checkBucketCount(rows.length)
      return rows.map(bucket)
    },
    count: async (selection, period) => {
      checkPeriod(period)
      return counted.get(piecesJson(piecesOf(selection, period)))?.count ?? 0
    },
    last: async (selection) => {
      const rows = piecesOf(selection, always).flatMap(({ series, path, fromMs, toMs }) => {
        const row = newest.get(series, fromMs, toMs)
        return row === undefined ? [] : [{ ...row, path }]
      })
      const last = rows.toSorted(byKey).at(-1)
      return last === undefined ? undefined : seriesRow(last)
    },
    temperatures: (piece) => {
      checkPeriod(piece)
      const pieces = piecesJson(piecesOf({ by: 'pieces', pieces: [piece] }, piece))
      return temperatures.all(pieces, pieces)
    },
  }
}

interface BucketColumns {
  readonly start: number
  readonly count: number
  readonly min: number
  readonly max: number
  readonly sum: number
}

function bucket({ start, count, min, max, sum }: BucketColumns): Bucket {
  return { startMs: start, count, min: min / 1000, max: max / 1000, mean: sum / (count * 1000) }
}
