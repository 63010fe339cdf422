import assert from 'node:assert/strict'
import { scryptSync, timingSafeEqual } from 'node:crypto'
import { refusal } from './checks.ts'

/** Shorter passwords are guessed, longer ones are a way to make us work. */
export const PASSWORD_CHARACTERS_MIN = 8
export const PASSWORD_CHARACTERS_MAX = 200

/** Cost of new hashes: 32 MiB and about 100 ms, so that a stolen table is slow to guess (RFC 7914 section 2). */
const COST = { N: 2 ** 15, r: 8, p: 1 } as const
const SALT_BYTES_MIN = 16
const HASH_BYTES = 32
/** Stored costs above this did not come from us; checking them would stall the hashing thread. */
const COST_MAX = { N: 2 ** 17, r: 16, p: 4 } as const
/** scrypt needs 128 N r bytes and a little more. */
const MEMORY_BYTES_MAX = 2 * 128 * COST_MAX.N * COST_MAX.r

/** A password's hash with everything needed to check it. */
export interface PasswordHash {
  readonly N: number
  readonly r: number
  readonly p: number
  readonly salt: Uint8Array
  readonly hash: Uint8Array
}

/** Writes a hash as `scrypt$N$r$p$salt$hash`, salt and hash in base64url. */
export function encodePasswordHash(parts: PasswordHash): string {
  const [salt, hash] = [parts.salt, parts.hash].map((bytes) => Buffer.from(bytes).toString('base64url'))
  return `scrypt$${parts.N}$${parts.r}$${parts.p}$${salt}$${hash}`
}

/** Reads an encoded hash; undefined when it is malformed or its cost is out of bounds. */
export function parsePasswordHash(encoded: string): PasswordHash | undefined {
  const match = /^scrypt\$(\d{1,6})\$(\d{1,2})\$(\d)\$([A-Za-z0-9_-]{22,86})\$([A-Za-z0-9_-]{43})$/.exec(
    encoded,
  )
  if (match === null) return undefined
  const [N = 0, r = 0, p = 0] = match.slice(1, 4).map(Number)
  const powerOfTwo = N > 1 && (N & (N - 1)) === 0
  if (!powerOfTwo || N > COST_MAX.N || r < 1 || r > COST_MAX.r || p < 1 || p > COST_MAX.p) return undefined
  const [salt = '', hash = ''] = match.slice(4)
  return { N, r, p, salt: Buffer.from(salt, 'base64url'), hash: Buffer.from(hash, 'base64url') }
}

/** Throws `bad-request` unless the password has 8 to 200 characters. */
export function checkPassword(password: string): void {
  const { length } = password
  if (length >= PASSWORD_CHARACTERS_MIN && length <= PASSWORD_CHARACTERS_MAX) return
  throw refusal(
    'bad-request',
    `The password has ${length} characters.`,
    `Choose one of ${PASSWORD_CHARACTERS_MIN} to ${PASSWORD_CHARACTERS_MAX} characters.`,
  )
}

/**
 * Hashes a password with scrypt and a salt of at least 16 random bytes, as `encodePasswordHash` writes it.
 * Synchronous and slow on purpose: for the hashing worker only. Throws `bad-request` on a bad length.
 */
export function hashPassword(password: string, salt: Uint8Array): string {
  checkPassword(password)
  assert(salt.length >= SALT_BYTES_MIN, `a salt has at least ${SALT_BYTES_MIN} bytes`)
  return encodePasswordHash({ ...COST, salt, hash: derive(password, { ...COST, salt }) })
}

/** True when it is the password that was hashed; false for any other and for a malformed hash. As slow as hashing. */
export function verifyPassword(password: string, encoded: string): boolean {
  const parts = parsePasswordHash(encoded)
  if (parts === undefined || password.length > PASSWORD_CHARACTERS_MAX) return false
  return timingSafeEqual(derive(password, parts), parts.hash)
}

function derive(password: string, cost: Omit<PasswordHash, 'hash'>): Uint8Array {
  const { N, r, p } = cost
  // one person's keyboard may compose é differently from another's
  return scryptSync(password.normalize('NFC'), cost.salt, HASH_BYTES, { N, r, p, maxmem: MEMORY_BYTES_MAX })
}
