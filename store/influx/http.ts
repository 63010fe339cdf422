import { Problem, reasonOf } from '../../domain/index.ts'

/** The part of `fetch` that is used; the real one fits. */
export type HttpFetch = (url: string, request: HttpRequest) => Promise<HttpAnswer>

/** What is sent. */
export interface HttpRequest {
  readonly method: 'POST'
  readonly headers: Record<string, string>
  /** Bytes may be others once there is an answer, or none comes any more. */
  readonly body: string | Uint8Array<ArrayBuffer>
  readonly signal: AbortSignal
  /** A redirected POST would come through as a GET, so redirects are refused. */
  readonly redirect: 'manual'
}

/** What is read of an answer. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: { get(name: string): string | null }
  text(): Promise<string>
}

/** Where InfluxDB is, and who we are there. With a token, user and password are not used. */
export interface InfluxTarget {
  /** Base address; a path in front of `/write` is kept, user and password in it are used. */
  readonly url: string
  readonly database: string
  /** For 2.x and 3. */
  readonly token?: string
  /** For 1.x with authentication. */
  readonly user?: string
  readonly password?: string
}

/** One answer of InfluxDB: the status, the text, and `Retry-After` as it came. */
export interface InfluxAnswer {
  readonly status: number
  readonly text: string
  readonly retryAfter: string | null
}

/** The two calls that InfluxDB 1.x, 2.x and 3 Core have in common. Both reject only when no answer comes. */
export interface InfluxHttp {
  readonly database: string
  write(lines: HttpRequest['body'], signal: AbortSignal): Promise<InfluxAnswer>
  query(
    statement: string,
    params: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<InfluxAnswer>
}

/** A write is synced by InfluxDB before it answers; a query over a long range takes its time. */
const TIMEOUT_MS = 30_000

/**
 * Speaks to one InfluxDB. Throws `Problem('configuration-invalid')` when the address cannot be used; a call
 * that gets no answer within `timeoutMs`, or when its signal aborts, rejects with `Problem('influx-unavailable')`.
 */
export function influxHttp(
  target: InfluxTarget,
  send: HttpFetch,
  timeoutMs: number = TIMEOUT_MS,
): InfluxHttp {
  const { database } = target
  const base = baseAddress(target)
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    accept: 'application/json',
    ...authority(target),
  }
  const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  const post = async (
    url: URL,
    head: Record<string, string>,
    body: HttpRequest['body'],
    outside: AbortSignal,
  ): Promise<InfluxAnswer> => {
    const signal = AbortSignal.any([outside, AbortSignal.timeout(timeoutMs)])
    try {
      const answer = await send(url.href, {
        method: 'POST',
        headers: head,
        body,
        signal,
        redirect: 'manual',
      })
      return {
        status: answer.status,
        text: await answer.text(),
        retryAfter: answer.headers.get('retry-after'),
      }
    } catch (thrown) {
      throw unavailable(base, thrown)
    }
  }
  return {
    database,
    write: (lines, signal) => {
      const url = new URL('write', base)
      url.searchParams.set('db', database)
      url.searchParams.set('precision', 'ns')
      return post(url, headers, lines, signal)
    },
    query: (statement, params, signal) => {
      const body = new URLSearchParams({ db: database, q: statement, params: JSON.stringify(params) })
      return post(new URL('query', base), form, body.toString(), signal)
    },
  }
}

function baseAddress({ url }: InfluxTarget): URL {
  const base = URL.parse(url)
  if (base === null || (base.protocol !== 'http:' && base.protocol !== 'https:')) {
    throw new Problem('configuration-invalid', {
      what: 'The address of InfluxDB is not an http or https URL.',
      remedy: 'Give an address like http://influxdb.example:8086.',
    })
  }
  base.username = ''
  base.password = ''
  base.search = ''
  base.hash = ''
  if (!base.pathname.endsWith('/')) base.pathname += '/'
  return base
}

function authority({ url, token, user, password }: InfluxTarget): { authorization?: string } {
  if (token !== undefined) return { authorization: `Token ${token}` }
  const inAddress = new URL(url)
  const name = user ?? decodeURIComponent(inAddress.username)
  if (name === '') return {}
  const secret = password ?? decodeURIComponent(inAddress.password)
  return { authorization: `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}` }
}

function unavailable(base: URL, thrown: unknown): Problem {
  // fetch says only "fetch failed"; what failed is in its cause
  const reason =
    thrown instanceof Error && thrown.cause !== undefined ? reasonOf(thrown.cause) : reasonOf(thrown)
  return new Problem('influx-unavailable', {
    what: `InfluxDB at ${base.href} does not answer: ${reason}.`,
    remedy:
      'Check that InfluxDB runs and can be reached; nothing is lost, the projection goes on from its cursor.',
    cause: thrown,
  })
}
