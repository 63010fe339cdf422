import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'

/** Where WebSocket is spoken on an HTTP server, and who gets the connections. */
export interface WebSocketOptions {
  readonly path: string
  /** The subprotocol a client has to offer. */
  readonly protocol: string
  /** The longest message taken. */
  readonly messageBytesMax: number
  /** Whether a connection from an address is taken; asked before its handshake. */
  readonly admits: (address: string) => boolean
  /** `under`: the connection it is spoken on. */
  readonly onSocket: (socket: Duplex, address: string, under: Socket) => void
}

/** Pongs that wait to be taken: a client that pings and never reads would fill the memory with them. */
const UNSENT_BYTES_MAX = 65_536

/** True for a request that is to become a WebSocket at a path: others stay requests, whatever upgrade they offer. */
export function asksForWebSocket(request: IncomingMessage, path: string): boolean {
  const { upgrade = '' } = request.headers
  return upgrade.toLowerCase() === 'websocket' && (request.url ?? '').replace(/\?.*$/s, '') === path
}

/**
 * Takes WebSockets at a path; the server's `shouldUpgradeCallback` has to be `asksForWebSocket`. What is no handshake
 * of the protocol is answered with 400. Only binary messages are taken (MQTT 3.1.1 section 6).
 */
export function takeWebSockets(server: Server, options: WebSocketOptions): void {
  const { protocol, messageBytesMax, admits, onSocket } = options
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: messageBytesMax,
    perMessageDeflate: false,
    clientTracking: false,
    autoPong: false,
    handleProtocols: () => protocol,
  })
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    const address = request.socket.remoteAddress ?? ''
    if (!admits(address)) {
      socket.destroy()
      return
    }
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((each) => each.trim())
    if (!offered.includes(protocol)) {
      socket.on('error', () => undefined)
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\nOffer the subprotocol ${protocol}.\n`,
      )
      return
    }
    sockets.handleUpgrade(request, socket, head, (opened) => {
      onSocket(streamOf(opened), address, request.socket)
    })
  })
}

/** A WebSocket as a stream of bytes; messages need not be packets (MQTT 3.1.1 section 6). */
function streamOf(opened: WebSocket): Duplex {
  opened.on('ping', (data) => {
    if (opened.bufferedAmount > UNSENT_BYTES_MAX) opened.terminate()
    else opened.pong(data)
  })
  opened.on('message', (_data, isBinary) => {
    // Before the stream's own listener: what comes after is not taken.
    if (!isBinary) stream.destroy(new Error('a text message, where only binary ones are MQTT'))
  })
  const stream = createWebSocketStream(opened)
  return stream
}
