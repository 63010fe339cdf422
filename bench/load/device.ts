import { createConnection, type Socket } from 'node:net'
import { connectBytes, type FirstNumbers, Messages, packetIdOf } from './packets.ts'

/** Who a connection is. */
export interface Credentials {
  readonly id: string
  readonly secret: string
}

/** What a connection tells of. */
export interface DeviceEvents {
  /** A message sent at `sentMs` was acknowledged, by the clock of `performance.now()`. */
  readonly onAcknowledged: (sentMs: number, nowMs: number) => void
  /** Everything that came in one turn was taken: time to send again. */
  readonly onTurn: (device: Device, nowMs: number) => void
  readonly onFailed: (why: string) => void
}

/** The longest Isotherm takes; nobody is to be timed out while a process stands still for its peer's turn. */
const KEEPALIVE_S = 3_600
const ACKNOWLEDGEMENT_BYTES = 4
const CONNACK = 0x20
const PUBACK = 0x40

/**
 * One device: a connection, messages in flight, and a check of every byte that comes back. It sends by `refill`
 * alone, and puts what it sends in one turn into one write.
 */
export class Device {
  readonly #events: DeviceEvents
  readonly #messages: Messages
  readonly #socket: Socket
  readonly #signedIn = Promise.withResolvers<void>()
  /** Writes under way, oldest first: how many messages of each wait, and since when. */
  readonly #waiting: { count: number; readonly sentMs: number }[] = []
  /** Bytes of an acknowledgement that came in two pieces. */
  #part: Buffer = Buffer.alloc(0)
  #acknowledged = 0
  #isIn = false
  #isClosing = false

  constructor(
    { id, secret }: Credentials,
    target: { readonly host: string; readonly port: number },
    first: FirstNumbers & { readonly readings: number },
    events: DeviceEvents,
  ) {
    this.#events = events
    this.#messages = new Messages(id, first)
    this.#socket = createConnection({ ...target, noDelay: true })
    this.#socket.on('connect', () => {
      this.#socket.write(connectBytes(`bench-${id}`, id, secret, KEEPALIVE_S))
    })
    this.#socket.on('data', (chunk: Buffer) => this.#take(chunk))
    this.#socket.on('error', (error) => this.#fail(error.message))
    this.#socket.on('close', () => this.#fail('closed by the server'))
    // a failure is told once, by the event; whoever waits for the sign-in hears it besides
    this.#signedIn.promise.catch(() => undefined)
  }

  /** Resolves when the server has let it in. */
  get signedIn(): Promise<void> {
    return this.#signedIn.promise
  }

  get inFlight(): number {
    return this.#messages.count - this.#acknowledged
  }

  get acknowledged(): number {
    return this.#acknowledged
  }

  get sent(): number {
    return this.#messages.count
  }

  /** Sends this many messages in one write. */
  refill(count: number, nowMs: number): void {
    if (count <= 0) return
    const { length } = this.#messages
    const bytes = Buffer.allocUnsafe(count * length)
    for (let nth = 0; nth < count; nth += 1) this.#messages.next(bytes, nth * length)
    this.#waiting.push({ count, sentMs: nowMs })
    this.#socket.write(bytes)
  }

  close(): void {
    this.#isClosing = true
    this.#socket.end(Buffer.from([0xe0, 0]))
    this.#socket.destroySoon()
  }

  #take(chunk: Buffer): void {
    const nowMs = performance.now()
    const bytes = this.#part.length === 0 ? chunk : Buffer.concat([this.#part, chunk])
    let at = 0
    for (; at + ACKNOWLEDGEMENT_BYTES <= bytes.length; at += ACKNOWLEDGEMENT_BYTES) {
      if (this.#isIn) this.#takeAcknowledgement(bytes, at, nowMs)
      else this.#takeAnswer(bytes, at)
    }
    this.#part = bytes.subarray(at)
    if (this.#isIn && !this.#isClosing) this.#events.onTurn(this, nowMs)
  }

  #takeAnswer(bytes: Buffer, at: number): void {
    if (bytes[at] !== CONNACK || bytes[at + 3] !== 0) return this.#fail(`refused with ${bytes[at + 3]}`)
    this.#isIn = true
    this.#signedIn.resolve()
  }

  /** Acknowledgements come in the order of the messages (MQTT 3.1.1 section 4.6). */
  #takeAcknowledgement(bytes: Buffer, at: number, nowMs: number): void {
    const id = bytes.readUInt16BE(at + 2)
    const expected = packetIdOf(this.#acknowledged)
    if (bytes[at] !== PUBACK || id !== expected) {
      return this.#fail(`answered ${bytes[at]} for ${id} where a PUBACK for ${expected} was due`)
    }
    this.#acknowledged += 1
    const oldest = this.#waiting[0]
    if (oldest === undefined) return this.#fail('acknowledged what was never sent')
    oldest.count -= 1
    if (oldest.count === 0) this.#waiting.shift()
    this.#events.onAcknowledged(oldest.sentMs, nowMs)
  }

  #fail(why: string): void {
    if (this.#isClosing) return
    this.#isClosing = true
    this.#socket.destroy()
    this.#signedIn.reject(new Error(why))
    this.#events.onFailed(why)
  }
}
