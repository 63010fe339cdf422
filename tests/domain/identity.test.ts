import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Measurements } from '../../domain/index.ts'
import { resolve } from '../../domain/index.ts'

describe('two messages about one reading', () => {
  const standing: Measurements = { temperatureMilliC: 4_200, doorOpen: false }
  test.each<[string, Measurements, unknown]>([
    ['the same', { temperatureMilliC: 4_200, doorOpen: false }, { outcome: 'duplicate' }],
    ['a part of it', { temperatureMilliC: 4_200 }, { outcome: 'duplicate' }],
    ['another value', { temperatureMilliC: 4_201 }, { outcome: 'conflict', quantity: 'temperatureMilliC' }],
    ['false and true differ', { doorOpen: true }, { outcome: 'conflict', quantity: 'doorOpen' }],
    [
      'a new field',
      { humidityMilliPct: 45_000 },
      { outcome: 'complement', added: { humidityMilliPct: 45_000 } },
    ],
    [
      'a new field and another value: conflict comes first',
      { humidityMilliPct: 45_000, temperatureMilliC: 4_201 },
      { outcome: 'conflict', quantity: 'temperatureMilliC' },
    ],
    [
      'a new field and an equal value',
      { batteryMilliPct: 1, temperatureMilliC: 4_200 },
      { outcome: 'complement', added: { batteryMilliPct: 1 } },
    ],
  ])('%s', (_, arriving, expected) => {
    expect(resolve(standing, arriving)).toEqual(expected)
  })

  test('whatever was added is then a duplicate, and no value ever changes', () => {
    const measurements = fc.record(
      {
        temperatureMilliC: fc.integer({ min: -3, max: 3 }),
        humidityMilliPct: fc.integer({ min: 0, max: 3 }),
        doorOpen: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(measurements, measurements, (first, second) => {
        const found = resolve(first, second)
        const differing = Object.keys(first).filter(
          (key) => key in second && first[key as 'doorOpen'] !== second[key as 'doorOpen'],
        )
        expect(found.outcome === 'conflict').toBe(differing.length > 0)
        fc.pre(found.outcome !== 'conflict')
        const merged = found.outcome === 'complement' ? { ...first, ...found.added } : first
        expect(merged).toEqual({ ...second, ...first })
        expect(resolve(merged, second)).toEqual({ outcome: 'duplicate' })
        expect(resolve(merged, first)).toEqual({ outcome: 'duplicate' })
      }),
    )
  })
})
