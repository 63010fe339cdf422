import { Problem } from '../../../domain/index.ts'
import { isLoopback } from '../loopback.ts'

/** How to reach the mail server; what nodemailer takes. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (`smtps:`); else STARTTLS. */
  readonly secure: boolean
  /** Without TLS nothing is sent. Only a server on this machine may do without. */
  readonly requireTLS: boolean
  readonly tls: { readonly minVersion: 'TLSv1.2'; readonly rejectUnauthorized: boolean }
  readonly auth?: { readonly user: string; readonly pass: string }
}

/** Ports of submission (RFC 6409, RFC 8314), and of a mail server on this machine. */
const PORTS = { submissions: 465, submission: 587, local: 25 } as const

/**
 * The server of an address like `smtps://user:password@mail.example`. Throws `Problem('configuration-invalid')`,
 * without user and password, when there is none in it. Options behind `?` are refused: they could switch TLS off.
 */
export function smtpServer(address: string): SmtpServer {
  const url = URL.parse(address)
  if (
    url === null ||
    !/^smtps?:$/.test(url.protocol) ||
    url.hostname === '' ||
    url.search + url.hash !== ''
  ) {
    throw notUsable('is not an address like smtps://user:password@mail.example')
  }
  if (!/^\/?$/.test(url.pathname)) throw notUsable('has a path, which means nothing to a mail server')
  const isLocal = isLoopback(url.hostname)
  const secure = url.protocol === 'smtps:'
  const standard = secure ? PORTS.submissions : isLocal ? PORTS.local : PORTS.submission
  return {
    host: url.hostname.replaceAll(/[[\]]/g, ''),
    port: url.port === '' ? standard : Number(url.port),
    secure,
    requireTLS: !secure && !isLocal,
    // the certificate of a server on this machine seldom names localhost, and nobody stands in between
    tls: { minVersion: 'TLSv1.2', rejectUnauthorized: !isLocal },
    ...(url.username === '' ? {} : { auth: { user: decoded(url.username), pass: decoded(url.password) } }),
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (thrown) {
    throw notUsable('has a % in user or password that is not followed by two hexadecimal digits', thrown)
  }
}

function notUsable(why: string, cause?: unknown): Problem {
  return new Problem('configuration-invalid', {
    what: `The address of the mail server (smtp_url) ${why}.`,
    remedy:
      'Give smtps://user:password@host, or smtp:// for STARTTLS; write @ : / % of a password as %40 %3A %2F %25.',
    cause,
  })
}
