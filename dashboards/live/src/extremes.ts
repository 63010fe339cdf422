import { signal } from '@preact/signals'
import type { Bucket } from './answers.ts'
import { newestByPoint } from './standings.ts'
import { get } from './server.ts'
import { type Extremes, extremesOf, type Past, pastOf, type Range, rangeOf, type Since } from './since.ts'
import { maxGapMs, type PointStanding } from './standing.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const STEP = '15m'
const STEP_MS = 15 * MINUTE_MS
/** So long what was read of the past holds; the extremes go on with every reading. */
const FRESH_MS = 5 * MINUTE_MS
/** Less than this within an hour, K, is no trend: a compressor does as much. */
const TREND_K = 0.5

/** What a point was like since the last check, and an hour ago. */
interface PointPast extends Past {
  /** The reading that held when somebody looked; undefined when none did, or nobody has. */
  readonly held: Range | undefined
  /** Mean of the quarter of an hour an hour ago; undefined when there was nothing. */
  readonly hourAgo: number | undefined
  readonly readMs: number
}

/** By point. */
export const pasts = signal<ReadonlyMap<string, PointPast>>(new Map())
const underWay = new Set<string>()

/** Reads what a point of a kind of place was like, unless it was read just now. */
export async function readPast(
  { point, intervalMs }: PointStanding,
  kind: string,
  { fromMs, check }: Since,
  nowMs: number,
): Promise<void> {
  const { id } = point
  const maxGap = maxGapMs(intervalMs, kind)
  const known = pasts.value.get(id)
  const isKnown = known?.fromMs === fromMs && nowMs - known.readMs < FRESH_MS
  const key = `${id} ${fromMs}`
  if (isKnown || underWay.has(key)) return
  underWay.add(key)
  const buckets = await readBuckets(id, fromMs, nowMs)
  const step = `${Math.ceil(intervalMs / 1_000)}s`
  const atCheck = check === undefined ? [] : await readBuckets(id, fromMs - maxGap, fromMs, step)
  // the trend needs an hour, also where somebody has just looked
  const before = fromMs <= agoMs(nowMs) ? buckets : await readBuckets(id, agoMs(nowMs), nowMs)
  underWay.delete(key)
  // refused or unreachable: the extremes are not shown, and it is tried again later
  if (buckets === undefined || before === undefined || atCheck === undefined) return
  const past = pastOf(buckets, { fromMs, stepMs: STEP_MS, maxGapMs: maxGap })
  const held = rangeOf(atCheck.slice(-1))
  pasts.value = new Map(pasts.value).set(id, {
    ...past,
    held,
    hourAgo: hourAgoIn(before, nowMs),
    readMs: nowMs,
  })
}

function agoMs(nowMs: number): number {
  return nowMs - HOUR_MS - STEP_MS
}

async function readBuckets(
  point: string,
  fromMs: number,
  toMs: number,
  step = STEP,
): Promise<readonly Bucket[] | undefined> {
  if (fromMs >= toMs) return []
  const answer = await get<{ items: readonly Bucket[] }>(
    `readings?point=${point}&from=${fromMs}&to=${toMs}&step=${step}`,
  )
  return 'value' in answer ? answer.value.items : undefined
}

function hourAgoIn(buckets: readonly Bucket[], nowMs: number): number | undefined {
  const before = buckets.find(({ start }) => {
    const ago = nowMs - Date.parse(start)
    return ago >= HOUR_MS - STEP_MS && ago < HOUR_MS + STEP_MS
  })
  return before?.mean
}

/**
 * The lowest and highest at points of a kind of place since an instant: what was read of it, and the reading that
 * holds now. Undefined until it was read.
 */
export function extremesSince(
  points: readonly PointStanding[],
  kind: string,
  fromMs: number,
  nowMs: number,
): Extremes | undefined {
  const each = points.map((standing) => {
    const { point, temperature, ageMs, intervalMs, isFaulty } = standing
    const past = pasts.value.get(point.id)
    const isRead = past?.fromMs === fromMs
    // whoever has just looked has seen the reading that holds, and there is nothing else yet
    if (!isRead && nowMs - fromMs > MINUTE_MS) return undefined
    const holds =
      !isFaulty && ageMs !== undefined && (nowMs - ageMs >= fromMs || ageMs <= maxGapMs(intervalMs, kind))
    const now = temperature !== undefined && holds ? [{ min: temperature, max: temperature }] : []
    const before = isRead ? [past.held, past.range].filter((range) => range !== undefined) : []
    return { range: rangeOf([...before, ...now]), hasGap: isRead && past.hasGap }
  })
  const known = each.filter((one) => one !== undefined)
  return known.length < each.length || each.length === 0 ? undefined : extremesOf(known)
}

/** Widens what was read of points by the readings that hold now: the next one takes their place on the screen. */
export function widenBy(points: readonly PointStanding[]): void {
  for (const { point, temperature, t, isFaulty } of points) {
    const past = pasts.value.get(point.id)
    if (isFaulty || past === undefined || temperature === undefined || t === undefined) continue
    const { range } = past
    const isWithin = range !== undefined && range.min <= temperature && temperature <= range.max
    if (isWithin || Date.parse(t) < past.fromMs) continue
    const wider = rangeOf([...(range === undefined ? [] : [range]), { min: temperature, max: temperature }])
    pasts.value = new Map(pasts.value).set(point.id, { ...past, range: wider })
  }
}

/** Which way the temperature went within the last hour; undefined when that is not known. */
export function trendOf(point: string): 'up' | 'down' | 'flat' | undefined {
  const before = pasts.value.get(point)?.hourAgo
  const newest = newestByPoint.value.get(point)
  const now = newest?.fault === null ? newest.temperature : undefined
  if (before === undefined || now === undefined) return undefined
  if (Math.abs(now - before) < TREND_K) return 'flat'
  return now > before ? 'up' : 'down'
}

/** Forgets what was read for somebody else. */
export function forgetPasts(): void {
  pasts.value = new Map()
}
