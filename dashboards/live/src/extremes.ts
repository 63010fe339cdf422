import { signal } from '@preact/signals'
import type { Bucket } from './answers.ts'
import { newestByPoint } from './standings.ts'
import { printedDay, startOfDay } from './print.ts'
import { get } from './server.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const STEP = '15m'
const STEP_MS = 15 * MINUTE_MS
/** So long what was read of the past holds; today's extremes go on with every reading. */
const FRESH_MS = 5 * MINUTE_MS
/** Less than this within an hour, K, is no trend: a compressor does as much. */
const TREND_K = 0.5

/** What today and the last hour were like at a point. */
export interface Past {
  readonly day: string
  /** degC */
  readonly min: number | undefined
  readonly max: number | undefined
  /** Mean of the quarter of an hour an hour ago; undefined when there was nothing. */
  readonly hourAgo: number | undefined
  readonly readMs: number
}

/** By point. */
export const pasts = signal<ReadonlyMap<string, Past>>(new Map())
const underWay = new Set<string>()

/** Reads the past of a point unless it was read just now. */
export async function readPast(point: string, zone: string, nowMs: number): Promise<void> {
  const day = printedDay(nowMs, zone)
  const known = pasts.value.get(point)
  if (underWay.has(point) || (known?.day === day && nowMs - known.readMs < FRESH_MS)) return
  underWay.add(point)
  const midnightMs = startOfDay(day, zone)
  const fromMs = Math.min(midnightMs, nowMs - HOUR_MS - STEP_MS)
  const answer = await get<{ items: readonly Bucket[] }>(
    `readings?point=${point}&from=${fromMs}&to=${nowMs}&step=${STEP}`,
  )
  underWay.delete(point)
  // refused or unreachable: today's extremes are not shown, and it is tried again later
  if ('refused' in answer) return
  pasts.value = new Map(pasts.value).set(point, {
    ...pastOf(answer.value.items, midnightMs, nowMs),
    day,
    readMs: nowMs,
  })
}

function pastOf(buckets: readonly Bucket[], midnightMs: number, nowMs: number) {
  const today = buckets.filter(({ start }) => Date.parse(start) >= midnightMs)
  const before = buckets.find(({ start }) => {
    const agoMs = nowMs - Date.parse(start)
    return agoMs >= HOUR_MS - STEP_MS && agoMs < HOUR_MS + STEP_MS
  })
  return {
    min: today.length === 0 ? undefined : Math.min(...today.map(({ min }) => min)),
    max: today.length === 0 ? undefined : Math.max(...today.map(({ max }) => max)),
    hourAgo: before?.mean,
  }
}

/** The lowest and highest of today at a point, with the reading shown now; undefined when there is nothing. */
export function todayOf(
  point: string,
  zone: string,
  nowMs: number,
): { min: number; max: number } | undefined {
  const past = pasts.value.get(point)
  const day = printedDay(nowMs, zone)
  if (past === undefined) return undefined
  const reading = newestByPoint.value.get(point)
  const isToday =
    reading !== undefined && reading.fault === null && printedDay(Date.parse(reading.t), zone) === day
  const known = past.day === day ? [past.min, past.max] : []
  const values = [...known, isToday ? reading.temperature : undefined].filter((each) => each !== undefined)
  if (values.length === 0) return undefined
  return { min: Math.min(...values), max: Math.max(...values) }
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
