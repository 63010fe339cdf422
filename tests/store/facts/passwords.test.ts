import { describe, expect, test } from 'vitest'
import {
  checkPassword,
  encodePasswordHash,
  hashPassword,
  parsePasswordHash,
  verifyPassword,
} from '../../../store/index.ts'

const salt = new Uint8Array(16).fill(7)

test('a hash is checked by the password it was made of and by no other', () => {
  const encoded = hashPassword('correct horse', salt)
  expect(encoded).toMatch(/^scrypt\$32768\$8\$1\$BwcHBwcHBwcHBwcHBwcHBw\$[A-Za-z0-9_-]{43}$/)
  expect(verifyPassword('correct horse', encoded)).toBe(true)
  expect(verifyPassword('correct horsf', encoded)).toBe(false)
  expect(verifyPassword('', encoded)).toBe(false)
})

test('é is é however the keyboard composes it', () => {
  const encoded = hashPassword('caf\u00e9 \u00e0 la carte', salt)
  expect(verifyPassword('cafe\u0301 a\u0300 la carte', encoded)).toBe(true)
})

test('the hash is scrypt as another implementation computes it', () => {
  // Python: hashlib.scrypt(b'correct horse', salt=bytes([7] * 16), n=32768, r=8, p=1, dklen=32)
  expect(hashPassword('correct horse', salt)).toBe(
    'scrypt$32768$8$1$BwcHBwcHBwcHBwcHBwcHBw$DwyUzmUaiGFG9yz8ckTfVXofGXa5D5aJ1NY15rEoFJ0',
  )
})

test.each([7, 201])('a password of %d characters is refused with its remedy', (length) => {
  expect(() => checkPassword('x'.repeat(length))).toThrow(
    expect.objectContaining({ code: 'bad-request', remedy: 'Choose one of 8 to 200 characters.' }),
  )
  expect(() => hashPassword('x'.repeat(length), salt)).toThrow(`The password has ${length} characters.`)
})

test.each([8, 200])('a password of %d characters is taken', (length) => {
  expect(() => checkPassword('x'.repeat(length))).not.toThrow()
})

test('a short salt is refused', () => {
  expect(() => hashPassword('correct horse', new Uint8Array(15))).toThrow('at least 16 bytes')
})

describe('encoding', () => {
  const hash = new Uint8Array(32).fill(1)

  test('what is written is read back', () => {
    const parts = { N: 16384, r: 8, p: 1, salt, hash }
    const read = parsePasswordHash(encodePasswordHash(parts))
    expect(read).toMatchObject({ N: 16384, r: 8, p: 1 })
    expect(Buffer.from(read?.salt ?? [])).toEqual(Buffer.from(salt))
    expect(Buffer.from(read?.hash ?? [])).toEqual(Buffer.from(hash))
  })

  const text = encodePasswordHash({ N: 16384, r: 8, p: 1, salt, hash })
  test.each([
    ['a password', 'correct horse'],
    ['nothing', ''],
    ['another scheme', text.replace('scrypt', 'bcrypt')],
    ['a cost that is no power of two', text.replace('16384', '16383')],
    ['a cost that would stall us', text.replace('16384', '262144')],
    ['a block size that would stall us', text.replace('$8$', '$17$')],
    ['a parallelism that would stall us', text.replace('$1$', '$5$')],
    ['no parallelism', text.replace('$1$', '$0$')],
    ['a short hash', text.slice(0, -1)],
    ['something behind it', `${text}$`],
  ])('%s is not a stored hash', (_, malformed) => {
    expect(parsePasswordHash(malformed)).toBeUndefined()
    expect(verifyPassword('correct horse', malformed)).toBe(false)
  })
})
