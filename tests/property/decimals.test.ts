import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { scaledInteger } from '../../domain/index.ts'

/** The same on the digits a device wrote, without any binary number. */
function byDigits(text: string, digits: number): number {
  const [whole = '0', decimals = ''] = text.replace('-', '').split('.')
  const kept = BigInt(whole + decimals.padEnd(digits, '0').slice(0, digits))
  const rest = decimals.slice(digits)
  const rounded = Number(kept + (rest !== '' && rest.charAt(0) >= '5' ? 1n : 0n))
  return text.startsWith('-') && rounded !== 0 ? -rounded : rounded
}

test('numbers are rounded by their decimals, half away from zero, however many they have', () => {
  // many end with a half, or just beside one
  const decimals = fc.oneof(
    fc.stringMatching(/^\d{1,9}$/),
    fc
      .tuple(fc.stringMatching(/^\d{2,3}$/), fc.constantFrom('5', '49999', '50001', '499999', '51'))
      .map(([first, last]) => first + last),
  )
  const number = fc.tuple(fc.constantFrom('', '-'), fc.integer({ min: 0, max: 999 }), decimals)
  fc.assert(
    fc.property(number, fc.constantFrom(3, 7), ([sign, whole, fraction], digits) => {
      const text = `${sign}${whole}.${fraction}`
      const rounded = scaledInteger(Number(text), digits)
      expect(rounded).toBe(byDigits(text, digits))
      expect(Object.is(rounded, -0)).toBe(false)
    }),
    { numRuns: 20_000 },
  )
})
