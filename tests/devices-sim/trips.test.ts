import { expect, test } from 'vitest'
import { type Trip, tripsOf } from '../../devices-sim/index.ts'
import { DAY_MS, HOUR_MS, MIDNIGHT_MS, MINUTE_MS } from './city.ts'

const van = { kind: 'vehicle', busyHours: ['08:00-12:00'] } as const
const zone = 'Asia/Shanghai'
const hours = (trips: readonly Trip[]): readonly (readonly number[])[] =>
  trips.map((trip) =>
    [trip.preCoolMs, trip.fromMs, trip.toMs].map((instantMs) => (instantMs - MIDNIGHT_MS) / HOUR_MS),
  )

test('a vehicle is pre-cooled 45 min before it leaves, every day, by the clocks of the place', () => {
  expect(hours(tripsOf(van, zone, MIDNIGHT_MS, MIDNIGHT_MS + 2 * DAY_MS))).toEqual([
    [7.25, 8, 12],
    [31.25, 32, 36],
  ])
})

test('a trip is there while any of it lies in the period', () => {
  const at = (hour: number): number => MIDNIGHT_MS + hour * HOUR_MS
  expect(tripsOf(van, zone, at(11.9), at(12.5))).toHaveLength(1)
  expect(tripsOf(van, zone, at(12), at(31.25))).toEqual([])
  expect(tripsOf(van, zone, at(12), at(31.25) + 1)).toHaveLength(1)
})

test('hours may reach into the next day, and pre-cooling begin on the day before', () => {
  const night = { kind: 'vehicle', busyHours: ['22:00-02:00', '00:15-00:30'] } as const
  expect(hours(tripsOf(night, zone, MIDNIGHT_MS + HOUR_MS, MIDNIGHT_MS + 24 * HOUR_MS))).toEqual([
    [-2.75, -2, 2],
    [21.25, 22, 26],
    [23.5, 24.25, 24.5],
  ])
})

test('a trip begins by the clocks of the place also on the day they are set forward', () => {
  // 2026-03-29, 02:00 to 03:00 is left out in Berlin
  const midnightMs = Date.UTC(2026, 2, 28, 23)
  const [trip] = tripsOf(van, 'Europe/Berlin', midnightMs + 4 * HOUR_MS, midnightMs + DAY_MS)
  expect(trip).toEqual({
    preCoolMs: Date.UTC(2026, 2, 29, 6) - 45 * MINUTE_MS,
    fromMs: Date.UTC(2026, 2, 29, 6),
    toMs: Date.UTC(2026, 2, 29, 10),
  })
})

test('what does not travel has no trips', () => {
  const fridge = { kind: 'refrigerator', busyHours: ['08:00-12:00'] } as const
  expect(tripsOf(fridge, zone, MIDNIGHT_MS, MIDNIGHT_MS + DAY_MS)).toEqual([])
})
