import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findings, findingsJson, type PointInput, timeInBand } from '../../alerts/index.ts'
import { excursionsOf } from '../../domain/index.ts'
import { runsOf } from '../alerts/arbitrary.ts'
import { minute, ruleOf } from '../alerts/series.ts'
import { IngestHarness } from '../ingest/harness.ts'

const values = [5, 5, 9, 7.5, 85, 85, 70, 327.67, -327.68, -127, 'nan', null]
const RECEIVED_MS = minute(600)

/** Readings of one sensor, numbered as they are taken. */
const anyReadings = fc
  .array(fc.tuple(fc.constantFrom(1, 2, 5, 5, 14, 15, 16, 40), fc.constantFrom(...values)), {
    minLength: 1,
    maxLength: 12,
  })
  .map((steps) => {
    let at = 0
    return steps.map(([step, temperature], seq) => ({ at: minute((at += step)), seq, temperature }))
  })

/** The same readings in any order, some of them several times, in messages of any size. */
const anyDelivery = anyReadings.chain((readings) =>
  fc.record({
    readings: fc.constant(readings),
    order: fc
      .array(fc.nat(readings.length - 1), { maxLength: 6 })
      .chain((again) =>
        fc.shuffledSubarray([...readings.keys(), ...again], { minLength: readings.length + again.length }),
      ),
    sizes: fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 }),
  }),
)

let harness: IngestHarness
beforeAll(() => {
  harness = new IngestHarness()
})
afterAll(() => {
  harness.close()
})

/** What the judge is given after ingest of messages of a device. */
function judged(deviceId: string, messages: readonly (readonly object[])[]): PointInput {
  for (const message of messages) harness.receive(message, { deviceId, receivedAtMs: RECEIVED_MS })
  const reads = harness.reads()
  expect(reads.balance(deviceId).balanced).toBe(true)
  const piece = { device: deviceId, sensor: 'main', fromMs: minute(0), toMs: minute(1_000) }
  const readings = reads.temperatures(piece)
  reads.close()
  const always = { fromMs: minute(0), toMs: null }
  const rules = ['> 8', '>= 7.5 for 10', '< 2'].map((text, index) => {
    return { ...always, packVersion: 1, rule: { ...ruleOf(text), id: `r/${index}` } }
  })
  return {
    point: 'point',
    quantity: 'temperature',
    place: 'place',
    zone: 'UTC',
    placeKind: 'refrigerator',
    role: 'product',
    life: always,
    placements: [always],
    expectedIntervals: [{ ...always, expectedIntervalMs: 5 * 60_000 }],
    duties: [],
    rules,
    readings: readings.map(({ tMs, temperatureMilliC: value }) => ({ tMs, value })),
  }
}

test('records in any order, number and size of messages give the same findings and the same unknown time', () => {
  let run = 0
  fc.assert(
    fc.property(anyDelivery, ({ readings, order, sizes }) => {
      run += 1
      const messages: object[][] = []
      let rest = order.map((index) => readings[index] ?? {})
      for (let nth = 0; rest.length > 0; nth += 1) {
        messages.push(rest.slice(0, sizes[nth] ?? 1))
        rest = rest.slice(sizes[nth] ?? 1)
      }
      const plain = judged(
        `plain-${run}`,
        readings.map((reading) => [reading]),
      )
      const mixed = judged(`mixed-${run}`, messages)
      const band = { minMilliC: 2_000, maxMilliC: 8_000 }
      const query = { band, fromMs: minute(0), toMs: minute(600), asOfMs: minute(600) }
      expect(findingsJson(findings({ points: [mixed] }, minute(600)))).toBe(
        findingsJson(findings({ points: [plain] }, minute(600))),
      )
      expect(timeInBand(mixed, query)).toEqual(timeInBand(plain, query))
      const faults = plain.readings.filter(({ value }) => value === null)
      expect(faults).toHaveLength(
        readings.filter(({ temperature }) => typeof temperature !== 'number' || Math.abs(temperature) > 100)
          .length,
      )
      const peaks = excursionsOf(findings({ points: [plain] }, minute(600))).map(
        ({ peakMilliC }) => peakMilliC,
      )
      expect(peaks.every((milliC) => milliC >= 5_000 && milliC <= 85_000)).toBe(true)
    }),
    runsOf(40),
  )
})
