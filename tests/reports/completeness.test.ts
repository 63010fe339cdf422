import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { completenessTotals, intervalCounter } from '../../reports/index.ts'
import { sampleReport } from './sample.ts'

const INTERVAL_MS = 300_000
const DAY_MS = 86_400_000

/** Expected and missing of a piece of a day, by the instants of its readings. */
function counted(instants: readonly number[], toMs = DAY_MS): readonly [number, number] {
  const counter = intervalCounter(0, toMs, INTERVAL_MS)
  for (const tMs of instants.toSorted((a, b) => a - b)) counter.see(tMs)
  return [counter.expected, counter.missing()]
}

/** A reading every interval of a day, each moved as told. */
function everyInterval(moved: (index: number) => number, count = 288): number[] {
  return Array.from({ length: count }, (_, index) => index * INTERVAL_MS + moved(index))
}

describe('missing readings', () => {
  test('none of a sensor that reports as expected, wherever its period begins', () => {
    for (const phaseMs of [0, 1, 75_000, 150_000, 299_999]) {
      expect(counted(everyInterval(() => phaseMs))).toEqual([288, 0])
    }
  })

  test('none of one that is a little early now and a little late then', () => {
    for (const phaseMs of [0, 80_000, 150_000, 299_999]) {
      const early = (index: number): number =>
        phaseMs + (index % 3 === 0 ? -5_000 : index % 3 === 1 ? 7_000 : 0)
      const readings = everyInterval(early, 289).filter((tMs) => tMs >= 0 && tMs < DAY_MS)
      expect(counted(readings)).toEqual([288, 0])
    }
  })

  test('all of them without a reading, and none expected of less than an interval', () => {
    expect(counted([])).toEqual([288, 288])
    expect(counted([], INTERVAL_MS - 1)).toEqual([0, 0])
    expect(counted([10], INTERVAL_MS - 1)).toEqual([0, 0])
    expect(counted([10], INTERVAL_MS * 1.9)).toEqual([1, 0])
  })

  test('an hour without readings is not made up for by twice as many before it', () => {
    const hours = everyInterval(() => 150_000).filter((tMs) => tMs < 3_600_000 || tMs >= 7_200_000)
    const twice = everyInterval(() => 160_000, 12)
    expect(counted([...hours, ...twice, ...twice.map((tMs) => tMs + 10)])).toEqual([288, 12])
  })

  test('a sensor that reports every other time misses half', () => {
    expect(counted(everyInterval(() => 10).filter((_, index) => index % 2 === 0))).toEqual([288, 144])
  })
})

describe('laws', () => {
  const arbitraryPiece = fc
    .record({
      fromMs: fc.integer({ min: 0, max: 1e12 }),
      intervalMs: fc.integer({ min: 1, max: 100_000 }),
      lengthMs: fc.integer({ min: 0, max: 3_000_000 }),
    })
    .chain(({ fromMs, intervalMs, lengthMs }) =>
      fc.record({
        fromMs: fc.constant(fromMs),
        toMs: fc.constant(fromMs + lengthMs),
        intervalMs: fc.constant(intervalMs),
        readings: fc.array(fc.integer({ min: fromMs, max: fromMs + lengthMs }), { maxLength: 200 }),
      }),
    )
  const missingOf = (
    { fromMs, toMs, intervalMs }: { fromMs: number; toMs: number; intervalMs: number },
    readings: readonly number[],
  ): number => {
    const counter = intervalCounter(fromMs, toMs, intervalMs)
    for (const tMs of readings.toSorted((a, b) => a - b)) if (tMs < toMs) counter.see(tMs)
    return counter.missing()
  }

  test('expected = missing + those with a reading, of one of two cuts counted by hand', () => {
    fc.assert(
      fc.property(arbitraryPiece, ({ readings, ...piece }) => {
        const { fromMs, toMs, intervalMs } = piece
        const { expected } = intervalCounter(fromMs, toMs, intervalMs)
        const inWhole = readings.filter((tMs) => tMs < fromMs + expected * intervalMs)
        const plain = new Set(inWhole.map((tMs) => Math.floor((tMs - fromMs) / intervalMs)))
        const shifted = new Set(
          inWhole.map((tMs) => Math.floor((tMs - fromMs) / intervalMs + 0.5) % expected),
        )
        expect(expected).toBe(Math.floor((toMs - fromMs) / intervalMs))
        expect(missingOf(piece, readings)).toBe(expected - Math.max(plain.size, shifted.size))
      }),
    )
  })

  test('no fewer are missing than readings are too few, and another reading never makes more of them', () => {
    fc.assert(
      fc.property(arbitraryPiece, fc.nat(), ({ readings, ...piece }, more) => {
        const { expected } = intervalCounter(piece.fromMs, piece.toMs, piece.intervalMs)
        const missing = missingOf(piece, readings)
        expect(missing).toBeGreaterThanOrEqual(Math.max(0, expected - readings.length))
        expect(missing).toBeLessThanOrEqual(expected)
        const another = piece.fromMs + (more % (piece.toMs - piece.fromMs + 1))
        expect(missingOf(piece, [...readings, another])).toBeLessThanOrEqual(missing)
        expect(missingOf(piece, [...readings, ...readings])).toBe(missing)
      }),
    )
  })

  test('a silence of n intervals leaves at least n - 1 missing, whatever came before and after it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: DAY_MS - 1 }), { maxLength: 2_000 }),
        fc.integer({ min: 1, max: 286 }),
        fc.integer({ min: 1, max: 100 }),
        (readings, from, length) => {
          const to = Math.min(287, from + length)
          const outside = [...readings, ...everyInterval(() => 1), ...everyInterval(() => 151_000)].filter(
            (tMs) => tMs < from * INTERVAL_MS || tMs >= to * INTERVAL_MS,
          )
          expect(counted(outside)[1]).toBeGreaterThanOrEqual(to - from - 1)
        },
      ),
    )
  })
})

test('totals are the sums of the pieces and of what was held', () => {
  const { completeness } = sampleReport()
  const held = [...completeness.held, { device: 'd-2', sensor: 'main', reason: 'conflict', count: 3 }]
  const [piece] = completeness.pieces
  const pieces = piece === undefined ? [] : [piece, piece]
  expect(completenessTotals({ pieces, held })).toEqual({
    expected: 1_152,
    missing: 24,
    stored: 1_140,
    late: 18,
    duplicate: 6,
    held: 5,
    unknownMs: 5_400_000,
  })
})
