import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Latencies } from '../../devices-sim/latencies.ts'

test('a quantile is the sorted value at its rank, to a tenth of a millisecond', () => {
  const durations = fc.array(fc.double({ min: 0, max: 59_000, noNaN: true }), {
    minLength: 1,
    maxLength: 200,
  })
  fc.assert(
    fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
      const latencies = new Latencies()
      for (const ms of all) latencies.add(ms)
      const rank = Math.max(1, Math.ceil(part * all.length))
      const exact = all.toSorted((a, b) => a - b)[rank - 1] ?? 0
      expect(Math.abs((latencies.quantile(part) ?? 0) - exact)).toBeLessThanOrEqual(0.1001)
    }),
    { numRuns: 25 },
  )
})

test('of none there is none, and what takes a minute or longer counts as a minute', () => {
  const latencies = new Latencies()
  expect(latencies.quantile(0.5)).toBeNull()
  latencies.add(3_600_000)
  expect(latencies.quantile(0.5)).toBeCloseTo(60_000, 0)
})
