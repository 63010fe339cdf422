import { PUT_OFF_MS_MAX } from '../../../domain/index.ts'
import type { SendOutcome } from '../port.ts'
import { hasNumber, printable, withoutNumbers } from '../print.ts'

/** What is read of an answer; the one of `fetch` fits. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  readonly body: AsyncIterable<Uint8Array> | null
}

/** An answer is a few bytes; one that goes on longer is not read further. */
const BODY_BYTES_MAX = 65_536
const REFERENCE_CHARACTERS_MAX = 200
const REASON_CHARACTERS_MAX = 200
/**
 * Too early, too many, and a time-out on their side: the same request may work later. So may one whose secret or
 * address is wrong, once somebody has set them right.
 */
const RETRIED = new Set([401, 403, 404, 408, 425, 429])

/**
 * What an answer means. 2xx: taken, whatever becomes of its body. 401, 403, 404, 408, 425, 429, 5xx: later. Anything
 * else: never, with what the body says. Numbers are cut out of that, because reasons are shown to more people than
 * messages.
 */
export async function outcomeOf(answer: HttpAnswer, recipient: string, nowMs: number): Promise<SendOutcome> {
  const { status } = answer
  if (status >= 200 && status < 300) {
    const reference = referenceIn(await textOf(answer.body), recipient)
    return { kind: 'sent', ...(reference === undefined ? {} : { reference }) }
  }
  const said = await textOf(answer.body)
  const words = printable(withoutNumbers(said), REASON_CHARACTERS_MAX)
  const reason = `the gateway answered ${status}${words === '' ? '' : `: ${words}`}`
  if (status >= 500 || RETRIED.has(status)) {
    const afterMs = retryAfterMs(answer.headers.get('retry-after'), nowMs)
    return { kind: 'retry', reason, ...(afterMs === undefined ? {} : { afterMs }) }
  }
  if (status >= 300 && status < 400) {
    return {
      kind: 'refused',
      reason: `${reason}; redirects are not followed, set sms_url to the final address`,
    }
  }
  return { kind: 'refused', reason }
}

/** The beginning of a body, at most 64 KiB of it. A body that breaks off is what came of it. */
async function textOf(body: HttpAnswer['body']): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const chunk of body ?? []) {
      chunks.push(chunk.subarray(0, BODY_BYTES_MAX - bytes))
      bytes += chunk.byteLength
      // leaving the loop ends the connection
      if (bytes >= BODY_BYTES_MAX) break
    }
  } catch {
    // Nothing is lost: the status has already said what became of the message.
  }
  return Buffer.concat(chunks).toString('utf8')
}

/** `{"reference": "..."}`; anything else is an answer without one. */
function referenceIn(text: string, recipient: string): string | undefined {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // Nothing is lost: 2xx alone means that the message was taken.
    return undefined
  }
  const { reference } = Object(parsed) as Readonly<Record<string, unknown>>
  if (typeof reference !== 'string') return undefined
  const shown = printable(reference, REFERENCE_CHARACTERS_MAX)
  return shown === '' || hasNumber(shown, recipient) ? undefined : shown
}

/** `Retry-After` (RFC 9110 section 10.2.3): seconds or a date, never beyond 15 minutes. */
function retryAfterMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const waitMs = /^\d{1,9}$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - nowMs
  return Number.isFinite(waitMs) ? Math.min(Math.max(waitMs, 0), PUT_OFF_MS_MAX) : undefined
}
