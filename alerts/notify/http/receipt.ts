import { instantFrom, Problem } from '../../../domain/index.ts'
import { printable, withoutNumbers } from '../print.ts'
import { isSignedBy, type SignedHeaders, signingKey } from './signature.ts'

/** What a gateway tells later about a message it took. */
export interface Receipt {
  /** The id of the message. */
  readonly message: string
  /** `delivered`: it reached the phone. `undelivered`: it never will. */
  readonly state: 'delivered' | 'undelivered'
  /** When, as the gateway says; epoch ms. */
  readonly atMs: number
  /** The gateway's reason, in its own words; printable, without telephone numbers, at most 200 characters. */
  readonly detail?: string
}

/** Header values as Node gives them, by lower-case name. */
export type ReceiptHeaders = Readonly<Record<string, string | readonly string[] | undefined>>

/** A receipt signed longer ago than this is taken for a repetition by somebody else (Standard Webhooks). */
const TOLERANCE_S = 5 * 60
const ID_CHARACTERS_MAX = 200
const SIGNATURE_CHARACTERS_MAX = 1_000
const DETAIL_CHARACTERS_MAX = 200

/**
 * Checks signature and age of a receipt and reads it. `secrets` are those in force; while one is replaced there are
 * two. Answers `Problem('bad-credentials')` for a signature that is missing, wrong or more than five minutes away from
 * `nowMs`, and `Problem('bad-request')` for a signed body that is no receipt.
 */
export function verifyReceipt(
  secrets: readonly string[],
  headers: ReceiptHeaders,
  rawBody: Uint8Array,
  nowMs: number,
): Receipt | Problem {
  const signed = signedHeaders(headers)
  if (signed === undefined) {
    return untrusted(
      'The receipt is not signed: webhook-id, webhook-timestamp or webhook-signature is missing.',
    )
  }
  if (!isSignedBy(secrets.map(signingKey), signed, rawBody)) {
    return untrusted('The signature of the receipt does not fit its body, id and timestamp.')
  }
  const ageS = Math.floor(nowMs / 1_000) - signed.timestampS
  if (Math.abs(ageS) > TOLERANCE_S) {
    return untrusted(`The receipt was signed ${Math.abs(ageS)} s ${ageS < 0 ? 'ahead of now' : 'ago'}.`)
  }
  return receiptFrom(rawBody)
}

function signedHeaders(headers: ReceiptHeaders): SignedHeaders | undefined {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature } = headers
  if (typeof id !== 'string' || id === '' || id.length > ID_CHARACTERS_MAX) return undefined
  if (typeof timestamp !== 'string' || !/^[1-9]\d{0,11}$/.test(timestamp)) return undefined
  if (typeof signature !== 'string' || signature.length > SIGNATURE_CHARACTERS_MAX) return undefined
  return { id, timestampS: Number(timestamp), signature }
}

function receiptFrom(rawBody: Uint8Array): Receipt | Problem {
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rawBody))
  } catch {
    // Nothing is lost: the sender is told, and sends it again.
    return malformed('it is not JSON in UTF-8')
  }
  if (typeof body !== 'object' || body === null) return malformed('it is not an object')
  const { message, state, at, detail } = body as Readonly<Record<string, unknown>>
  if (typeof message !== 'string' || message === '' || message.length > ID_CHARACTERS_MAX) {
    return malformed(`message is not the id of a message (1 to ${ID_CHARACTERS_MAX} characters)`)
  }
  if (state !== 'delivered' && state !== 'undelivered') {
    return malformed('state is neither delivered nor undelivered')
  }
  const atMs = instantFrom(at)
  if (atMs === undefined) return malformed('at is neither epoch milliseconds nor RFC 3339 with a zone')
  if (detail !== undefined && detail !== null && typeof detail !== 'string')
    return malformed('detail is not text')
  const shown = typeof detail === 'string' ? printable(withoutNumbers(detail), DETAIL_CHARACTERS_MAX) : ''
  return { message, state, atMs, ...(shown === '' ? {} : { detail: shown }) }
}

function untrusted(what: string): Problem {
  return new Problem('bad-credentials', {
    what,
    remedy: 'Sign with the secret of the HTTP channel as docs/webhooks.md says, at the time of sending.',
  })
}

function malformed(why: string): Problem {
  return new Problem('bad-request', {
    what: `The body is no receipt: ${why}.`,
    remedy:
      'Send {"message": id, "state": "delivered" or "undelivered", "at": time} as docs/webhooks.md says.',
  })
}
