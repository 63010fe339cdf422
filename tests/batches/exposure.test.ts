import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { placeTimeInBand } from '../../alerts/index.ts'
import { type Exposure, exposureOf, type ExposureParts, type PointTemperature } from '../../batches/index.ts'
import { City } from './city.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Temperatures by sensor, earliest first. */
type Measured = Readonly<Record<string, readonly PointTemperature[]>>

function parts(facts: City, measured: Measured): ExposureParts {
  return {
    facts,
    sweep: placeTimeInBand,
    rest: () => Promise.resolve(),
    temperatures: ({ sensor, fromMs, toMs }) =>
      (measured[sensor] ?? []).filter(({ tMs }) => fromMs <= tMs && tMs < toMs),
  }
}

async function exposure(
  facts: City,
  measured: Measured,
  over: { fromMs?: number; toMs?: number; asOfMs?: number } = {},
) {
  const query = { lot: 'l', fromMs: 0, toMs: 10 * DAY_MS, asOfMs: 10 * DAY_MS, isSeen: () => true, ...over }
  const found = await exposureOf(parts(facts, measured), query)
  if (found === undefined) throw new Error('no such lot')
  return found
}

function every(stepMs: number, milliC: readonly number[], fromMs = 0): PointTemperature[] {
  return milliC.map((temperatureMilliC, index) => ({ tMs: fromMs + index * stepMs, temperatureMilliC }))
}

function fridge(): City {
  return new City()
    .addPlace('fridge', null, 'refrigerator')
    .addPoint('p', 'fridge')
    .addDevice(5 * MINUTE_MS)
}

describe('the exposure of a lot', () => {
  test('takes both ends of the label as in range', async () => {
    const facts = fridge()
      .addPlacement('a', 'p', 0)
      .addStock('l', 'fridge', 0, 25 * MINUTE_MS)
    const measured = { a: every(5 * MINUTE_MS, [2_000, 8_000, 1_999, 8_001, 5_000]) }
    expect((await exposure(facts, measured)).legs).toEqual([
      {
        place: 'fridge',
        measuredIn: 'fridge',
        quantity: 10,
        fromMs: 0,
        toMs: 25 * MINUTE_MS,
        inMs: 15 * MINUTE_MS,
        warmMs: 5 * MINUTE_MS,
        coldMs: 5 * MINUTE_MS,
        unknownMs: 0,
        minMilliC: 1_999,
        maxMilliC: 8_001,
        worst: { point: 'p', outMs: 10 * MINUTE_MS, minMilliC: 1_999, maxMilliC: 8_001 },
      },
    ])
  })

  test('knows a reading for three intervals, also into the next day, and nothing after now', async () => {
    const facts = fridge().addPlacement('a', 'p', 0).addStock('l', 'fridge', 0, null)
    const measured = { a: [{ tMs: DAY_MS - 5 * MINUTE_MS, temperatureMilliC: 9_000 }] }
    const { legs } = await exposure(facts, measured, { asOfMs: DAY_MS + HOUR_MS })
    expect(legs).toMatchObject([
      { toMs: DAY_MS + HOUR_MS, warmMs: 15 * MINUTE_MS, unknownMs: DAY_MS + HOUR_MS - 15 * MINUTE_MS },
    ])
    const early = await exposure(facts, measured, { asOfMs: DAY_MS })
    expect(early.legs).toMatchObject([{ toMs: DAY_MS, warmMs: 5 * MINUTE_MS }])
  })

  test('is of the worst point: longest out, then furthest', async () => {
    const facts = fridge()
      .addPoint('q', 'fridge')
      .addPoint('r', 'fridge')
      .addPlacement('a', 'p', 0)
      .addPlacement('b', 'q', 0)
      .addPlacement('c', 'r', 0)
      .addStock('l', 'fridge', 0, 15 * MINUTE_MS)
    const measured = {
      a: every(5 * MINUTE_MS, [20_000, 5_000, 5_000]),
      b: every(5 * MINUTE_MS, [9_000, 9_000, 5_000]),
      c: every(5 * MINUTE_MS, [5_000, 1_000, -3_000]),
    }
    const { legs, total } = await exposure(facts, measured)
    const worst = { point: 'r', outMs: 10 * MINUTE_MS, minMilliC: -3_000, maxMilliC: 5_000 }
    expect(legs).toMatchObject([{ inMs: 0, warmMs: 5 * MINUTE_MS, coldMs: 10 * MINUTE_MS, worst }])
    expect(total.worst).toEqual(worst)
  })

  test('is unknown where nothing measures, and adds up legs side by side', async () => {
    const facts = fridge()
      .addPlace('cupboard')
      .addPlacement('a', 'p', 0)
      .addStock('l', 'fridge', 0, HOUR_MS, 3)
      .addStock('l', 'cupboard', 0, HOUR_MS, 7)
    const { legs, total } = await exposure(facts, { a: every(5 * MINUTE_MS, Array<number>(12).fill(4_000)) })
    expect(legs).toMatchObject([
      { place: 'cupboard', measuredIn: null, quantity: 7, unknownMs: HOUR_MS, worst: null },
      { place: 'fridge', measuredIn: 'fridge', quantity: 3, inMs: HOUR_MS, worst: null },
    ])
    expect(total).toMatchObject({ inMs: HOUR_MS, unknownMs: HOUR_MS, minMilliC: 4_000, worst: null })
  })

  test('of more than 4,000 days of points is refused', async () => {
    const facts = fridge().addStock('l', 'fridge', 0, 4_001 * DAY_MS)
    const long = { toMs: 5_000 * DAY_MS, asOfMs: 5_000 * DAY_MS }
    const refused: unknown = expect.objectContaining({ code: 'bad-request' })
    await expect(exposure(facts, {}, long)).rejects.toEqual(refused)
    const short = await exposure(facts, {}, { ...long, toMs: 10 * DAY_MS })
    expect(short.total.unknownMs).toBe(10 * DAY_MS)
  })
})

const story = fc.record({
  steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 * 60 }), fc.integer({ min: -2_000, max: 12_000 })), {
    maxLength: 40,
  }),
  handOver: fc.integer({ min: 1, max: 3 * 24 * 60 }),
  legs: fc.array(
    fc.tuple(fc.constantFrom('fridge', 'cupboard'), fc.nat(4_000), fc.integer({ min: 1, max: 3_000 })),
    {
      maxLength: 4,
    },
  ),
  asOf: fc.integer({ min: 0, max: 8 * 24 * 60 }),
})

test('in + warm + cold + unknown is the length of every leg, and days add up to the whole', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ steps, handOver, legs, asOf }) => {
      const facts = fridge()
        .addPlace('cupboard')
        .addPlacement('a', 'p', 0, handOver * MINUTE_MS)
        .addPlacement('b', 'p', handOver * MINUTE_MS)
      for (const [place, from, length] of legs) {
        facts.addStock('l', place, from * MINUTE_MS, (from + length) * MINUTE_MS)
      }
      let tMs = 0
      const readings = steps.map(([minutes, temperatureMilliC]) => {
        tMs += minutes * MINUTE_MS
        return { tMs, temperatureMilliC }
      })
      const found = await exposure(facts, { a: readings, b: readings }, { asOfMs: asOf * MINUTE_MS })
      for (const leg of found.legs) {
        expect(leg.inMs + leg.warmMs + leg.coldMs + leg.unknownMs).toBe(leg.toMs - leg.fromMs)
        const outMs = leg.warmMs + leg.coldMs
        expect(leg.worst?.outMs ?? 0).toBe(outMs)
        const whole = leg.measuredIn === null ? {} : atOnce(facts, readings, leg, asOf * MINUTE_MS)
        expect(leg).toMatchObject(whole)
      }
      const sum = (of: (leg: Exposure['legs'][number]) => number): number =>
        found.legs.reduce((total, leg) => total + of(leg), 0)
      expect(found.total.inMs).toBe(sum((leg) => leg.inMs))
      expect(found.total.unknownMs).toBe(sum((leg) => leg.unknownMs))
    }),
    { numRuns: 300 },
  )
})

/** The same leg by one sweep over everything, as the engine would tell it. */
function atOnce(
  facts: City,
  readings: readonly PointTemperature[],
  leg: { readonly fromMs: number; readonly toMs: number },
  asOfMs: number,
) {
  const history = {
    point: 'p',
    quantity: 'temperature',
    placeKind: 'refrigerator',
    life: { fromMs: 0, toMs: null },
    placements: facts.placements.map(({ validFrom, validTo }) => ({ fromMs: validFrom, toMs: validTo })),
    expectedIntervals: [{ fromMs: 0, toMs: null, expectedIntervalMs: 5 * MINUTE_MS }],
    readings: readings.map(({ tMs, temperatureMilliC: value }) => ({ tMs, value })),
  } as const
  const band = { minMilliC: 2_000, maxMilliC: 8_000 }
  return placeTimeInBand([history], { band, fromMs: leg.fromMs, toMs: leg.toMs, asOfMs })
}
