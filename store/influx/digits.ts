/**
 * Numbers as ASCII digits, written at a place of some bytes; each answers the place behind them. The text is that of
 * `String`, which is also what is written of numbers that cannot be told by digits alone.
 */

const ZERO = 0x30
const MINUS = 0x2d
const POINT = 0x2e
/** The part of a number that is written at once: nine digits are a small integer. */
const BILLION = 1_000_000_000

/** Text of ASCII only. */
export function putAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index += 1) bytes[at + index] = text.charCodeAt(index)
  return at + text.length
}

/** `String(n)`, quickly for 0 and above up to 2^53 - 1. */
export function putNumber(bytes: Uint8Array, at: number, n: number): number {
  if (n >= 0 && n < BILLION && (n | 0) === n) return putDigits(bytes, at, n, digitsOf(n))
  if (n < 0 || !Number.isSafeInteger(n)) return putAscii(bytes, at, String(n))
  // exact: no quotient of such numbers rounds up to a whole one
  const billions = Math.floor(n / BILLION)
  const behind = putDigits(bytes, at, billions, digitsOf(billions))
  return putDigits(bytes, behind, n - billions * BILLION, 9)
}

/** `String(scaled / 10 ** decimals)`, quickly for integers of 32 bits; of those a small one has no exponent. */
export function putScaled(bytes: Uint8Array, at: number, scaled: number, decimals: 3 | 7): number {
  const unit = decimals === 3 ? 1_000 : 10_000_000
  if ((scaled | 0) !== scaled) return putAscii(bytes, at, String(scaled / unit))
  const size = Math.abs(scaled)
  if (scaled < 0) bytes[at] = MINUS
  const from = scaled < 0 ? at + 1 : at
  const whole = Math.floor(size / unit)
  let end = putDigits(bytes, from, whole, digitsOf(whole))
  const rest = size - whole * unit
  if (rest === 0) return end
  bytes[end] = POINT
  end = putDigits(bytes, end + 1, rest, decimals)
  while (bytes[end - 1] === ZERO) end -= 1
  return end
}

/** So many digits of an integer from 0 on, the last ones, with zeros before where it has fewer. */
export function putDigits(bytes: Uint8Array, at: number, n: number, digits: number): number {
  let rest = n | 0
  for (let place = at + digits - 1; place >= at; place -= 1) {
    const tenth = (rest / 10) | 0
    bytes[place] = ZERO + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}

/** How many digits an integer from 0 to 999,999,999 has. */
function digitsOf(n: number): number {
  if (n < 1_000) return n < 10 ? 1 : n < 100 ? 2 : 3
  if (n < 1_000_000) return n < 10_000 ? 4 : n < 100_000 ? 5 : 6
  return n < 10_000_000 ? 7 : n < 100_000_000 ? 8 : 9
}
