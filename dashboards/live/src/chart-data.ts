import type { Bucket } from './answers.ts'
import { sorted } from './sorted.ts'

/** One line of a chart, and how long a value speaks until there is a gap. */
export interface Series {
  readonly name: string
  readonly isJudged: boolean
  readonly buckets: readonly Bucket[]
  readonly gapMs: number
  readonly stepMs: number
}

/** Times in seconds, then per series the mean, highest and lowest; null = a gap, undefined = nothing at that time. */
export type ChartData = [number[], ...(number | null | undefined)[][]]

/** Brings series onto one axis. A gap is a null of its own, so that no line is drawn across it. */
export function chartData(series: readonly Series[]): ChartData {
  const rows = series.map(withGaps)
  const times = [...sorted(new Set(rows.flatMap((row) => [...row.keys()])), (a, b) => a - b)]
  const columns = rows.flatMap((row) => {
    const of = (field: 'mean' | 'max' | 'min') =>
      times.map((time) => {
        const bucket = row.get(time)
        return bucket === undefined || bucket === null ? bucket : bucket[field]
      })
    return [of('mean'), of('max'), of('min')]
  })
  return [times, ...columns]
}

function withGaps({ buckets, gapMs, stepMs }: Series): ReadonlyMap<number, Bucket | null> {
  const row = new Map<number, Bucket | null>()
  let beforeMs: number | undefined
  for (const bucket of buckets) {
    const startMs = Date.parse(bucket.start)
    if (beforeMs !== undefined && startMs - beforeMs > gapMs) row.set((beforeMs + stepMs) / 1_000, null)
    row.set(startMs / 1_000, bucket)
    beforeMs = startMs
  }
  return row
}
