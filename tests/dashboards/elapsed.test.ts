import { expect, test } from 'vitest'
import { elapsedMs, instant } from '../../dashboards/live/src/elapsed.ts'

const HOUR_MS = 3_600_000

test('a clock that was set back makes nothing look younger', () => {
  const now = instant()
  const since = { wallMs: now.wallMs + HOUR_MS, steadyMs: now.steadyMs - 5_000 }
  expect(elapsedMs(since)).toBeGreaterThanOrEqual(5_000)
  expect(elapsedMs(since)).toBeLessThan(HOUR_MS)
})

test('a steady clock that stood still while the computer slept makes nothing look younger', () => {
  const now = instant()
  expect(elapsedMs({ ...now, wallMs: now.wallMs - 8 * HOUR_MS })).toBeGreaterThanOrEqual(8 * HOUR_MS)
})

test('is a whole number of milliseconds, as times of the api are', () => {
  expect(elapsedMs(instant()) % 1).toBe(0)
})
