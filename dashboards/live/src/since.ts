import type { Bucket, Check } from './answers.ts'
import { printedDay, startOfDay } from './print.ts'

/** A check longer ago is of another day's work: then minima and maxima are those of today. */
export const CHECK_MS_MAX = 24 * 3_600_000

/** Since when minima and maxima count; without a check since the day began at the site. */
export interface Since {
  readonly fromMs: number
  readonly check: Check | undefined
}

/** Since the last check of a place, or since the day began where nobody has looked for 24 h. */
export function sinceOf(check: Check | undefined, zone: string, nowMs: number): Since {
  const atMs = check === undefined ? undefined : Date.parse(check.at)
  if (atMs !== undefined && nowMs - atMs < CHECK_MS_MAX) return { fromMs: atMs, check }
  return { fromMs: startOfDay(printedDay(nowMs, zone), zone), check: undefined }
}

/** The lowest and highest value of something, degC. */
export interface Range {
  readonly min: number
  readonly max: number
}

/** What was read of a point since an instant. */
export interface Past {
  readonly fromMs: number
  readonly range: Range | undefined
  /** True when for some time nothing is known. */
  readonly hasGap: boolean
}

/** What buckets of `stepMs` since `fromMs` say; a gap is no reading for as long as one speaks for a point. */
export function pastOf(
  buckets: readonly Bucket[],
  { fromMs, stepMs, maxGapMs }: { fromMs: number; stepMs: number; maxGapMs: number },
): Past {
  let endMs = fromMs
  let hasGap = false
  for (const { start } of buckets) {
    const startMs = Date.parse(start)
    if (startMs - endMs >= maxGapMs) hasGap = true
    endMs = startMs + stepMs
  }
  return { fromMs, range: rangeOf(buckets), hasGap }
}

/** From the lowest to the highest of all; undefined when there is none. */
export function rangeOf(ranges: readonly Range[]): Range | undefined {
  if (ranges.length === 0) return undefined
  return { min: Math.min(...ranges.map(({ min }) => min)), max: Math.max(...ranges.map(({ max }) => max)) }
}

/** The extremes of several points together; each keeps its own, nothing is averaged. */
export interface Extremes {
  /** Undefined when nothing is known of any. */
  readonly range: Range | undefined
  /** Points of which nothing is known since then. */
  readonly missing: number
  readonly hasGap: boolean
}

/** Those of points, each with what is known of it. */
export function extremesOf(
  points: readonly { readonly range: Range | undefined; readonly hasGap: boolean }[],
): Extremes {
  const ranges = points.map(({ range }) => range).filter((range) => range !== undefined)
  return {
    range: rangeOf(ranges),
    missing: points.length - ranges.length,
    hasGap: points.some(({ hasGap }) => hasGap),
  }
}
