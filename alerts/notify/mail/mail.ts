import { createHash } from 'node:crypto'
import { createTransport } from 'nodemailer'
import { type OutgoingMessage, reasonOf } from '../../../domain/index.ts'
import type { ChannelSender, SendOutcome } from '../port.ts'
import { printable } from '../print.ts'
import { isMailAddress, type MailAddress, senderAddress } from './address.ts'
import { smtpServer } from './smtp.ts'

/** Which server takes our mail, and who it is from. */
export interface MailChannelOptions {
  /** `smtps://user:password@host`, or `smtp://` for STARTTLS. */
  readonly url: string
  /** `Name <address>` or an address alone. */
  readonly from: string
  /** For the whole of one mail; default 30 s. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 30_000
/** Each step of the conversation; a server that is there answers within a second. */
const STEP_TIMEOUT_MS = 10_000
/** An answer of a mail server is a line or two. */
const RESPONSE_BYTES_MAX = 65_536
const REASON_CHARACTERS_MAX = 200
const SUBJECT_CHARACTERS_MAX = 200
const REFERENCE_CHARACTERS_MAX = 200
const PLAIN_ID = /^[A-Za-z0-9_-]{1,64}$/

/** What nodemailer says of a mail that was not taken. */
interface SmtpFailure extends Error {
  readonly code?: string
  /** The server's answer means that the same mail will never be taken (RFC 5321 section 4.2.1). */
  readonly permanent?: boolean
}

/**
 * The channel to a mail server: one plain text mail per message, over TLS unless the server is on this machine.
 * Throws `Problem('configuration-invalid')` when address or sender cannot be used.
 */
export function openMailChannel(options: MailChannelOptions): ChannelSender {
  const { timeoutMs = TIMEOUT_MS } = options
  const from = senderAddress(options.from)
  const transport = createTransport({
    ...smtpServer(options.url),
    connectionTimeout: STEP_TIMEOUT_MS,
    greetingTimeout: STEP_TIMEOUT_MS,
    dnsTimeout: STEP_TIMEOUT_MS,
    socketTimeout: STEP_TIMEOUT_MS,
    maxResponseSize: RESPONSE_BYTES_MAX,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    send: async (message, outside) => {
      if (!isMailAddress(message.to))
        return { kind: 'refused', reason: 'the recipient is not a mail address' }
      const timeout = AbortSignal.timeout(timeoutMs)
      const signal = AbortSignal.any([outside, timeout])
      try {
        const { response } = await transport.sendMail({ ...mailOf(message, from), signal })
        const reference = withoutRecipient(response, message.to, REFERENCE_CHARACTERS_MAX)
        return { kind: 'sent', ...(reference === '' ? {} : { reference }) }
      } catch (thrown) {
        if (timeout.aborted) {
          return { kind: 'retry', reason: `the mail server was not done within ${timeoutMs / 1_000} s` }
        }
        return failureOf(thrown, message.to)
      }
    },
  }
}

/** Refused where the server said never, or the mail is none; all else may be another way in a minute. */
function failureOf(thrown: unknown, recipient: string): SendOutcome {
  const { code, permanent } = thrown as Partial<SmtpFailure>
  const reason = withoutRecipient(reasonOf(thrown), recipient, REASON_CHARACTERS_MAX)
  const isNever = permanent ?? (code === 'ECONFIG' || code === 'EENVELOPE')
  return { kind: isNever ? 'refused' : 'retry', reason: `the mail was not taken: ${reason}` }
}

/** Reasons and references are shown to more people than messages. */
function withoutRecipient(said: string, recipient: string, characters: number): string {
  return printable(said.replaceAll(recipient, '…'), characters)
}

function mailOf(message: OutgoingMessage, from: MailAddress) {
  const { to, subject, text, createdMs } = message
  return {
    from,
    to: { name: '', address: to },
    envelope: { from: from.address, to: [to] },
    subject: printable(subject, SUBJECT_CHARACTERS_MAX),
    text,
    messageId: messageIdOf(message.id, from),
    date: new Date(createdMs),
    // no out-of-office answers to alarms (RFC 3834)
    headers: { 'Auto-Submitted': 'auto-generated' },
  }
}

/** The same for the same message, so that mail programs show a repetition once. */
function messageIdOf(id: string, { address }: MailAddress): string {
  const left = PLAIN_ID.test(id) ? id : createHash('sha256').update(id).digest('hex')
  return `<${left}@${address.slice(address.lastIndexOf('@') + 1)}>`
}
