import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Bucket, Period, ReadingReads, Selection } from '../../store/index.ts'
import { influxReads } from '../../store/index.ts'
import { type Influxd, startInfluxd } from '../support/influxd.ts'
import { curlCount, freshDatabase, projectAll } from '../store/influx-fixture.ts'
import type { Sample } from '../store/readings-fixture.ts'
import { complementRecord, openReadings, putRecord, T0 } from '../store/readings-fixture.ts'
import { skipReason } from './reading-reads-subjects.ts'

/** More runs and another seed for a long search: `READS_RUNS=500 READS_SEED=7`. */
const numRuns = Number(process.env['READS_RUNS'] ?? 12)
const seed = Number(process.env['READS_SEED'] ?? 20_261_123)

/** Instants crowd together, so that ties, edges and shared buckets are common. */
const offset = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -90_000, max: 90_000 }))
const milli = fc.integer({ min: -85_000, max: 85_000 })

const sample: fc.Arbitrary<Sample> = fc
  .record({
    device: fc.constantFrom('d1', 'd1.x', 'd-1'),
    sensor: fc.constantFrom('main', 'a', 'B_2'),
    offset,
    seq: fc.option(fc.oneof(fc.nat(5), fc.constantFrom(999_998, 999_999, 1_000_003, 2 ** 40))),
    values: fc.record(
      { temperatureMilliC: milli, humidityMilliPct: milli, doorOpen: fc.boolean(), mainsPower: fc.boolean() },
      { requiredKeys: [] },
    ),
  })
  .map(({ offset: ms, ...rest }) => ({ ...rest, tMs: T0 + ms }))

const question = fc.record({
  selection: fc.constantFrom<Selection>(
    { by: 'point', point: 'none' },
    { by: 'sensor', device: 'd1', sensor: 'main' },
    { by: 'sensor', device: 'd-1', sensor: 'a' },
  ),
  edges: fc.tuple(offset, offset),
  limit: fc.integer({ min: 1, max: 12 }),
  stepMs: fc.constantFrom(1, 7, 1_000, 60_000),
  quantity: fc.constantFrom('temperature', 'humidity', 'battery'),
})

/** Where a sample's row is; only one can be there. */
function placeOf({ device, sensor, tMs, seq }: Sample): string {
  return `${device}/${sensor}/${tMs}/${seq === null || seq === undefined ? 0 : (seq + 1) % 1_000_000}`
}

/** A mean of floats added up one by one differs in the last bits from one of exact integers. */
function rounded(buckets: readonly Bucket[]): Bucket[] {
  return buckets.map((bucket) => ({ ...bucket, mean: Number(bucket.mean.toFixed(9)) + 0 }))
}

async function answers(reads: ReadingReads, asked: Parameters<typeof periodOf>[0]): Promise<unknown> {
  const { selection, limit, stepMs, quantity } = asked
  const period = periodOf(asked)
  return {
    series: await reads.series(selection, period, limit),
    buckets: rounded(await reads.buckets(selection, period, stepMs, quantity)),
    count: await reads.count(selection, period),
    last: await reads.last(selection),
  }
}

function periodOf(asked: typeof question extends fc.Arbitrary<infer Question> ? Question : never): Period {
  return { fromMs: T0 + asked.edges[0], toMs: T0 + asked.edges[1] }
}

describe.skipIf(skipReason !== undefined)(`canonical store and InfluxDB ${skipReason ?? ''}`, () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.remove())

  test('answer alike, whatever is stored and asked', async () => {
    const samples = fc.uniqueArray(sample, { selector: placeOf, minLength: 1, maxLength: 60 })
    const property = fc.asyncProperty(
      samples,
      fc.array(question, { minLength: 6, maxLength: 6 }),
      async (stored, asked) => {
        const readings = openReadings()
        const http = freshDatabase(influxd.url)
        try {
          for (const [index, each] of stored.entries()) putRecord(readings, index, [each])
          await projectAll(readings, http)
          const first = stored[0]
          if (first !== undefined)
            complementRecord(readings, stored.length, first, { batteryMilliPct: 55_500 })
          await projectAll(readings, http)
          expect(curlCount(influxd.url, http.database)).toBe(stored.length)
          const projected = influxReads(http)
          for (const each of asked) {
            expect(await answers(projected, each)).toEqual(await answers(readings.reads, each))
          }
        } finally {
          readings.remove()
        }
      },
    )
    await fc.assert(property, { numRuns, seed })
  })
})
