import fc from 'fast-check'
import { expect, test } from 'vitest'
import { placeTimeInBand } from '../../alerts/index.ts'
import {
  exposureOf,
  type ExposureParts,
  HOUR_MS,
  type LotHour,
  lotHoursOf,
  type PointTemperature,
} from '../../batches/index.ts'
import { City } from './city.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * HOUR_MS

function parts(facts: City, readings: readonly PointTemperature[]): ExposureParts {
  return {
    facts,
    sweep: placeTimeInBand,
    rest: () => Promise.resolve(),
    temperatures: ({ fromMs, toMs }) => readings.filter(({ tMs }) => fromMs <= tMs && tMs < toMs),
  }
}

function fridge(): City {
  return new City()
    .addPlace('fridge', null, 'refrigerator')
    .addPoint('p', 'fridge')
    .addPlace('cupboard')
    .addDevice(5 * MINUTE_MS)
    .addPlacement('a', 'p', 0)
}

test('an hour is what the lot had in it, place by place; nothing is known of a place without points', async () => {
  const facts = fridge()
    .addStock('l', 'fridge', 0, 90 * MINUTE_MS)
    .addStock('l', 'cupboard', 90 * MINUTE_MS, null)
  const readings = Array.from({ length: 24 }, (_, index) => ({
    tMs: index * 5 * MINUTE_MS,
    temperatureMilliC: index < 6 ? 9_500 : 5_000,
  }))
  const query = { lot: 'l', fromMs: 0, toMs: DAY_MS, asOfMs: 150 * MINUTE_MS }
  const none = { inMs: 0, warmMs: 0, coldMs: 0, unknownMs: 0, minMilliC: null, maxMilliC: null }
  const half = 30 * MINUTE_MS
  expect(await lotHoursOf(parts(facts, readings), query)).toEqual({
    lot: 'l',
    product: 'vaccine',
    band: { minMilliC: 2_000, maxMilliC: 8_000 },
    hours: [
      { ...none, place: 'fridge', hourMs: 0, warmMs: half, inMs: half, minMilliC: 5_000, maxMilliC: 9_500 },
      { ...none, place: 'cupboard', hourMs: HOUR_MS, unknownMs: half },
      { ...none, place: 'fridge', hourMs: HOUR_MS, inMs: half, minMilliC: 5_000, maxMilliC: 5_000 },
      { ...none, place: 'cupboard', hourMs: 2 * HOUR_MS, unknownMs: half },
    ],
  })
  expect((await lotHoursOf(parts(new City(), []), query))?.hours).toEqual([])
})

const story = fc.record({
  steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: -2_000, max: 12_000 })), {
    maxLength: 60,
  }),
  legs: fc.array(
    fc.tuple(fc.constantFrom('fridge', 'cupboard'), fc.nat(3_000), fc.integer({ min: 1, max: 2_000 })),
    { minLength: 1, maxLength: 4 },
  ),
  asOf: fc.integer({ min: 0, max: 4 * 24 * 60 }),
})

test('the hours of all days add up to the exposure, with the same extremes', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ steps, legs, asOf }) => {
      const facts = fridge()
      for (const [place, from, length] of legs) {
        facts.addStock('l', place, from * MINUTE_MS, (from + length) * MINUTE_MS)
      }
      let tMs = 0
      const readings = steps.map(([minutes, temperatureMilliC]) => {
        tMs += minutes * MINUTE_MS
        return { tMs, temperatureMilliC }
      })
      const given = parts(facts, readings)
      const [asOfMs, toMs] = [asOf * MINUTE_MS, 4 * DAY_MS]
      const whole = await exposureOf(given, { lot: 'l', fromMs: 0, toMs, asOfMs, isSeen: () => true })
      const hours: LotHour[] = []
      for (const day of [0, 1, 2, 3]) {
        const query = { lot: 'l', fromMs: day * DAY_MS, toMs: (day + 1) * DAY_MS, asOfMs }
        hours.push(...((await lotHoursOf(given, query))?.hours ?? []))
      }
      for (const of of ['inMs', 'warmMs', 'coldMs', 'unknownMs'] as const) {
        expect(hours.reduce((sum, hour) => sum + hour[of], 0)).toBe(whole?.total[of])
      }
      const lows = hours.flatMap(({ minMilliC }) => minMilliC ?? [])
      expect(lows.length === 0 ? null : Math.min(...lows)).toBe(whole?.total.minMilliC)
      expect(new Set(hours.map(({ hourMs, place }) => `${hourMs} ${place}`)).size).toBe(hours.length)
    }),
  )
})

test('between two rests little is read and little is swept, and the hours are what they were', async () => {
  const [points, everyMs] = [300, 10 * MINUTE_MS]
  const facts = new City()
    .addPlace('store', null, 'cold-room')
    .addDevice(everyMs)
    .addStock('l', 'store', 0, null)
  for (let point = 0; point < points; point += 1) {
    facts.addPoint(`p${point}`, 'store').addPlacement(`s${point}`, `p${point}`, 0)
  }
  // a probe at fault, heat, and what reads as heat only after heat
  const values = [5_000, 9_000, null, 1_500, 60_000, 85_000, 85_000, 4_000, 85_000]
  const readingsOf = (sensor: string) => {
    const shift = Number(sensor.slice(1))
    return Array.from({ length: 2 * 144 }, (_, index) => ({
      tMs: index * everyMs + shift * 1_000,
      temperatureMilliC:
        (index * 7 + shift) % 5 === 0 ? (values[(index + shift) % values.length] ?? null) : 5_000,
    })).filter(({ tMs }) => shift % 3 > 0 || tMs % (7 * everyMs) < 2 * everyMs)
  }
  let work = 0
  let mostWork = 0
  const given: ExposureParts = {
    facts,
    sweep: (lanes, query) => {
      work += lanes.reduce((sum, { readings }) => sum + readings.length, 0)
      return placeTimeInBand(lanes, query)
    },
    rest: () => {
      mostWork = Math.max(mostWork, work)
      work = 0
      return Promise.resolve()
    },
    temperatures: ({ sensor, fromMs, toMs }) => {
      const read = readingsOf(sensor).filter(({ tMs }) => fromMs <= tMs && tMs < toMs)
      work += read.length
      return read
    },
  }
  const found = await lotHoursOf(given, { lot: 'l', fromMs: DAY_MS, toMs: 2 * DAY_MS, asOfMs: 3 * DAY_MS })
  // of each point what is read in four hours: the hour, and what may still speak in it
  expect(Math.max(mostWork, work)).toBeLessThanOrEqual(points * 24)
  const whole = facts.points.map(({ id }) => ({
    point: id,
    quantity: 'temperature' as const,
    placeKind: 'cold-room' as const,
    life: { fromMs: 0, toMs: null },
    placements: [{ fromMs: 0, toMs: null }],
    expectedIntervals: [{ fromMs: 0, toMs: null, expectedIntervalMs: everyMs }],
    readings: readingsOf(`s${id.slice(1)}`).map(({ tMs, temperatureMilliC: value }) => ({ tMs, value })),
  }))
  const band = { minMilliC: 2_000, maxMilliC: 8_000 }
  const plain = Array.from({ length: 24 }, (_, index) => {
    const hourMs = DAY_MS + index * HOUR_MS
    const query = { band, fromMs: hourMs, toMs: hourMs + HOUR_MS, asOfMs: 3 * DAY_MS }
    return { place: 'store', hourMs, ...placeTimeInBand(whole, query) }
  })
  expect(found?.hours).toEqual(plain)
})
