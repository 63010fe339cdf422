import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ReadingReads, SeriesRow } from '../../store/index.ts'
import type { Sample } from '../store/readings-fixture.ts'
import { complementRecord, putRecord, T0 } from '../store/readings-fixture.ts'
import type { Subject } from './reading-reads-subjects.ts'
import { implementations } from './reading-reads-subjects.ts'

const MINUTE_MS = 60_000
const always = { fromMs: 0, toMs: T0 * 2 }
const main = { by: 'sensor', device: 'd1', sensor: 'main' } as const
const unplaced = { by: 'point', point: 'none' } as const

/** What tells rows apart in these tests. */
function brief(rows: readonly SeriesRow[]): unknown[] {
  return rows.map(({ sensor, tMs, seq }) => [sensor, tMs - T0, seq])
}

describe.each(implementations)('$name', (implementation) => {
  beforeAll(() => implementation.open())
  afterAll(() => implementation.close())

  describe.skipIf(implementation.skip)('reads readings', () => {
    let subject: Subject
    let reads: ReadingReads
    beforeEach(() => {
      subject = implementation.subject()
      reads = subject.reads
    })
    afterEach(() => {
      subject.remove()
    })

    /** Puts each sample as a record of its own and makes it visible. */
    async function given(...samples: readonly Sample[]): Promise<void> {
      for (const [index, sample] of samples.entries()) putRecord(subject.readings, index, [sample])
      await subject.settle()
      expect(subject.rows()).toBe(samples.length)
    }

    test('with every quantity, and without those that were not measured', async () => {
      const all = {
        temperatureMilliC: -18_375,
        humidityMilliPct: 45_200,
        batteryMilliPct: 0,
        doorOpen: false,
        mainsPower: true,
      }
      await given(
        { tMs: T0, seq: 12, receivedAtMs: T0 + 350, values: all },
        { tMs: T0 + 1, values: { doorOpen: true } },
        { tMs: T0 + 2, values: { latE7: 1, lonE7: 2 } },
      )
      expect(await reads.series(main, always, 10)).toEqual([
        {
          sensor: 'd1/main',
          tMs: T0,
          seq: 12,
          receivedAtMs: T0 + 350,
          temperature: -18.375,
          humidity: 45.2,
          battery: 0,
          doorOpen: false,
          mainsPower: true,
        },
        { sensor: 'd1/main', tMs: T0 + 1, seq: null, receivedAtMs: T0 + 251, doorOpen: true },
        { sensor: 'd1/main', tMs: T0 + 2, seq: null, receivedAtMs: T0 + 252 },
      ])
    })

    test('of one sensor or of all that are placed nowhere', async () => {
      await given(
        { tMs: T0 },
        { tMs: T0, sensor: 'a.b-c_d' },
        { tMs: T0 + 1, device: 'd10' },
        { tMs: T0, device: 'd1.x' },
      )
      expect(brief(await reads.series(main, always, 10))).toEqual([['d1/main', 0, null]])
      const dotted = { by: 'sensor', device: 'd1', sensor: 'a.b-c_d' } as const
      expect(brief(await reads.series(dotted, always, 10))).toEqual([['d1/a.b-c_d', 0, null]])
      expect(brief(await reads.series(unplaced, always, 10))).toEqual([
        ['d1.x/main', 0, null],
        ['d1/a.b-c_d', 0, null],
        ['d1/main', 0, null],
        ['d10/main', 1, null],
      ])
      expect([await reads.count(main, always), await reads.count(unplaced, always)]).toEqual([1, 4])
    })

    test('of one instant apart by their seq', async () => {
      await given(
        { tMs: T0, seq: 999_998 },
        { tMs: T0, seq: 0 },
        { tMs: T0, seq: null },
        { tMs: T0, seq: 3_000_000 + 41 },
      )
      expect(brief(await reads.series(main, always, 10))).toEqual([
        ['d1/main', 0, null],
        ['d1/main', 0, 0],
        ['d1/main', 0, 3_000_041],
        ['d1/main', 0, 999_998],
      ])
      expect(await reads.count(main, always)).toBe(4)
    })

    test('by instant, then sensor, then seq, wherever the limit falls', async () => {
      const samples = [
        { tMs: T0, device: 'a', seq: 9 },
        { tMs: T0, device: 'b', seq: 1 },
        { tMs: T0, device: 'a', seq: 5 },
        { tMs: T0 - 1, device: 'c', seq: 700 },
        { tMs: T0, device: 'c', seq: null },
      ]
      await given(...samples)
      const expected = [
        ['c/main', -1, 700],
        ['a/main', 0, 5],
        ['a/main', 0, 9],
        ['b/main', 0, 1],
        ['c/main', 0, null],
      ]
      for (let limit = 1; limit <= 6; limit += 1) {
        expect(brief(await reads.series(unplaced, always, limit))).toEqual(expected.slice(0, limit))
      }
    })

    test('from the start of a period up to, and not including, its end', async () => {
      await given({ tMs: T0 - 1, seq: 999_998 }, { tMs: T0 }, { tMs: T0 + 9, seq: 4 }, { tMs: T0 + 10 })
      const period = { fromMs: T0, toMs: T0 + 10 }
      expect(brief(await reads.series(main, period, 10))).toEqual([
        ['d1/main', 0, null],
        ['d1/main', 9, 4],
      ])
      expect(await reads.count(main, period)).toBe(2)
      expect(await reads.buckets(main, period, 1, 'temperature')).toEqual([
        { startMs: T0, count: 1, min: 4.21, max: 4.21, mean: 4.21 },
        { startMs: T0 + 9, count: 1, min: 4.21, max: 4.21, mean: 4.21 },
      ])
    })

    test('as nothing where there is nothing', async () => {
      await given({ tMs: T0 })
      const nobody = { by: 'sensor', device: 'd1', sensor: 'unknown' } as const
      const nowhere = { by: 'point', point: 'p1' } as const
      for (const [selection, fromMs, toMs] of [
        [main, T0 + 1, T0 + 2],
        [main, T0, T0],
        [main, T0 + 5, T0 - 5],
        [nobody, 0, T0 * 2],
        [nowhere, 0, T0 * 2],
      ] as const) {
        const period = { fromMs, toMs }
        expect(await reads.series(selection, period, 10)).toEqual([])
        expect(await reads.count(selection, period)).toBe(0)
        expect(await reads.buckets(selection, period, 1000, 'temperature')).toEqual([])
      }
      expect([await reads.last(nobody), await reads.last(nowhere)]).toEqual([undefined, undefined])
      expect(await reads.buckets(main, always, 1000, 'humidity')).toEqual([])
      const endless = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
      expect(await reads.count(main, endless)).toBe(1)
    })

    test('in buckets aligned to the UTC epoch, empty ones left out', async () => {
      const stepMs = 7 * MINUTE_MS
      const start = Math.ceil(T0 / stepMs) * stepMs
      await given(
        { tMs: start - 1, values: { temperatureMilliC: -500 } },
        { tMs: start, values: { temperatureMilliC: -18_100 } },
        { tMs: start + 1, seq: 3, values: { temperatureMilliC: -20_300 } },
        { tMs: start + 2, values: { humidityMilliPct: 50_000 } },
        { tMs: start + stepMs - 1, device: 'd2', values: { temperatureMilliC: -19_000 } },
        { tMs: start + 2 * stepMs, values: { temperatureMilliC: 8_000 } },
      )
      const buckets = await reads.buckets(unplaced, always, stepMs, 'temperature')
      expect(buckets).toEqual([
        { startMs: start - stepMs, count: 1, min: -0.5, max: -0.5, mean: -0.5 },
        {
          startMs: start,
          count: 3,
          min: -20.3,
          max: -18.1,
          mean: expect.closeTo((-18.1 - 20.3 - 19) / 3, 9) as number,
        },
        { startMs: start + 2 * stepMs, count: 1, min: 8, max: 8, mean: 8 },
      ])
      expect(
        await reads.buckets(main, { fromMs: start + 1, toMs: start + 3 }, stepMs, 'temperature'),
      ).toEqual([{ startMs: start, count: 1, min: -20.3, max: -20.3, mean: -20.3 }])
      expect(await reads.buckets(main, always, stepMs, 'humidity')).toEqual([
        { startMs: start, count: 1, min: 50, max: 50, mean: 50 },
      ])
    })

    test('and the newest of them by instant, sensor and seq', async () => {
      await given(
        { tMs: T0 + 5, device: 'a', seq: 9 },
        { tMs: T0 + 5, device: 'b', seq: 1 },
        { tMs: T0 + 5, device: 'b', seq: 0 },
        { tMs: T0 + 4, device: 'c' },
        { tMs: T0 + 3 },
        { tMs: T0 },
      )
      expect(brief([await reads.last(main)].flatMap((row) => row ?? []))).toEqual([['d1/main', 3, null]])
      expect(brief([await reads.last(unplaced)].flatMap((row) => row ?? []))).toEqual([['b/main', 5, 1]])
    })

    test('as later records complete them', async () => {
      await given({ tMs: T0, values: { temperatureMilliC: 4_000 } }, { tMs: T0 + 1 })
      complementRecord(subject.readings, 2, { tMs: T0 }, { doorOpen: true, humidityMilliPct: 40_000 })
      await subject.settle()
      expect(await reads.series(main, always, 1)).toEqual([
        {
          sensor: 'd1/main',
          tMs: T0,
          seq: null,
          receivedAtMs: T0 + 250,
          temperature: 4,
          humidity: 40,
          doorOpen: true,
        },
      ])
      expect(await reads.count(main, always)).toBe(2)
      expect(subject.rows()).toBe(2)
    })

    test('or refuses what cannot be asked', async () => {
      await given({ tMs: T0 })
      const badRequest = { code: 'bad-request' }
      await expect(reads.series(main, always, 0)).rejects.toMatchObject(badRequest)
      await expect(reads.series(main, always, 100_001)).rejects.toMatchObject(badRequest)
      await expect(reads.count(main, { fromMs: 0.5, toMs: 1 })).rejects.toMatchObject(badRequest)
      await expect(reads.buckets(main, always, -1, 'temperature')).rejects.toMatchObject(badRequest)
    })
  })
})
