import { checkBucketCount, checkLimit, checkPeriod, checkStep, BUCKETS_MAX } from './bounds.ts'
import type { CanonicalReads } from './canonical-port.ts'
import type { Bucket } from './port.ts'
import type { SeriesColumns } from './rows.ts'
import { seriesColumnNames, seriesRow } from './rows.ts'
import { inPeriod, pickSeries, quantityColumn } from './selecting.ts'
import type { Prepare } from './sqlite.ts'

/** The canonical side of `ReadingReads`. */
export function seriesReads(prepare: Prepare): Pick<CanonicalReads, 'series' | 'buckets' | 'count' | 'last'> {
  return {
    series: async (selection, period, limit) => {
      checkLimit(limit)
      checkPeriod(period)
      const pick = pickSeries(selection)
      if (pick === undefined) return []
      const { sql, values } = inPeriod(pick, period)
      return prepare<SeriesColumns>(
        `select ${seriesColumnNames} ${sql} order by ${pick.order.join(', ')} limit ?`,
      )
        .all(...values, limit)
        .map(seriesRow)
    },
    buckets: async (selection, period, stepMs, quantity, devices) => {
      checkPeriod(period)
      checkStep(stepMs)
      const pick = pickSeries(selection, devices)
      if (pick === undefined) return []
      const { sql, values } = inPeriod(pick, period)
      const value = `r.${quantityColumn[quantity]}`
      const rows = prepare<BucketColumns>(
        // floor to the step, also before 1970
        `select r.t - ((r.t % ?1) + ?1) % ?1 as start, count(*) as count, min(${value}) as min,
           max(${value}) as max, sum(${value}) as sum
         ${sql} and ${value} is not null group by start order by start limit ${BUCKETS_MAX + 1}`,
      ).all(stepMs, ...values)
      checkBucketCount(rows.length)
      return rows.map(bucket)
    },
    count: async (selection, period) => {
      checkPeriod(period)
      const pick = pickSeries(selection)
      if (pick === undefined) return 0
      const { sql, values } = inPeriod(pick, period)
      return prepare<{ count: number }>(`select count(*) as count ${sql}`).get(...values)?.count ?? 0
    },
    last: async (selection) => {
      const pick = pickSeries(selection)
      if (pick === undefined) return undefined
      // the newest instant of each series is one seek; only those rows are compared
      const row = prepare<SeriesColumns>(
        `select ${seriesColumnNames} from ${pick.from} cross join reading r on r.series = s.no
           and r.t = (select max(t) from reading where series = s.no)
         where ${pick.where} order by ${pick.order.map((term) => `${term} desc`).join(', ')} limit 1`,
      ).get(...pick.values)
      return row === undefined ? undefined : seriesRow(row)
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
