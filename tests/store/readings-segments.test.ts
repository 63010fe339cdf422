import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Readings } from './readings-fixture.ts'
import { openReadings, putRecord, T0 } from './readings-fixture.ts'

const sensors = ['a', 'b', 'c'] as const
const everything = { fromMs: 0, toMs: T0 * 2 }

let readings: Readings
beforeEach(() => {
  readings = openReadings()
  for (const [index, sensor] of sensors.entries()) {
    const samples = Array.from({ length: 40 }, (_, seq) => ({
      sensor,
      tMs: T0 + Math.floor(seq / 2) * 1_000,
      seq,
    }))
    putRecord(readings, index, samples)
  }
})
afterEach(() => {
  readings.remove()
})

/** Pieces of three sensors that do not overlap, in any order. */
const pieces = fc
  .array(
    fc.tuple(fc.constantFrom(...sensors), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 4 })),
    {
      maxLength: 9,
    },
  )
  .map((given) => {
    const ends = new Map<string, number>()
    return given.map(([sensor, pause, length]) => {
      const from = (ends.get(sensor) ?? 0) + pause
      ends.set(sensor, from + length)
      return { device: 'd1', sensor, fromMs: T0 + from * 1_000, toMs: T0 + (from + length) * 1_000 }
    })
  })
  .chain((made) => fc.shuffledSubarray(made, { minLength: made.length }))

test('pages over pieces follow each other in order, without a hole or a repeat; buckets count the same', async () => {
  const { reads } = readings
  const all = sensors.flatMap((sensor) =>
    Array.from({ length: 40 }, (_, seq) => ({ sensor, seq, tMs: T0 + Math.floor(seq / 2) * 1_000 })),
  )
  await fc.assert(
    fc.asyncProperty(pieces, fc.integer({ min: 1, max: 30 }), async (given, limit) => {
      const expected = all
        .filter(({ sensor, tMs }) =>
          given.some((piece) => piece.sensor === sensor && piece.fromMs <= tMs && tMs < piece.toMs),
        )
        .toSorted(
          (x, y) =>
            x.tMs - y.tMs || (x.sensor < y.sensor ? -1 : Number(x.sensor > y.sensor)) || x.seq - y.seq,
        )
        .map(({ sensor, seq }) => `${sensor} ${seq}`)
      const selection = { by: 'pieces', pieces: given } as const
      const seen: string[] = []
      let after: string | undefined
      do {
        const page = reads.page(selection, everything, limit, after)
        seen.push(...page.items.map(({ sensor, seq }) => `${sensor.slice(3)} ${seq}`))
        after = page.next ?? undefined
      } while (after !== undefined)
      expect(seen).toEqual(expected)
      const buckets = await reads.buckets(selection, everything, 5_000, 'temperature')
      expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(expected.length)
    }),
    { numRuns: 200 },
  )
})

test('pieces are cut to the period, and left out outside of the scope or when nothing was sent', () => {
  const { reads } = readings
  const pieces = [
    { device: 'd1', sensor: 'a', fromMs: T0, toMs: T0 + 9_000 },
    { device: 'd1', sensor: 'silent', fromMs: T0, toMs: T0 + 9_000 },
  ]
  const selection = { by: 'pieces', pieces } as const
  const seqs = (period = everything, devices?: readonly string[]): unknown[] =>
    reads.page(selection, period, 100, undefined, devices).items.map(({ seq }) => seq)
  expect(seqs({ fromMs: T0 + 8_000, toMs: T0 + 60_000 })).toEqual([16, 17])
  expect(seqs(everything, ['d2'])).toEqual([])
})

test('temperatures and rows of a piece come in order, rows page by page', () => {
  const { reads } = readings
  const piece = { device: 'd1', sensor: 'b', fromMs: T0 + 1_000, toMs: T0 + 3_000 }
  expect(reads.temperatures(piece)).toEqual(
    [1_000, 1_000, 2_000, 2_000].map((ms) => ({ tMs: T0 + ms, temperatureMilliC: 4_210 })),
  )
  const first = reads.rowsOf(piece, 3)
  expect(first.map(({ seq }) => seq)).toEqual([2, 3, 4])
  expect(reads.rowsOf(piece, 3, first.at(-1)).map(({ seq }) => seq)).toEqual([5])
})
