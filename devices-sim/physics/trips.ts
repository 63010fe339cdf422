import type { PlannedPlace } from '../plan.ts'
import { hoursFrom, LocalTime } from './day.ts'
import { PRE_COOL_MINUTES } from './habits.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440

/** A trip of a vehicle or box: switched on or packed, on the road, back and empty; epoch ms. */
export interface Trip {
  readonly preCoolMs: number
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The trips of a place that end after `fromMs` and whose pre-cooling begins before `toMs`, the earliest first: what its
 * unit does by its busy hours. None for what does not travel.
 */
export function tripsOf(
  { kind, busyHours }: Pick<PlannedPlace, 'kind' | 'busyHours'>,
  zone: string,
  fromMs: number,
  toMs: number,
): readonly Trip[] {
  if (kind !== 'vehicle' && kind !== 'box') return []
  const time = new LocalTime(zone)
  const dayOf = (atMs: number): number => Math.floor(time.minuteOf(atMs) / DAY_MINUTES)
  const trips: Trip[] = []
  // hours may reach into the next day, and pre-cooling begins on the day before
  for (let day = dayOf(fromMs) - 1; day <= dayOf(toMs) + 1; day += 1) {
    for (const { fromMinute, untilMinute } of busyHours.map(hoursFrom)) {
      const startMs = instantOf(time, day * DAY_MINUTES + fromMinute)
      trips.push({
        preCoolMs: startMs - PRE_COOL_MINUTES * MINUTE_MS,
        fromMs: startMs,
        toMs: startMs + (untilMinute - fromMinute) * MINUTE_MS,
      })
    }
  }
  return trips
    .filter((trip) => trip.toMs > fromMs && trip.preCoolMs < toMs)
    .toSorted((a, b) => a.fromMs - b.fromMs)
}

/** When the wall clock shows a minute since 1970. */
function instantOf(time: LocalTime, localMinute: number): number {
  const aheadAt = (atMs: number): number => time.minuteOf(atMs) - Math.floor(atMs / MINUTE_MS)
  const nearMs = (localMinute - aheadAt(localMinute * MINUTE_MS)) * MINUTE_MS
  return (localMinute - aheadAt(nearMs)) * MINUTE_MS
}
