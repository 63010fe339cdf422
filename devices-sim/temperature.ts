/** The temperature scales a logger file may be in. */
export type Unit = 'C' | 'F'

/** Digits before and after the point, and of the exponent: beyond any logger, and a bound on the exact arithmetic. */
const NUMBER = /^([+-]?)(\d{0,20})(?:[.,](\d{0,30}))?(?:[eE]([+-]?\d{1,2}))?$/

/**
 * Reads a number as logger files write it: decimal point or decimal comma, optional exponent; undefined when
 * `text` is not one. There is no thousands separator: `1,234` is 1.234.
 */
export function numberFromFile(text: string): number | undefined {
  const parts = split(text)
  if (parts === undefined) return undefined
  // adding 0 turns -0 into 0, which JSON does not tell apart
  return Number(`${parts.sign}${parts.digits}e${parts.exponent}`) + 0
}

/**
 * The temperature a cell states, in degC; undefined when it is not a number. Celsius is taken as it stands;
 * Fahrenheit is converted without binary error and rounded to the nearest m degC, half away from zero.
 */
export function celsiusFromFile(text: string, unit: Unit): number | undefined {
  if (unit === 'C') return numberFromFile(text)
  const parts = split(text)
  if (parts === undefined) return undefined
  const digits = BigInt(`${parts.sign}${parts.digits}`)
  const denominator = 10n ** BigInt(Math.max(0, -parts.exponent))
  const fahrenheit = digits * 10n ** BigInt(Math.max(0, parts.exponent))
  return Number(roundedQuotient((fahrenheit - 32n * denominator) * 5000n, 9n * denominator)) / 1000
}

function split(text: string): { sign: string; digits: string; exponent: number } | undefined {
  const match = NUMBER.exec(text.replace('\u2212', '-'))
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  return {
    sign: sign === '-' ? '-' : '',
    digits: whole + fraction,
    exponent: Number(exponent) - fraction.length,
  }
}

/** `numerator / denominator` (positive) to the nearest integer, half away from zero. */
function roundedQuotient(numerator: bigint, denominator: bigint): bigint {
  const size = numerator < 0n ? -numerator : numerator
  const quotient = (2n * size + denominator) / (2n * denominator)
  return numerator < 0n ? -quotient : quotient
}
