import { createHash } from 'node:crypto'
import type { Random } from '../../domain/index.ts'

/** Prefixes that let people and secret scanners tell what they have found. */
export const secretPrefixes = { device: 'isd_', key: 'isk_', session: 'iss_' } as const

const SECRET_BYTES = 32
const ID_BYTES = 8

/** A new secret of 256 bits, base64url after its prefix. Shown once; only `sha256Hex` of it is kept. */
export function newSecret(kind: keyof typeof secretPrefixes, random: Random): string {
  return secretPrefixes[kind] + Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url')
}

/**
 * SHA-256 of the whole secret (prefix included, UTF-8) as lower-case hex: the form secrets are stored and
 * compared in. Enough for 256 random bits; people's passwords take `hashPassword`.
 */
export function sha256Hex(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex')
}

/** A new id for what has no natural one: a letter and 64 random bits as hex. */
export function newId(letter: 'u' | 'k' | 'r' | 'i' | 'm' | 'c', random: Random): string {
  return letter + Buffer.from(random.bytes(ID_BYTES)).toString('hex')
}
