import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { instantFrom } from '../../domain/index.ts'

describe('an instant', () => {
  test.each([
    [1795401600000, 1795401600000],
    [0, 0],
    ['2026-11-23T02:40:00Z', Date.UTC(2026, 10, 23, 2, 40)],
    ['2026-11-23T10:40:00+08:00', Date.UTC(2026, 10, 23, 2, 40)],
    ['2026-11-23t02:40:00.1239z', Date.UTC(2026, 10, 23, 2, 40, 0, 123)],
    ['2026-11-23 02:40:00.5Z', Date.UTC(2026, 10, 23, 2, 40, 0, 500)],
    ['2026-11-23T02:40:00.123999999Z', Date.UTC(2026, 10, 23, 2, 40, 0, 123)],
    ['2024-02-29T00:00:00-00:30', Date.UTC(2024, 1, 29, 0, 30)],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    [-1, -1],
  ])('%s is %d', (at, expected) => {
    expect(instantFrom(at)).toBe(expected)
  })

  test.each([
    [1795401600000.5],
    [8.65e15],
    ['2026-11-23T02:40:00'],
    ['2026-11-23'],
    ['2026-11-23T02:40Z'],
    ['2026-11-23T02:40:00Z '],
    ['2026-02-30T00:00:00Z'],
    ['2025-02-29T00:00:00Z'],
    ['2026-00-01T00:00:00Z'],
    ['2026-13-01T00:00:00Z'],
    ['2026-11-00T00:00:00Z'],
    ['2026-11-23T24:00:00Z'],
    ['2026-11-23T00:60:00Z'],
    ['2016-12-31T23:59:60Z'],
    ['2026-11-23T02:40:00+24:00'],
    ['2026-11-23T02:40:00+00:60'],
    ['2026-11-23T02:40:00+8:00'],
    ['2026-11-23T02:40:00.1234567890Z'],
    ['1795401600000'],
    [true],
    [{}],
  ])('%s is no instant', (at) => {
    expect(instantFrom(at)).toBeUndefined()
  })

  test('any instant of the years 0 to 9999 survives being written as RFC 3339', () => {
    const min = Date.parse('0000-01-01T00:00:00Z')
    const max = Date.parse('9999-12-31T23:59:59.999Z')
    fc.assert(
      fc.property(fc.integer({ min, max }), (ms) => {
        expect(instantFrom(new Date(ms).toISOString())).toBe(ms)
      }),
    )
  })
})
