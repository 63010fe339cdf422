import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseDuration, parseTime } from '../../api/times.ts'
import { instantText } from '../../domain/index.ts'

describe('times in requests', () => {
  test.each([
    [0, 0],
    ['0', 0],
    ['1795401600000', 1_795_401_600_000],
    [-1, -1],
    ['2026-11-23T02:40:00Z', Date.UTC(2026, 10, 23, 2, 40)],
    ['2026-11-23t10:40:00+08:00', Date.UTC(2026, 10, 23, 2, 40)],
    ['2026-11-23 02:40:00-00:30', Date.UTC(2026, 10, 23, 3, 10)],
    ['2026-11-23T02:40:00.5Z', Date.UTC(2026, 10, 23, 2, 40, 0, 500)],
    ['2026-11-23T02:40:00.123999999Z', Date.UTC(2026, 10, 23, 2, 40, 0, 123)],
    ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
    ['0001-01-01T00:00:00Z', -62_135_596_800_000],
    ['9999-12-31T23:59:59.999Z', 253_402_300_799_999],
  ])('%s', (given, timeMs) => {
    expect(parseTime('from', given)).toBe(timeMs)
  })

  test.each([
    '',
    'now',
    '2026-11-23',
    '2026-11-23T02:40:00',
    '2026-02-30T00:00:00Z',
    '2016-12-31T23:59:60Z',
    '9999-12-31T23:59:59-00:01',
    '1e12',
    '1795401600000.5',
    '253402300800000',
    253_402_300_800_000,
    1.5,
    Number.NaN,
  ])('refuses %s', (given) => {
    expect(() => parseTime('from', given)).toThrow(
      expect.objectContaining({ code: 'bad-request', message: 'from is not a time.' }),
    )
  })

  test('what answers show is read back as the same instant', () => {
    fc.assert(
      fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (timeMs) => {
        expect(parseTime('at', instantText(timeMs))).toBe(timeMs)
      }),
    )
  })
})

describe('lengths of time', () => {
  test.each([
    ['1', 1],
    [60_000, 60_000],
    ['250ms', 250],
    ['60s', 60_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
  ])('%s', (given, durationMs) => {
    expect(parseDuration('step', given)).toBe(durationMs)
  })

  test.each(['', '0', '0s', '-5m', '1.5h', '5 m', '5M', '1w', '9999999999', 'm'])('refuses %s', (given) => {
    expect(() => parseDuration('step', given)).toThrow(/step is not a length of time/)
  })
})
