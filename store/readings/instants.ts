import assert from 'node:assert/strict'

/** An instant at which the interval changes by nothing takes one byte; none takes more than these. */
const BYTES_MAX = 9
/** In the first byte of a number: more bytes follow, and it is negative; six bits of it are beside these two. */
const MORE = 0x80
const NEGATIVE = 0x40
/** Minus nothing: the instant itself follows, because it lies too far from the one before for a difference. */
const WHOLE = NEGATIVE

/**
 * Packs instants (epoch ms, any safe integers) that follow `fromMs`: of each by how much its distance from the one
 * before differs from the distance before, which is little where somebody records at intervals. Nothing is lost.
 */
export function packInstants(fromMs: number, instantsMs: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(BYTES_MAX * instantsMs.length)
  let length = 0
  let beforeMs = fromMs
  let stepMs = 0
  for (const instantMs of instantsMs) {
    assert(Number.isSafeInteger(instantMs), 'instants are integers')
    const nextMs = instantMs - beforeMs
    const isNear = Number.isSafeInteger(nextMs) && Number.isSafeInteger(nextMs - stepMs)
    if (!isNear) bytes[length++] = WHOLE
    length = putSigned(bytes, length, isNear ? nextMs - stepMs : instantMs)
    stepMs = isNear ? nextMs : 0
    beforeMs = instantMs
  }
  return bytes.slice(0, length)
}

/** The instants that `packInstants` has packed with this `fromMs`. */
export function unpackInstants(fromMs: number, bytes: Uint8Array): number[] {
  const instantsMs: number[] = []
  const from = { bytes, at: 0 }
  let beforeMs = fromMs
  let stepMs = 0
  while (from.at < bytes.length) {
    const isNear = bytes[from.at] !== WHOLE
    if (!isNear) from.at += 1
    const number = takeSigned(from)
    stepMs = isNear ? stepMs + number : 0
    beforeMs = isNear ? beforeMs + stepMs : number
    instantsMs.push(beforeMs)
  }
  return instantsMs
}

/** Writes a number at a place, the lowest bits first; answers the place behind it. */
function putSigned(bytes: Uint8Array, place: number, number: number): number {
  let rest = Math.abs(number)
  let byte = (rest % 64) + (number < 0 ? NEGATIVE : 0)
  rest = Math.floor(rest / 64)
  let at = place
  while (rest > 0) {
    bytes[at++] = byte + MORE
    byte = rest % 128
    rest = Math.floor(rest / 128)
  }
  bytes[at++] = byte
  return at
}

function takeSigned(from: { readonly bytes: Uint8Array; at: number }): number {
  const { bytes } = from
  let byte = bytes[from.at++] ?? 0
  const isNegative = (byte & NEGATIVE) !== 0
  let magnitude = byte % 64
  for (let unit = 64; byte >= MORE; unit *= 128) {
    byte = bytes[from.at++] ?? 0
    magnitude += (byte % 128) * unit
  }
  return isNegative ? -magnitude : magnitude
}
