import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  printedClock,
  printedDay,
  printedSecond,
  printedTemperature,
  printedTime,
  startOfDay,
} from '../../dashboards/live/src/print.ts'

describe('temperatures', () => {
  test.each([
    [4.21, '4.2 ℃'],
    [4.25, '4.3 ℃'],
    [-4.25, '-4.3 ℃'],
    [-0.04, '-0.04 ℃'],
    [0, '0.0 ℃'],
    [8, '8.0 ℃'],
    [8.04, '8.04 ℃'],
    [7.96, '7.96 ℃'],
    [8.051, '8.1 ℃'],
    [8.004, '8.004 ℃'],
    [-21.4, '-21.4 ℃'],
  ])('%d with limits 2 and 8 is %s', (celsius, text) => {
    expect(printedTemperature(celsius, [2, 8], 'zh')).toBe(text)
  })

  test('have the unit of the language', () => {
    expect(printedTemperature(4.2, [], 'en')).toBe('4.2 °C')
  })

  test('that are no limit never read like one', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -30_000, max: 30_000 }),
        fc.integer({ min: -250, max: 250 }),
        (milli, tenths) => {
          const limit = tenths / 10
          fc.pre(milli !== tenths * 100)
          const printed = printedTemperature(milli / 1_000, [limit], 'zh')
          expect(Number.parseFloat(printed)).not.toBe(limit)
        },
      ),
    )
  })
})

describe('times', () => {
  test('are those of the site', () => {
    expect(printedTime('2026-11-23T16:05:00Z', 'Asia/Shanghai')).toBe('11-24 00:05')
    expect(printedClock('2026-11-23T16:05:00Z', 'Europe/London')).toBe('16:05')
    expect(printedSecond('2026-11-23T16:05:09Z', 'Asia/Shanghai')).toBe('00:05:09')
    expect(printedDay(Date.parse('2026-11-23T16:05:00Z'), 'Asia/Shanghai')).toBe('2026-11-24')
  })

  test('a day begins at its midnight, also where clocks change', () => {
    const begins = (day: string, zone: string): string => new Date(startOfDay(day, zone)).toISOString()
    expect(begins('2026-11-24', 'Asia/Shanghai')).toBe('2026-11-23T16:00:00.000Z')
    expect(begins('2026-03-29', 'Europe/London')).toBe('2026-03-29T00:00:00.000Z')
    expect(begins('2026-03-30', 'Europe/London')).toBe('2026-03-29T23:00:00.000Z')
    expect(begins('2026-10-25', 'Europe/Berlin')).toBe('2026-10-24T22:00:00.000Z')
    expect(begins('2026-10-26', 'Europe/Berlin')).toBe('2026-10-25T23:00:00.000Z')
  })
})
