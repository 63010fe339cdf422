import { type Clock, instantText, type OutgoingMessage, Problem, reasonOf } from '../../../domain/index.ts'
import { isLoopback } from '../loopback.ts'
import type { ChannelSender, SendOutcome } from '../port.ts'
import { printable } from '../print.ts'
import { type HttpAnswer, outcomeOf } from './answer.ts'
import { signatureOf, signingKey } from './signature.ts'

/** The part of `fetch` that is used; the real one fits. */
export type HttpFetch = (url: string, request: HttpRequest) => Promise<HttpAnswer>

/** What is sent. */
export interface HttpRequest {
  readonly method: 'POST'
  readonly headers: Record<string, string>
  readonly body: Uint8Array<ArrayBuffer>
  readonly signal: AbortSignal
  /** A redirected POST would come through as a GET, or carry numbers to an address nobody chose. */
  readonly redirect: 'manual'
}

/** Where the gateway is and how it knows us. */
export interface HttpChannelOptions {
  readonly url: string
  readonly secret: string
  readonly fetch: HttpFetch
  readonly clock: Pick<Clock, 'nowMs'>
  /** Allow plain http to another machine, where whoever listens reads numbers and texts. Default false. */
  readonly withoutTls?: boolean
  /** Default 10 s. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 10_000
const REASON_CHARACTERS_MAX = 200

/**
 * The channel to an HTTP gateway: one signed POST per message, as `docs/webhooks.md` says. Throws
 * `Problem('configuration-invalid')` when address or secret cannot be used.
 */
export function openHttpChannel(options: HttpChannelOptions): ChannelSender {
  const { fetch: ask, clock, timeoutMs = TIMEOUT_MS } = options
  const url = usableAddress(options.url, options.withoutTls ?? false)
  const key = signingKey(options.secret)
  return {
    send: async (message, outside) => {
      const body = bodyOf(message)
      const timestampS = Math.floor(clock.nowMs() / 1_000)
      const { id } = message
      const timeout = AbortSignal.timeout(timeoutMs)
      try {
        const answer = await ask(url, {
          method: 'POST',
          headers: {
            'content-type': 'application/json; charset=utf-8',
            'webhook-id': id,
            'webhook-timestamp': String(timestampS),
            'webhook-signature': signatureOf(key, { id, timestampS }, body),
          },
          body,
          signal: AbortSignal.any([outside, timeout]),
          redirect: 'manual',
        })
        return await outcomeOf(answer, message.to, clock.nowMs())
      } catch (thrown) {
        return unanswered(thrown, timeout.aborted, timeoutMs)
      }
    },
  }
}

/** The body of the POST: the same bytes whenever the message is sent again. */
export function bodyOf(message: OutgoingMessage): Uint8Array<ArrayBuffer> {
  const { id, template, language, to, subject, text, variables, createdMs } = message
  const createdAt = instantText(createdMs)
  const body = { id, template, language, to, subject, text, variables, createdAt }
  return new TextEncoder().encode(JSON.stringify(body))
}

/** Nobody knows whether it arrived; the receiver recognises it by its id. */
function unanswered(thrown: unknown, isLate: boolean, timeoutMs: number): SendOutcome {
  if (isLate) return { kind: 'retry', reason: `the gateway did not answer within ${timeoutMs / 1_000} s` }
  // fetch says only "fetch failed"; what failed is in its cause
  const reason =
    thrown instanceof Error && thrown.cause !== undefined ? reasonOf(thrown.cause) : reasonOf(thrown)
  return { kind: 'retry', reason: `the gateway was not reached: ${printable(reason, REASON_CHARACTERS_MAX)}` }
}

function usableAddress(address: string, withoutTls: boolean): string {
  const url = URL.parse(address)
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new Problem('configuration-invalid', {
      what: 'The address of the HTTP channel (sms_url) is not an http or https URL without user and password.',
      remedy: 'Give an address like https://sms.example/isotherm; the gateway knows us by the signature.',
    })
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname) && !withoutTls) {
    throw new Problem('configuration-invalid', {
      what: `The HTTP channel (sms_url) would send phone numbers and texts to ${url.hostname} without TLS.`,
      remedy: 'Use https, or set sms_url_without_tls to true on a trusted network.',
    })
  }
  return url.href
}
