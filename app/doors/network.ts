import http from 'node:http'
import https from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { createServer } from 'node:net'
import { Problem, reasonOf } from '../../domain/index.ts'

/** A TCP port we listen on. */
export interface TcpListener {
  /** The port taken; the one asked for, or any free one for 0. */
  readonly port: number
  /** Takes no further connection; the ones there are stay, and are for their owner to close. */
  stopAccepting(): Promise<void>
}

/** Where to listen, and who gets the connections. */
export interface TcpOptions {
  readonly host: string
  readonly port: number
  readonly onSocket: (socket: Socket) => void
}

/**
 * Connections the system keeps for us until we take them. After an outage thousands of devices come at once, and the
 * event loop takes one in each of its turns (measured on libuv 1.52), which are long while the first ones publish.
 */
const BACKLOG = 4_096

/** Listens for TCP connections. Rejects with `Problem('configuration-invalid')` when the address cannot be had. */
export async function listenTcp({ host, port, onSocket }: TcpOptions): Promise<TcpListener> {
  // An acknowledgement is a few bytes that must not wait for more to come.
  const server = createServer({ noDelay: true }, onSocket)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (thrown) => reject(unavailable(host, port, thrown)))
    server.listen({ host, port, backlog: BACKLOG }, resolve)
  })
  // A failed accept (no descriptor left, say) concerns one connection, and its device tries again.
  server.on('error', () => undefined)
  // A TCP server's address is an object; only pipes have a path.
  const address = server.address() as AddressInfo
  return {
    port: address.port,
    stopAccepting: () =>
      new Promise((resolve) => {
        // Not waiting for its callback: that comes when the last connection has gone.
        server.close()
        resolve()
      }),
  }
}

/** HTTP requests to other services: the platform's `fetch`. */
export const fetchUrl: typeof globalThis.fetch = (input, init) => globalThis.fetch(input, init)

/** Host and port as they stand in a URL: an IPv6 address in brackets (RFC 3986, section 3.2.2). */
export function authorityOf(host: string, port: number | string): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** What a server of ours answered. */
export interface OwnAnswer {
  readonly status: number
  readonly text: string
}

/** Readiness is a few hundred bytes; what else may listen on the port is not read to its end. */
const OWN_ANSWER_BYTES_MAX = 65_536

/**
 * Asks a server of this machine, whose certificate is made for another name than the address used here: it is not
 * checked, so nothing secret may be sent. Rejects when nobody answers in time.
 */
export function askOwnServer(url: string, timeoutMs: number): Promise<OwnAnswer> {
  const { request } = url.startsWith('https:') ? https : http
  return new Promise((resolve, reject) => {
    const options = { rejectUnauthorized: false, signal: AbortSignal.timeout(timeoutMs) }
    const asked = request(url, options, (answer) => {
      let text = ''
      answer.setEncoding('utf8')
      answer.on('data', (part: string) => {
        text += part
        if (text.length > OWN_ANSWER_BYTES_MAX) answer.destroy(new Error(`${url} answers something else`))
      })
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      answer.once('error', reject)
    })
    asked.once('error', reject)
    asked.end()
  })
}

function unavailable(host: string, port: number, cause: unknown): Problem {
  return new Problem('configuration-invalid', {
    what: `Cannot listen on ${host}:${port}: ${reasonOf(cause)}.`,
    remedy: 'Stop what uses the port, or choose another address.',
    cause,
  })
}
