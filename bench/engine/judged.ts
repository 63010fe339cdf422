import { createHash } from 'node:crypto'
import { findings, findingsJson, type PointReading } from '../../alerts/index.ts'
import type { Finding } from '../../domain/index.ts'
import type { Fleet, Placed } from './fleet.ts'
import { SENSORS } from './fleet.ts'
import type { Stream } from './stream.ts'

/** What came out. */
export interface Judged {
  readonly hash: string
  readonly count: number
}

/** The findings of all readings at once, by point. */
export function wholeOf(
  { points, placed }: Fleet,
  { sensors, timesMs, milliC }: Stream,
  asOfMs: number,
): Judged {
  const readings = Array.from({ length: SENSORS }, (): PointReading[] => [])
  for (const [nth, sensor] of sensors.entries()) {
    const tMs = timesMs[nth] ?? 0
    readings[placedAt(placed, sensor, tMs) ?? -1]?.push({ tMs, value: milliC[nth] ?? 0 })
  }
  const input = points.map(({ subject }, nth) => ({ ...subject, readings: readings[nth] ?? [] }))
  return hashed(findings({ points: input }, asOfMs))
}

/** The same findings have the same hash. */
export function hashed(found: readonly Finding[]): Judged {
  return { hash: createHash('sha256').update(findingsJson(found)).digest('hex'), count: found.length }
}

/** The point at which a sensor was at an instant. */
export function placedAt(
  placed: readonly (readonly Placed[])[],
  sensor: number,
  tMs: number,
): number | undefined {
  return placed[sensor]?.find(({ fromMs, toMs }) => fromMs <= tMs && tMs < toMs)?.point
}
