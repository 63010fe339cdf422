import { createHmac, timingSafeEqual } from 'node:crypto'
import { Problem } from '../../../domain/index.ts'

/** The lengths Standard Webhooks allows ("Signature scheme"): shorter keys can be guessed. */
const KEY_BYTES_MIN = 24
const KEY_BYTES_MAX = 64
const PREFIX = 'whsec_'
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/
const SIGNATURE_PATTERN = /^v1,([A-Za-z0-9+/]{43}=)$/
/** While a key is replaced there are two signatures; more than this is somebody trying. */
const SIGNATURES_MAX = 8

/** What signed bytes travel with. */
export interface SignedHeaders {
  readonly id: string
  readonly timestampS: number
  /** One or more of `v1,<base64>`, with spaces between them. */
  readonly signature: string
}

/**
 * The key of a secret: `whsec_` and base64, or any other text as its UTF-8 bytes. Throws
 * `Problem('configuration-invalid')`, without the secret, when it has not 24 to 64 bytes.
 */
export function signingKey(secret: string): Uint8Array {
  const encoded = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : undefined
  const isBroken = encoded !== undefined && !(BASE64.test(encoded) && encoded.length % 4 === 0)
  const key = encoded === undefined ? Buffer.from(secret, 'utf8') : Buffer.from(encoded, 'base64')
  if (!isBroken && key.length >= KEY_BYTES_MIN && key.length <= KEY_BYTES_MAX) return key
  throw new Problem('configuration-invalid', {
    what: `The secret of the HTTP channel ${isBroken ? 'begins with whsec_ but is not base64' : `has ${key.length} bytes`}.`,
    remedy: `Use whsec_ and the base64 of ${KEY_BYTES_MIN} to ${KEY_BYTES_MAX} random bytes, or a text of that length.`,
  })
}

/** The signature of Standard Webhooks: `v1,` and the base64 of HMAC-SHA256 over `<id>.<timestamp>.<body>`. */
export function signatureOf(
  key: Uint8Array,
  { id, timestampS }: Pick<SignedHeaders, 'id' | 'timestampS'>,
  body: Uint8Array,
): string {
  return `v1,${digest(key, id, timestampS, body).toString('base64')}`
}

/** True when one of the signatures was made with one of the keys. Takes the same time wherever they differ. */
export function isSignedBy(keys: readonly Uint8Array[], headers: SignedHeaders, body: Uint8Array): boolean {
  const given = headers.signature
    .split(' ', SIGNATURES_MAX)
    .map((each) => SIGNATURE_PATTERN.exec(each)?.[1])
    .filter((each) => each !== undefined)
    .map((each) => Buffer.from(each, 'base64'))
  const right = keys.map((key) => digest(key, headers.id, headers.timestampS, body))
  // every pair is compared, so that the time does not tell which one fits
  return right.flatMap((one) => given.map((other) => timingSafeEqual(one, other))).includes(true)
}

function digest(key: Uint8Array, id: string, timestampS: number, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(`${id}.${timestampS}.`, 'utf8').update(body).digest()
}
