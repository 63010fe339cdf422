import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { IPublishPacket, Packet, Parser } from 'mqtt-packet'
import { generate, parser } from 'mqtt-packet'

/** A bare MQTT client: sends exactly the packets and bytes it is told to, keeps everything that comes back. */
export interface RawClient {
  readonly socket: Socket
  /** Packets received so far, in order. */
  readonly received: Packet[]
  send(...packets: Packet[]): void
  sendBytes(bytes: Uint8Array): void
  /** Resolves with the n-th packet (from 0) of a kind, once it is there; rejects when the connection closes first. */
  next(cmd: Packet['cmd'], nth?: number): Promise<Packet>
  /** Resolves when the connection is closed. */
  readonly closed: Promise<void>
}

/** Connects to a port on this machine. */
export async function connectRaw(port: number): Promise<RawClient> {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  const received: Packet[] = []
  const watchers = new Set<() => void>()
  const answers: Parser = parser({ protocolVersion: 4 })
  answers.on('packet', (packet) => {
    received.push(packet)
    for (const watch of watchers) watch()
  })
  // What a refused connection leaves behind is no packet; the tests that care look at the bytes.
  answers.on('error', () => undefined)
  socket.on('data', (bytes) => answers.parse(bytes))
  socket.on('error', () => undefined)
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      resolve()
      for (const watch of watchers) watch()
    })
  })
  return {
    socket,
    received,
    closed,
    send: (...packets) => {
      socket.write(Buffer.concat(packets.map((packet) => generate(packet))))
    },
    sendBytes: (bytes) => {
      socket.write(bytes)
    },
    next: (cmd, nth = 0) =>
      new Promise((resolve, reject) => {
        const watch = (): void => {
          const found = received.filter((packet) => packet.cmd === cmd)[nth]
          if (found !== undefined) resolve(found)
          else if (socket.destroyed) reject(new Error(`closed without ${cmd} number ${nth}`))
          else return
          watchers.delete(watch)
        }
        watchers.add(watch)
        watch()
      }),
  }
}

/** A CONNECT of a well-behaved device. */
export function connectPacket(deviceId: string, secret: string, more: object = {}): Packet {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: 'main',
    username: deviceId,
    password: Buffer.from(secret),
    ...more,
  }
}

/** A PUBLISH. */
export function publishPacket(
  topic: string,
  payload: string | Buffer,
  qos: 0 | 1 | 2 = 1,
  messageId = 1,
): IPublishPacket {
  return {
    cmd: 'publish',
    topic,
    payload,
    qos,
    dup: false,
    retain: false,
    ...(qos > 0 ? { messageId } : {}),
  }
}

/** Numbers in the packets of one kind, in the order received. */
export function messageIds(client: RawClient, cmd: Packet['cmd']): (number | undefined)[] {
  return client.received.filter((packet) => packet.cmd === cmd).map((packet) => packet.messageId)
}

/** Waits until `condition` holds, polling; fails after `limitMs`. */
export async function until(condition: () => boolean, limitMs = 5_000): Promise<void> {
  const end = Date.now() + limitMs
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${condition.toString()}`)
    await pause(5)
  }
}

/** Waits. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

const running: (() => unknown)[] = []

/** Registers something to undo after the test. */
export function undoLater(undo: () => unknown): void {
  running.push(undo)
}

/** Undoes everything registered, newest first. */
export async function undoAll(): Promise<void> {
  for (const undo of running.splice(0).toReversed()) await undo()
}
