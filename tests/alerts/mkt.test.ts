import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  assessMkt,
  assessMktOfEnergies,
  DELTA_H_BY_R_K,
  deltaHByRK,
  findings,
  meanKineticC,
  type PointInput,
  type Weighted,
} from '../../alerts/index.ts'
import { excursionsOf, type MktLimit } from '../../domain/index.ts'
import { runsOf } from './arbitrary.ts'
import { minute, MINUTE_MS, pointOf } from './series.ts'

const HOUR_MS = 60 * MINUTE_MS
const cct: MktLimit = {
  limitMilliC: 8_000,
  windowMs: 24 * HOUR_MS,
  appliesFromMilliC: 2_000,
  appliesToMilliC: 15_000,
  excursionMs: 24 * HOUR_MS,
}
const weighted = (...pairs: (readonly [number, number])[]): Weighted[] =>
  pairs.map(([celsius, weight]) => ({ milliC: celsius * 1_000, weight }))

describe('the mean kinetic temperature', () => {
  // worked out with 50 digits, but for the last: a published one, whose sign error gives 15.7
  test.each([
    ['constant', weighted([5, 4]), 5],
    ['of four', weighted([2, 1], [8, 1], [15, 1], [25, 1]), 16.5535047783],
    ['of 18 h at 5 and 6 h at 14', weighted([5, 18], [14, 6]), 8.2852157735],
    ['of 20 h at 5 and 4 h at 12', weighted([5, 20], [12, 4]), 6.6501284911],
    ['of 23 h at 5 and 1 h at 15', weighted([5, 23], [15, 1]), 5.7635458927],
    ['of 29 d at 22 and 1 d at 38', weighted([22, 696], [38, 24]), 23.275898889],
    ['of 29 d at 25 and 1 d at 40', weighted([25, 696], [40, 24]), 26.1130342664],
    ['of a ramp', weighted([20, 1], [21, 1], [22, 1], [23, 1], [24, 1], [25, 1]), 22.656275827],
    ['of a freezer', weighted([-25, 1], [-20, 2], [-15, 1]), -19.10063048],
    ['of uneven times', weighted([4.9, 13], [5.3, 47], [9.8, 5], [5.1, 115]), 5.3114679912],
    ['of 25, 37 and 8', weighted([25, 1], [37, 1], [8, 1]), 29.22303655],
  ])('%s', (_what, parts, expected) => {
    expect(meanKineticC(parts)).toBeCloseTo(expected, 8)
  })

  test('is never less than the mean, never more than the most, and the same for any unit of time', () => {
    const part = fc.record({
      milliC: fc.integer({ min: -90_000, max: 60_000 }),
      weight: fc.integer({ min: 1, max: 1_000_000 }),
    })
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 40 }), (parts) => {
        const weights = parts.reduce((sum, { weight }) => sum + weight, 0)
        const mean = parts.reduce((sum, { milliC, weight }) => sum + (milliC / 1_000) * weight, 0) / weights
        const mkt = meanKineticC(parts)
        expect(mkt).toBeGreaterThanOrEqual(mean - 1e-9)
        expect(mkt).toBeLessThanOrEqual(Math.max(...parts.map(({ milliC }) => milliC)) / 1_000 + 1e-9)
        const hours = parts.map(({ milliC, weight }) => ({ milliC, weight: weight / 3_600 }))
        expect(meanKineticC(hours)).toBeCloseTo(mkt, 9)
      }),
      runsOf(500),
    )
  })
})

/** Readings every 5 minutes; from and to in hours. */
function pointWith(...spans: (readonly [from: number, to: number, celsius: number])[]): PointInput {
  const readings = spans.flatMap(([from, to, celsius]) => {
    return Array.from({ length: (to - from) * 12 }, (_none, nth) => {
      return { tMs: minute(from * 60 + nth * 5), value: celsius * 1_000 }
    })
  })
  return { ...pointOf('> 8', ''), readings }
}

function assessed(point: PointInput, limit: MktLimit | undefined = cct) {
  const asOfMs = Math.max(...point.readings.map(({ tMs }) => tMs)) + 5 * MINUTE_MS
  const [excursion] = excursionsOf(findings({ points: [point] }, asOfMs))
  if (excursion === undefined) throw new Error('the point has an excursion')
  return assessMkt(point, excursion, limit, asOfMs)
}

describe('the worst window', () => {
  test('has the excursion in it, and of two warm spells the nearer', () => {
    // at hour 20 it was warm but in range, at hour 45 the excursion, at hour 75 warm again, too far away
    const point = pointWith([0, 20, 4], [20, 30, 7.9], [30, 45, 4], [45, 47, 10], [47, 75, 4], [75, 90, 7.9])
    const [day, month] = assessed(point).windows
    expect(day).toMatchObject({ fromMs: minute(23 * 60), toMs: minute(47 * 60), knownMs: 24 * HOUR_MS })
    expect(day?.mktC).toBeCloseTo(meanKineticC(weighted([7.9, 7], [4, 15], [10, 2])), 9)
    expect(month?.knownMs).toBe(90 * HOUR_MS)
  })

  test('lies in an excursion that is longer', () => {
    const point = pointWith([0, 10, 5], [10, 30, 9], [30, 60, 12], [60, 70, 5])
    const { windows, statement } = assessed(point)
    expect(windows[0]?.mktC).toBeCloseTo(12, 9)
    expect(statement).toBe('too-long')
  })

  test('counts unknown time for nothing, and says so', () => {
    const point = pointWith([0, 10, 5], [20, 22, 9], [22, 23, 5])
    const [day] = assessed(point).windows
    expect(day?.knownMs).toBeLessThan(24 * HOUR_MS)
    expect(day?.mktC).toBeGreaterThan(5)
  })

  test('is nowhere less than in any window of whole minutes', () => {
    const temperature = fc.constantFrom(3, 5, 7.9, 8.1, 9, 12)
    const spans = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.option(temperature, { freq: 5 })), {
      minLength: 3,
      maxLength: 12,
    })
    fc.assert(
      fc.property(spans, (parts) => {
        let hour = 0
        const point = pointWith(
          ...parts.flatMap(([hours, celsius]): [number, number, number][] => {
            hour += hours
            return celsius === null ? [] : [[hour - hours, hour, celsius]]
          }),
        )
        const asOfMs = minute(hour * 60)
        const [excursion] = excursionsOf(findings({ points: [point] }, asOfMs))
        if (excursion === undefined) return
        const [day] = assessMkt(point, excursion, cct, asOfMs).windows
        const endMs = excursion.endMs ?? asOfMs
        const [firstMs = 0, lastMs = 0] = [excursion.startMs, endMs - 24 * HOUR_MS].toSorted((a, b) => a - b)
        for (let fromMs = firstMs; fromMs <= lastMs; fromMs += HOUR_MS / 4) {
          const toMs = fromMs + 24 * HOUR_MS
          if (fromMs > firstMs && toMs > asOfMs) break
          expect(day?.mktC ?? 0).toBeGreaterThanOrEqual(
            plainMkt(point, fromMs, Math.min(toMs, asOfMs)) - 1e-9,
          )
        }
      }),
      runsOf(100),
    )
  })
})

describe('with an activation energy of its own', () => {
  const point = pointWith([0, 20, 5], [20, 24, 12], [24, 30, 5])
  const asOfMs = minute(30 * 60)
  const [excursion] = excursionsOf(findings({ points: [point] }, asOfMs))
  if (excursion === undefined) throw new Error('the point has an excursion')

  test('of 83.144 kJ/mol it is what is told of every excursion', () => {
    expect(deltaHByRK(83_144.626)).toBeCloseTo(DELTA_H_BY_R_K, 3)
    for (const limit of [undefined, cct, { ...cct, windowMs: 72 * HOUR_MS }]) {
      const usual = assessMkt(point, excursion, limit, asOfMs)
      expect(assessMktOfEnergies(point, excursion, limit, [DELTA_H_BY_R_K], asOfMs)).toEqual([usual])
    }
  })

  test('what was very warm weeks before takes nothing from it', () => {
    const hot = pointWith([0, 2, 50], [2, 500, 5], [500, 501, 9], [501, 530, 5])
    const toMs = minute(530 * 60)
    const found = excursionsOf(findings({ points: [hot] }, toMs)).find(
      ({ startMs }) => startMs >= minute(500 * 60),
    )
    if (found === undefined) throw new Error('it was at 9 degrees')
    const [own] = assessMktOfEnergies(hot, found, undefined, [deltaHByRK(300_000)], toMs)
    const day = own?.windows[0]
    const expected = meanKineticC(weighted([9, 1], [5, 23]), deltaHByRK(300_000))
    expect(day?.mktC).toBeCloseTo(expected, 5)
  })

  test('the more warmth costs, the nearer the mean is to the warmest', () => {
    const energiesK = [40, 83.144, 200, 300].map((kilojoules) => deltaHByRK(kilojoules * 1_000))
    const all = assessMktOfEnergies(point, excursion, cct, energiesK, asOfMs)
    const days = all.map(({ windows: [day] }) => day?.mktC ?? 0)
    expect(days).toEqual(days.toSorted((a, b) => a - b))
    expect(new Set(days).size).toBe(4)
    expect(days.at(-1)).toBeCloseTo(meanKineticC(weighted([5, 20], [12, 4]), deltaHByRK(300_000)), 9)
    expect(all.map(({ statement }) => statement)).toEqual(['within', 'within', 'within', 'over'])
  })

  test('where it does not apply, it does for nothing', () => {
    const hot = pointWith([0, 20, 5], [20, 21, 16], [21, 40, 5])
    const energiesK = [40, 300].map((kilojoules) => deltaHByRK(kilojoules * 1_000))
    const said = assessMktOfEnergies(hot, excursionOf(hot), cct, energiesK, minute(2_400))
    expect(said.map(({ statement }) => statement)).toEqual(['too-warm', 'too-warm'])
    expect(assessMktOfEnergies(hot, excursionOf(hot), cct, [], minute(2_400))).toEqual([])
  })
})

/** Minute by minute; a reading speaks for 15 minutes. */
function plainMkt({ readings }: PointInput, fromMs: number, toMs: number): number {
  const parts: Weighted[] = []
  let at = 0
  for (let tMs = fromMs; tMs < toMs; tMs += MINUTE_MS) {
    while ((readings[at + 1]?.tMs ?? Number.POSITIVE_INFINITY) <= tMs) at += 1
    const reading = readings[at]
    const isKnown = reading !== undefined && reading.tMs <= tMs && tMs < reading.tMs + 15 * MINUTE_MS
    if (isKnown && reading.value !== null) parts.push({ milliC: reading.value, weight: 1 })
  }
  return parts.length === 0 ? Number.NEGATIVE_INFINITY : meanKineticC(parts)
}

describe('what it says', () => {
  test.each([
    ['within', pointWith([0, 20, 5], [20, 24, 12], [24, 40, 5])],
    ['over', pointWith([0, 18, 5], [18, 24, 14], [24, 40, 5])],
    ['too-warm', pointWith([0, 20, 5], [20, 21, 16], [21, 40, 5])],
    ['too-cold', pointWith([0, 20, 1.5], [20, 24, 12], [24, 25, 1.5])],
    ['too-long', pointWith([0, 20, 5], [20, 45, 8.5], [45, 60, 5])],
  ])('%s', (statement, point) => expect(assessed(point).statement).toBe(statement))

  test('nothing where the rule names no limit', () => {
    const point = pointWith([0, 20, 5], [20, 24, 12], [24, 40, 5])
    expect(assessMkt(point, excursionOf(point), undefined, minute(2_400)).statement).toBe('no-limit')
  })

  test('unknown, while nothing around it is known yet', () => {
    const point = { ...pointOf('> 8', ''), readings: [{ tMs: minute(0), value: 9_000 }] }
    const [excursion] = excursionsOf(findings({ points: [point] }, minute(0)))
    if (excursion === undefined) throw new Error('one reading alone is an excursion')
    expect(assessMkt(point, excursion, cct, minute(0))).toEqual({ windows: [], statement: 'unknown' })
  })

  test('too warm, also where that was before the worst window of a long excursion', () => {
    const long = { ...cct, excursionMs: 1_000 * HOUR_MS }
    const point = pointWith([0, 10, 5], [10, 11, 16], [11, 50, 8.1], [50, 100, 9], [100, 101, 5])
    const { windows, statement } = assessed(point, long)
    expect(windows[0]?.fromMs).toBeGreaterThan(minute(11 * 60))
    expect(statement).toBe('too-warm')
  })

  test('no mean excuses cold', () => {
    const point = { ...pointOf('< 2', ''), readings: pointWith([0, 20, 5], [20, 24, 1]).readings }
    expect(assessMkt(point, excursionOf(point), cct, minute(1_440)).statement).toBe('cold')
  })
})

function excursionOf(point: PointInput) {
  const [excursion] = excursionsOf(findings({ points: [point] }, minute(2_400)))
  if (excursion === undefined) throw new Error('the point has an excursion')
  return excursion
}
