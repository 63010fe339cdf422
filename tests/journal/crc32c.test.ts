import fc from 'fast-check'
import { expect, test } from 'vitest'
import { crc32c } from '../../journal/index.ts'

const ascending = Uint8Array.from({ length: 32 }, (_, at) => at)

// The check value of the CRC catalogue, and the vectors of RFC 3720, appendix B.4.
test.each([
  ['nothing', new Uint8Array(0), 0],
  ['123456789', new TextEncoder().encode('123456789'), 0xe3069283],
  ['32 zeros', new Uint8Array(32), 0x8a9136aa],
  ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
  ['0 to 31', ascending, 0x46dd794e],
  ['31 to 0', ascending.toReversed(), 0x113fdb5c],
])('the checksum of %s is the published one', (_, bytes, expected) => {
  expect(crc32c(bytes)).toBe(expected)
})

test('equals the definition, bit by bit, for any bytes at any alignment', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat(7), (bytes, shift) => {
      const shifted = new Uint8Array(bytes.length + shift)
      shifted.set(bytes, shift)
      expect(crc32c(shifted.subarray(shift))).toBe(byDefinition(bytes))
    }),
  )
})

test('goes on from an earlier checksum', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.uint8Array({ maxLength: 40 }), (a, b) => {
      expect(crc32c(b, crc32c(a))).toBe(crc32c(Uint8Array.from([...a, ...b])))
    }),
  )
})

/** Long division by the Castagnoli polynomial in its normal order, bits reflected in and out. */
function byDefinition(bytes: Uint8Array): number {
  let register = 0xffffffffn
  for (const byte of bytes) {
    for (let bit = 0n; bit < 8n; bit += 1n) {
      const incoming = (BigInt(byte) >> bit) & 1n
      const outgoing = (register >> 31n) & 1n
      register = (register << 1n) & 0xffffffffn
      if (incoming !== outgoing) register ^= 0x1edc6f41n
    }
  }
  let reflected = 0n
  for (let bit = 0n; bit < 32n; bit += 1n) reflected |= ((register >> bit) & 1n) << (31n - bit)
  return Number(reflected ^ 0xffffffffn)
}
