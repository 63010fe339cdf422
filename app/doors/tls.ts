import { createServer as createHttpsServer } from 'node:https'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import type { Socket } from 'node:net'
import {
  createSecureContext,
  type SecureContextOptions,
  Server as SecureServer,
  type TLSSocket,
} from 'node:tls'
import { reasonOf } from '../../domain/index.ts'
import type { ClientCertificate } from '../../gateway/index.ts'
import { listenTcp, type TcpListener, type TcpOptions } from './network.ts'

/** What a TLS server shows and proves: certificate with those of its issuers, and its key, both PEM. */
export interface TlsMaterial {
  readonly certificate: Uint8Array
  readonly key: Uint8Array
  /** The authorities whose certificates clients may show, PEM; without them none is asked for. */
  readonly clientAuthorities?: Uint8Array
  /** Their lists of revoked certificates, one PEM each; with any, each authority needs one. */
  readonly clientRevocations?: readonly string[]
}

/** A TLS port we listen on. */
export interface TlsListener extends TcpListener {
  /** From now on new connections see this; those that are open go on. */
  renew(material: TlsMaterial): void
}

/** Where to listen with which certificate, and who gets the connections once they are secure. */
export interface TlsOptions extends Omit<TcpOptions, 'onSocket'> {
  readonly material: TlsMaterial
  readonly onSocket: (socket: TLSSocket, certificate: ClientCertificate | undefined) => void
  /** Whether a connection from an address is taken; asked before its handshake. */
  readonly admits: (address: string) => boolean
  /** Handshakes under way at once; further connections are closed. */
  readonly handshakesMax: number
}

/** Two round trips and a slow device's arithmetic; the platform's own 120 s would let strangers hold sockets. */
const HANDSHAKE_MS_MAX = 15_000

/** Listens for TLS connections, 1.2 and newer. Rejects like `listenTcp`. */
export async function listenTls(options: TlsOptions): Promise<TlsListener> {
  const { host, port, material, onSocket, admits, handshakesMax } = options
  const shaking = new Map<string, Socket>()
  // It never listens itself: sockets are handed to it, so that they can be counted before its arithmetic begins.
  const server = new SecureServer({
    ...contextOf(material),
    handshakeTimeout: HANDSHAKE_MS_MAX,
    requestCert: material.clientAuthorities !== undefined,
    // Whoever shows none has a secret; what is wrong with one that is shown is for the owner to count.
    rejectUnauthorized: false,
  })
  server.on('secureConnection', (socket) => {
    shaking.delete(peerOf(socket))
    onSocket(socket, shownBy(socket))
  })
  // Not TLS, or no version in common: the client is told by an alert, and nothing was taken from it.
  server.on('tlsClientError', (_error, socket) => socket.destroy())
  const listener = await listenTcp({
    host,
    port,
    onSocket: (socket) => {
      const peer = peerOf(socket)
      if (shaking.size >= handshakesMax || !admits(socket.remoteAddress ?? '')) {
        socket.destroy()
        return
      }
      shaking.set(peer, socket)
      socket.once('close', () => shaking.delete(peer))
      server.emit('connection', socket)
    },
  })
  return {
    port: listener.port,
    renew: (renewed) => {
      server.setSecureContext(contextOf(renewed))
    },
    stopAccepting: async () => {
      await listener.stopAccepting()
      for (const socket of shaking.values()) socket.destroy()
    },
  }
}

/** An HTTP server that does not listen yet; `renew` as for `TlsListener`, of no effect without TLS. */
export interface HttpServer {
  readonly server: Server
  renew(material: TlsMaterial): void
  /** The certificate that the client of a connection showed; undefined when it showed none, or none is asked for. */
  certificateOf(socket: Socket): ClientCertificate | undefined
}

/**
 * Makes an HTTP server, behind TLS when there is a certificate. `isUpgrade` says which requests leave HTTP. Clients are
 * asked for certificates only where `asksClients`: browsers would ask their users for one that devices sign in with.
 */
export function createHttp(
  listener: RequestListener,
  options: {
    readonly material: TlsMaterial | undefined
    readonly isUpgrade: (request: IncomingMessage) => boolean
    readonly asksClients?: boolean
  },
): HttpServer {
  const upgrades = { shouldUpgradeCallback: options.isUpgrade }
  const { asksClients = false } = options
  const none = (): undefined => undefined
  if (options.material === undefined) {
    return { server: createServer(upgrades, listener), renew: none, certificateOf: none }
  }
  const ownContext = ({ certificate, key, ...ofClients }: TlsMaterial): SecureContextOptions =>
    contextOf(asksClients ? { certificate, key, ...ofClients } : { certificate, key })
  const server = createHttpsServer(
    {
      ...ownContext(options.material),
      ...upgrades,
      handshakeTimeout: HANDSHAKE_MS_MAX,
      requestCert: asksClients,
      rejectUnauthorized: false,
    },
    listener,
  )
  // Looked at once for each connection, not for each request.
  const shown = new WeakMap<Socket, ClientCertificate>()
  server.on('secureConnection', (socket) => {
    const certificate = asksClients ? shownBy(socket) : undefined
    if (certificate !== undefined) shown.set(socket, certificate)
  })
  return {
    server,
    renew: (renewed) => {
      server.setSecureContext(ownContext(renewed))
    },
    certificateOf: (socket) => shown.get(socket),
  }
}

/** What the platform says of material that it cannot use; undefined when it can. Servers throw it when they take it. */
export function troubleWith(material: TlsMaterial): string | undefined {
  try {
    createSecureContext(contextOf(material))
    return undefined
  } catch (thrown) {
    // Nothing is lost: who asks names setting and file.
    return reasonOf(thrown)
  }
}

/** TLS 1.0 and 1.1 are withdrawn (RFC 8996). */
function contextOf(material: TlsMaterial): SecureContextOptions {
  const { certificate, key, clientAuthorities: authorities, clientRevocations: lists } = material
  return {
    cert: Buffer.from(certificate),
    key: Buffer.from(key),
    minVersion: 'TLSv1.2',
    ...(authorities !== undefined && { ca: Buffer.from(authorities) }),
    ...(lists !== undefined && { crl: [...lists] }),
  }
}

/**
 * The certificate a client showed; undefined when it showed none. Its name is looked at before whether it is trusted: a
 * resumed session without any certificate counts as authorised on the platform.
 */
function shownBy(socket: TLSSocket): ClientCertificate | undefined {
  const shown = socket.getPeerCertificate()
  // An empty object stands for none, whatever the types say.
  const subject: { readonly CN?: unknown } | undefined = shown.subject
  if (subject === undefined) return undefined
  if (!socket.authorized) return { trusted: false, why: String(socket.authorizationError) }
  const { CN: name } = subject
  if (typeof name === 'string') return { trusted: true, name }
  return { trusted: false, why: 'it has no common name, or several' }
}

/** The other end of a connection, the same for a socket and the secure one on it. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? 0}`
}
