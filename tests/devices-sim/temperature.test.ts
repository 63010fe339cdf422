import { describe, expect, it } from 'vitest'
import { celsiusFromFile, numberFromFile } from '../../devices-sim/temperature.ts'

describe('celsiusFromFile', () => {
  it.each([
    ['32', 0],
    ['39.2', 4],
    ['-40', -40],
    ['212', 100],
    ['98,6', 37],
    ['0', -17.778],
    ['73.96732207', 23.315],
    // 5/9 of 0.0009 is 0.0005 exactly: half goes away from zero on both sides
    ['32.0009', 0.001],
    ['31.9991', -0.001],
    ['32.00089999999999999999', 0],
    ['3.92e1', 4],
  ])('converts %s degF exactly, to the nearest m degC', (text, expected) => {
    expect(celsiusFromFile(text, 'F')).toBe(expected)
  })

  it('takes Celsius as it stands', () => {
    expect(celsiusFromFile('74.93588199999998', 'C')).toBe(74.93588199999998)
    expect(celsiusFromFile('-0.0', 'C')).toBe(0)
    expect(celsiusFromFile('327.67', 'C')).toBe(327.67)
  })
})

describe('numberFromFile', () => {
  it.each([
    ['3.5', 3.5],
    ['3,5', 3.5],
    ['+3', 3],
    ['-.5', -0.5],
    ['\u22122.5', -2.5],
    ['5.', 5],
    ['1e-05', 0.00001],
  ])('reads %s', (text, expected) => {
    expect(numberFromFile(text)).toBe(expected)
  })

  it.each(['', '-', '.', ',', '1,234.5', '0x10', '1e999', 'Infinity', 'NaN', '4.2 C', '1'.repeat(21)])(
    'does not read %s',
    (text) => {
      expect(numberFromFile(text)).toBeUndefined()
      expect(celsiusFromFile(text, 'F')).toBeUndefined()
    },
  )
})
