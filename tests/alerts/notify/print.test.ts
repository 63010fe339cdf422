import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  clipped,
  plainName,
  printable,
  printedInstant,
  printedLimit,
  printedValue,
} from '../../../alerts/notify/print.ts'

describe('a temperature beside its limit', () => {
  test.each([
    ['one decimal away from the limit', 12_340, 8_000, '12.3'],
    ['half away from zero', 12_350, 8_000, '12.4'],
    ['half away from zero, below it', -12_350, 2_000, '-12.4'],
    ['two decimals within 0.05 of the limit', 8_040, 8_000, '8.04'],
    ['at exactly 0.05', 8_050, 8_000, '8.05'],
    ['one decimal just beyond 0.05', 8_051, 8_000, '8.1'],
    ['three where two would read like the limit', 8_004, 8_000, '8.004'],
    ['just below a limit', 1_996, 2_000, '1.996'],
    ['the limit itself', 8_000, 8_000, '8.0'],
    ['never -0.0', -40, 2_000, '-0.04'],
    ['zero', 0, 2_000, '0.0'],
    ['a thousandth below zero', -1, 2_000, '-0.001'],
    ['far below', -70_000, -60_000, '-70.0'],
  ])('%s', (_, value, limit, printed) => {
    expect(printedValue(value, limit)).toBe(printed)
  })

  test.each([
    [8_000, '8.0'],
    [-25_500, '-25.5'],
    [7_950, '7.95'],
    [7_955, '7.955'],
    [0, '0.0'],
  ])('a limit of %i is printed %s', (milliC, printed) => {
    expect(printedLimit(milliC)).toBe(printed)
  })

  test('what is out of range never reads as if it were in range', () => {
    const milliC = fc.integer({ min: -200_000, max: 200_000 })
    const near = fc
      .tuple(milliC, fc.integer({ min: -200, max: 200 }))
      .map(([limit, by]) => [limit + by, limit] as const)
    fc.assert(
      fc.property(fc.oneof(near, fc.tuple(milliC, milliC)), ([value, limit]) => {
        const printed = Number(printedValue(value, limit))
        expect(Math.sign(printed - Number(printedLimit(limit)))).toBe(Math.sign(value - limit))
        expect(Math.abs(printed - value / 1_000)).toBeLessThanOrEqual(0.05 + 1e-9)
      }),
    )
  })
})

describe('an instant at a site', () => {
  test.each([
    ['Asia/Shanghai', '11-24 03:05 UTC+8'],
    ['UTC', '11-23 19:05 UTC+0'],
    ['Asia/Kathmandu', '11-24 00:50 UTC+5:45'],
    ['America/St_Johns', '11-23 15:35 UTC-3:30'],
  ])('in %s', (zone, printed) => {
    expect(printedInstant(Date.UTC(2026, 10, 23, 19, 5), zone)).toBe(printed)
  })

  test('midnight is 00:00', () => {
    expect(printedInstant(Date.UTC(2026, 10, 23, 16), 'Asia/Shanghai')).toBe('11-24 00:00 UTC+8')
  })
})

describe('names', () => {
  test.each([
    ['line breaks and tabs', 'cold\r\nroom\t 2', 'cold room 2'],
    ['a link', 'fridge https://evil.example/x?y 1', 'fridge … 1'],
    ['a link before Chinese words', '冰箱www.evil.example冷库', '冰箱…冷库'],
    ['a mobile number', '冷库 13812345678', '冷库 …'],
    ['a mobile number in groups', 'room 138 1234-5678', 'room …'],
    ['a number hidden by zero-width characters', '1381\u200b2345\u200b678', '…'],
    ['a number in full-width digits', '１３８１２３４５６７８', '…'],
    ['a direction override', 'abc\u202edef', 'abcdef'],
    ['a date stays', 'room 2026-11-24', 'room 2026-11-24'],
    ['nothing', ' \n ', '-'],
  ])('%s', (_, name, plain) => {
    expect(plainName(name)).toBe(plain)
  })

  test('are cut between characters as people see them', () => {
    expect(clipped('疫苗冰箱', 4)).toBe('疫苗冰箱')
    expect(clipped('疫苗冰箱一', 4)).toBe('疫苗冰…')
    expect(clipped('a👩‍⚕️b', 4)).toBe('a…')
    expect(clipped('abc', 1)).toBe('…')
    expect(clipped('abc', 0)).toBe('')
  })

  test('what a server says becomes one printable line', () => {
    expect(printable('\u001b[31mno\r\n\u0000 such  number\u2028', 200)).toBe('[31mno such number')
    expect(printable('x'.repeat(300), 200)).toBe('x'.repeat(200))
  })
})
