import { describe, expect, test } from 'vitest'
import type { Bucket, Check } from '../../dashboards/live/src/answers.ts'
import { printedRecently } from '../../dashboards/live/src/print.ts'
import { extremesOf, pastOf, sinceOf } from '../../dashboards/live/src/since.ts'

const MINUTE_MS = 60_000
const STEP_MS = 15 * MINUTE_MS
const zone = 'Asia/Shanghai'
const at = (text: string) => Date.parse(`${text}+08:00`)
/** Ten past one at night: since midnight there is little. */
const NOW_MS = at('2026-11-26T01:10:00')

function check(text: string): Check {
  const instant = new Date(at(text)).toISOString()
  return {
    id: 'c1',
    place: 'room',
    at: instant,
    claimedAt: null,
    note: '',
    recordedAt: instant,
    recordedBy: 'user:u-1',
  }
}

describe('minima and maxima count', () => {
  test('from the last check, for 24 h', () => {
    const yesterday = check('2026-11-25T01:10:01')
    expect(sinceOf(yesterday, zone, NOW_MS)).toEqual({ fromMs: at('2026-11-25T01:10:01'), check: yesterday })
  })

  test.each([undefined, check('2026-11-25T01:10:00')])(
    'from midnight at the site, when the last check is %j',
    (last) => {
      const midnight = { fromMs: at('2026-11-26T00:00:00'), check: undefined }
      expect(sinceOf(last, zone, NOW_MS)).toEqual(midnight)
    },
  )

  test('and the time they count from has its day where that is another', () => {
    expect(printedRecently(at('2026-11-26T00:05:00'), zone, NOW_MS)).toBe('00:05')
    expect(printedRecently(at('2026-11-25T15:10:00'), zone, NOW_MS)).toBe('11-25 15:10')
  })
})

describe('what was read of a point', () => {
  const fromMs = at('2026-11-26T00:00:00')
  const bucket = (quarter: number, min: number, max: number): Bucket => {
    const start = new Date(fromMs + quarter * STEP_MS).toISOString()
    return { start, count: 3, min, max, mean: (min + max) / 2 }
  }
  const past = (buckets: readonly Bucket[], maxGapMs = STEP_MS) =>
    pastOf(buckets, { fromMs, stepMs: STEP_MS, maxGapMs })

  test('goes from the lowest to the highest', () => {
    const read = past([bucket(0, 3.1, 4), bucket(1, 2.9, 3.3), bucket(2, 3, 5.2)])
    expect(read).toEqual({ fromMs, range: { min: 2.9, max: 5.2 }, hasGap: false })
  })

  test('has a gap where nothing came for longer than a reading holds', () => {
    expect(past([bucket(0, 3, 4), bucket(2, 3, 4)]).hasGap).toBe(true)
    expect(past([bucket(0, 3, 4), bucket(2, 3, 4)], 3 * STEP_MS).hasGap).toBe(false)
    expect(past([bucket(1, 3, 4), bucket(2, 3, 4)]).hasGap).toBe(true)
  })

  test('is nothing when nothing came', () => {
    expect(past([])).toEqual({ fromMs, range: undefined, hasGap: false })
  })
})

describe('several points together', () => {
  const warm = { range: { min: 4, max: 9 }, hasGap: false }
  const cold = { range: { min: -1, max: 3 }, hasGap: true }

  test('go from the lowest of any to the highest of any, and no average hides one', () => {
    expect(extremesOf([warm, cold])).toEqual({ range: { min: -1, max: 9 }, missing: 0, hasGap: true })
  })

  test('count those of which nothing is known', () => {
    const unknown = { range: undefined, hasGap: false }
    expect(extremesOf([warm, unknown])).toEqual({ ...warm, missing: 1 })
    expect(extremesOf([unknown, unknown])).toEqual({ range: undefined, missing: 2, hasGap: false })
  })
})
