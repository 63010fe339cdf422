import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findings, placeTimeInBand, timeInBand } from '../../alerts/index.ts'
import { anyAsOf, anyPoint, runsOf } from '../alerts/arbitrary.ts'
import { minute, ruleOf } from '../alerts/series.ts'
import { tickTotals } from '../alerts/ticks.ts'

const bands = fc.constantFrom(
  { minMilliC: 2000, maxMilliC: 8000 },
  { minMilliC: null, maxMilliC: 8000 },
  { minMilliC: -499, maxMilliC: null },
)
const queries = fc
  .record({
    band: bands,
    from: fc.integer({ min: 0, max: 200 }),
    length: fc.integer({ min: 0, max: 300 }),
    asOfMs: anyAsOf,
  })
  .map(({ band, from, length, asOfMs }) => ({
    band,
    fromMs: minute(from),
    toMs: minute(from + length),
    asOfMs,
  }))

test('totals are those of a walk from minute to minute, and add up to the period', () => {
  fc.assert(
    fc.property(fc.array(anyPoint, { maxLength: 3 }), queries, (points, query) => {
      const { minMilliC, maxMilliC, ...totals } = placeTimeInBand(points, query)
      expect(totals).toEqual(tickTotals(points, query))
      expect(totals.inMs + totals.warmMs + totals.coldMs + totals.unknownMs).toBe(query.toMs - query.fromMs)
      expect(minMilliC === null).toBe(maxMilliC === null)
      expect(minMilliC ?? 0).toBeLessThanOrEqual(maxMilliC ?? 0)
    }),
    runsOf(600),
  )
})

test('totals of a place with many points are those of a walk, too', () => {
  fc.assert(
    fc.property(fc.array(anyPoint, { minLength: 4, maxLength: 15 }), queries, (points, query) => {
      const { minMilliC, maxMilliC, ...totals } = placeTimeInBand(points, query)
      expect(totals).toEqual(tickTotals(points, query))
      const single = points.map((point) => timeInBand(point, query))
      const known = single.filter((each) => each.minMilliC !== null)
      const extremes = [
        known.length === 0 ? null : Math.min(...known.map((each) => Number(each.minMilliC))),
        known.length === 0 ? null : Math.max(...known.map((each) => Number(each.maxMilliC))),
      ]
      expect([minMilliC, maxMilliC]).toEqual(extremes)
    }),
    runsOf(100),
  )
})

test('a place is never better than any of its points, and its extremes are theirs', () => {
  fc.assert(
    fc.property(fc.array(anyPoint, { minLength: 1, maxLength: 3 }), queries, (all, query) => {
      const points = all.map((point) => ({ ...point, life: { fromMs: minute(0), toMs: null } }))
      const place = placeTimeInBand(points, query)
      const single = points.map((point) => timeInBand(point, query))
      expect(place.inMs).toBeLessThanOrEqual(Math.min(...single.map(({ inMs }) => inMs)))
      const outMs = Math.max(...single.map(({ warmMs, coldMs }) => warmMs + coldMs))
      expect(place.warmMs + place.coldMs).toBeGreaterThanOrEqual(outMs)
      const known = single.flatMap(({ minMilliC, maxMilliC }) =>
        minMilliC === null ? [] : [[minMilliC, maxMilliC]],
      )
      expect(place.minMilliC).toBe(known.length === 0 ? null : Math.min(...known.map(([low]) => Number(low))))
      expect(place.maxMilliC).toBe(
        known.length === 0 ? null : Math.max(...known.map(([, high]) => Number(high))),
      )
    }),
    runsOf(300),
  )
})

test('the time a rule observes is the time the totals count', () => {
  fc.assert(
    fc.property(anyPoint, anyAsOf, (any, asOfMs) => {
      const point = {
        ...any,
        role: 'product' as const,
        life: { fromMs: minute(0), toMs: null },
        duties: [{ fromMs: minute(0), toMs: null, duty: 'on-trip' as const }],
        rules: [{ fromMs: minute(0), toMs: null, packVersion: 1, rule: ruleOf('> 8') }],
      }
      const observedMs = findings({ points: [point] }, asOfMs).reduce((sum, each) => sum + each.observedMs, 0)
      const query = {
        band: { minMilliC: null, maxMilliC: 8000 },
        fromMs: minute(0),
        toMs: minute(5000),
        asOfMs,
      }
      expect(observedMs).toBe(timeInBand(point, query).warmMs)
    }),
    runsOf(500),
  )
})
