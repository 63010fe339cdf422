import { describe, expect, test } from 'vitest'
import { decimal, decimalsOf, decimalsOfLimit, hoursMinutesSeconds, localTime } from '../../reports/print.ts'

describe('temperatures', () => {
  const printed = (milliC: number, limitMilliC: number | null): string =>
    decimal(milliC, decimalsOf(milliC, limitMilliC))

  test.each([
    [4_210, 8_000, '4.2'],
    [8_040, 8_000, '8.04'],
    [8_050, 8_000, '8.05'],
    [8_051, 8_000, '8.1'],
    [7_950, 8_000, '7.95'],
    [8_000, 8_000, '8.00'],
    [8_004, 8_000, '8.004'],
    [7_996, 8_000, '7.996'],
    [8_005, 8_000, '8.01'],
    [-512, -500, '-0.51'],
    [-40, null, '0.0'],
    [-50, null, '-0.1'],
    [-18_250, -15_000, '-18.3'],
    [0, 2_000, '0.0'],
  ])('%i m°C beside the limit %s is printed %s', (milliC, limitMilliC, text) => {
    expect(printed(milliC, limitMilliC)).toBe(text)
  })

  test('nothing but the limit itself is ever printed as the limit', () => {
    const near = Array.from({ length: 201 }, (_, index) => 1_900 + index)
    expect(near.filter((milliC) => Number(printed(milliC, 2_000)) === 2)).toEqual([2_000])
  })

  test.each([
    [8_000, '8.0'],
    [-15_000, '-15.0'],
    [2_250, '2.25'],
    [2_125, '2.125'],
  ])('the limit %i is printed %s', (milliC, text) => {
    expect(decimal(milliC, decimalsOfLimit(milliC))).toBe(text)
  })
})

test.each([
  [0, '0:00:00'],
  [59_999, '0:00:59'],
  [3_600_000, '1:00:00'],
  [93_784_000, '26:03:04'],
  [400 * 3_600_000, '400:00:00'],
])('%i ms last %s', (durationMs, text) => {
  expect(hoursMinutesSeconds(durationMs)).toBe(text)
})

test.each([
  ['Asia/Shanghai', Date.UTC(2026, 10, 22, 16), '2026-11-23 00:00:00 +08:00'],
  ['UTC', Date.UTC(2026, 10, 22, 16, 0, 1), '2026-11-22 16:00:01 +00:00'],
  ['Asia/Kathmandu', Date.UTC(2026, 0, 1), '2026-01-01 05:45:00 +05:45'],
  // the hour that comes twice
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 0, 30), '2026-10-25 02:30:00 +02:00'],
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 1, 30), '2026-10-25 02:30:00 +01:00'],
])('clocks in %s at %i show %s', (zone, epochMs, text) => {
  expect(localTime(epochMs, { zone })).toBe(text)
})
