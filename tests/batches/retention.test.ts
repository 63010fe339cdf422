import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type LotArrival, retentionOf } from '../../batches/index.ts'
import { expiryEnd, yearsAfter } from '../../batches/retention.ts'

const at = (text: string): number => Date.parse(text)
const text = (ms: number): string => new Date(ms).toISOString()
const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

describe('calendar years', () => {
  test.each([
    ['2021-11-28T08:15:30.123Z', '2026-11-28T08:15:30.123Z'],
    ['2020-02-29T23:59:59.999Z', '2025-03-01T00:00:00.000Z'],
    ['2020-02-29T00:00:00.000Z', '2025-03-01T00:00:00.000Z'],
    ['2020-03-01T00:00:00.000Z', '2025-03-01T00:00:00.000Z'],
    ['2019-02-28T00:00:00.000Z', '2024-02-28T00:00:00.000Z'],
    ['2019-12-31T23:59:59.999Z', '2024-12-31T23:59:59.999Z'],
  ])('five years after %s is %s', (from, to) => expect(text(yearsAfter(at(from), 5))).toBe(to))

  test('are never fewer days than the calendar has, and the order of instants stays', () => {
    const nearLeapDay = fc
      .integer({ min: -2 * DAY_MS, max: 2 * DAY_MS })
      .map((ms) => at('2020-02-29T12:00Z') + ms)
    const instant = fc.oneof(fc.integer({ min: 0, max: at('2100-01-01') }), nearLeapDay)
    fc.assert(
      fc.property(instant, instant, (one, other) => {
        const days = (yearsAfter(one, 5) - one) / DAY_MS
        expect(days).toBeGreaterThanOrEqual(5 * 365)
        expect(days).toBeLessThanOrEqual(5 * 365 + 2)
        expect(Math.sign(yearsAfter(one, 5) - yearsAfter(other, 5)) * Math.sign(one - other)).not.toBe(-1)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('a last day of use is over when it is over everywhere; what is no day never is', () => {
  expect(text(expiryEnd('2024-02-29'))).toBe('2024-03-01T12:00:00.000Z')
  for (const none of [null, '', '2023-02-29', '2024-13-01', '2024-2-9', 'soon'])
    expect(expiryEnd(none)).toBe(Infinity)
})

describe('until when records are kept', () => {
  const received = at('2021-05-01T10:00:00Z')

  test('without lots: five years', () => {
    expect(retentionOf([])(received)).toEqual({ untilMs: at('2026-05-01T10:00:00Z'), lot: null })
  })

  test('with a lot in reach: five years after it expired, if that is later', () => {
    const lot = { lot: 'l-1', fromMs: at('2021-04-01T00:00:00Z'), expiresOn: '2023-06-30' }
    expect(retentionOf([lot])(received)).toEqual({ untilMs: at('2028-07-01T12:00:00Z'), lot: 'l-1' })
    expect(retentionOf([{ ...lot, expiresOn: '2020-01-01' }])(received).lot).toBeNull()
  })

  test('a lot that came later is out of reach, but for a device whose clock is ahead', () => {
    const come = (fromMs: number) => retentionOf([{ lot: 'l-1', fromMs, expiresOn: '2030-01-01' }])(received)
    expect(come(received + 5 * MINUTE_MS).lot).toBe('l-1')
    expect(come(received + 5 * MINUTE_MS + 1).lot).toBeNull()
  })

  test('a lot of which no last day is known: for ever', () => {
    expect(retentionOf([{ lot: 'l-1', fromMs: 0, expiresOn: null }])(received)).toEqual({
      untilMs: Infinity,
      lot: 'l-1',
    })
  })
})

const arrivals = fc.array(
  fc.record({
    lot: fc.constantFrom('a', 'b', 'c', 'd'),
    fromMs: fc.integer({ min: at('2015-01-01'), max: at('2025-01-01') }),
    expiresOn: fc.option(
      fc
        .date({ min: new Date('2014-01-01'), max: new Date('2030-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString().slice(0, 10)),
      { freq: 8 },
    ),
  }),
  { maxLength: 12 },
)
const instant = fc.integer({ min: at('2014-06-01'), max: at('2025-06-01') })

describe('laws', () => {
  test('a record may go exactly when five years are over for it and for every lot that had come by then', () => {
    /** The rule as it is said, lot by lot. */
    const mayGo = (lots: readonly LotArrival[], receivedMs: number, nowMs: number): boolean =>
      yearsAfter(receivedMs, 5) < nowMs &&
      lots
        .filter(({ fromMs }) => fromMs <= receivedMs + 5 * MINUTE_MS)
        .every(({ expiresOn }) => expiresOn !== null && yearsAfter(expiryEnd(expiresOn), 5) < nowMs)
    const now = fc.integer({ min: at('2018-01-01'), max: at('2038-01-01') })
    fc.assert(
      fc.property(arrivals, instant, now, (lots, receivedMs, nowMs) => {
        expect(retentionOf(lots)(receivedMs).untilMs < nowMs).toBe(mayGo(lots, receivedMs, nowMs))
      }),
      { numRuns: 2_000 },
    )
  })

  test('what came later is never kept shorter, so the oldest go first', () => {
    fc.assert(
      fc.property(arrivals, instant, instant, (lots, one, other) => {
        const kept = retentionOf(lots)
        const [earlier, later] = [Math.min(one, other), Math.max(one, other)]
        expect(kept(earlier).untilMs).toBeLessThanOrEqual(kept(later).untilMs)
      }),
      { numRuns: 1_000 },
    )
  })

  test('another lot never shortens anything, and the order of lots says nothing', () => {
    fc.assert(
      fc.property(arrivals, arrivals, instant, (lots, more, receivedMs) => {
        const kept = retentionOf(lots)(receivedMs).untilMs
        expect(retentionOf([...lots, ...more])(receivedMs).untilMs).toBeGreaterThanOrEqual(kept)
        expect(retentionOf(lots.toReversed())(receivedMs).untilMs).toBe(kept)
        expect(kept).toBeGreaterThanOrEqual(yearsAfter(receivedMs, 5))
      }),
      { numRuns: 1_000 },
    )
  })
})
