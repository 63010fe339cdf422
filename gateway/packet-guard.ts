import { Duplex } from 'node:stream'
import { encodeAcknowledgements } from './acknowledgements.ts'
import type { Load } from './admit.ts'
import type { FrameRefusal, PublishLayout } from './frame-scanner.ts'
import { FrameScanner, isPublish } from './frame-scanner.ts'
import type { GatewayLimits } from './limits.ts'
import type { TurnEnd } from './turn-end.ts'

/** What a guard needs from its surroundings. */
export interface GuardOptions {
  readonly limits: Pick<GatewayLimits, 'connectionMessages' | 'connectionBytes'>
  /** PUBLISH packets let through and not yet settled: one count for all guards. */
  readonly load: Load
  /** Sends acknowledgements at the end of a turn: one for all guards. */
  readonly turnEnd: TurnEnd
  /** True while the gateway as a whole is loaded: then a connection gets one message at a time. */
  readonly pressed: () => boolean
  /** Called once, when the byte stream is refused; nothing more is read from then on. */
  readonly onRefused: (reason: FrameRefusal) => void
  /**
   * Takes a whole PUBLISH at QoS 0 or 1 that lies in these bytes, which are valid until it returns. It is answered with
   * `acknowledge` and `settled`. What it answers false to goes to the broker.
   */
  readonly takePublish: (bytes: Uint8Array, layout: PublishLayout) => boolean
  /**
   * Called after some were taken: what the broker has not seen must still count as a sign of life. With true when the
   * connection is not read on for now, so that the next one may be long in coming.
   */
  readonly onHeard: (isLast: boolean) => void
  /** Resolves when acknowledgements have been stuck for too long, or the signal is aborted. */
  readonly patience: (signal: AbortSignal) => Promise<void>
}

/** Bits of the first byte of a PUBLISH (MQTT 3.1.1 section 3.3.1). */
const QOS_BITS = 0b110
const QOS_1 = 0b010
const DUP_BIT = 0b1000
const PACKET_ID_BYTES = 2

/** Handed over ahead of the broker's reading: one socket read, so that a read passes in one piece. */
const READ_AHEAD_BYTES = 65_536

/**
 * Stands between a socket and the broker, which has no packet-size limit of its own and no back-pressure that
 * holds (both pinned in tests/contract). It:
 * - refuses a packet from the bytes that announce it, before it is buffered;
 * - lets nothing but the CONNECT through until `open()`;
 * - cuts out each PUBLISH at QoS 0 or 1, to be taken and acknowledged past the broker, which would spend most of a
 *   processor on them; everything else passes unchanged;
 * - reads on only while few enough PUBLISH packets wait for the journal (`settled()` says that one is done), and
 *   while the other side takes our acknowledgements. What is not read stays in the socket, then in the device.
 */
export class PacketGuard extends Duplex {
  readonly #socket: Duplex
  readonly #options: GuardOptions
  readonly #scanner = new FrameScanner()
  /** The rest of the last chunk from the socket, which is paused while it may not pass: never more than one. */
  #rest: Uint8Array | undefined
  /** The beginning of a PUBLISH that is cut out, copied from chunks before: at most one packet. */
  #pieces: Uint8Array[] = []
  /** Packet ids to be acknowledged at the end of this turn, in one write; mostly there is one. */
  #acknowledged: number | undefined
  readonly #alsoAcknowledged: number[] = []
  /** True inside `#pass`, which may settle what it has just taken. */
  #isPassing = false
  #phase: 'connect' | 'connecting' | 'open' | 'held' | 'closing' = 'connect'
  /** The broker asked for more. */
  #wanted = false
  /** The socket did not take all we wrote. */
  #unsent = false
  #messages = 0
  #bytes = 0
  /** As `destroyed`, which asks both sides of the stream, for each message. */
  #isGone = false

  constructor(socket: Duplex, options: GuardOptions) {
    super({ readableHighWaterMark: READ_AHEAD_BYTES })
    this.#socket = socket
    this.#options = options
    socket.on('data', (chunk: Uint8Array) => {
      this.#rest = chunk
      this.#pass()
      if (this.#rest === undefined) return
      socket.pause()
      options.onHeard(true)
    })
    // Also comes while paused, ahead of the rest.
    socket.on('end', () => {
      if (this.#rest === undefined) this.push(null)
    })
    socket.on('error', (error) => this.destroy(error))
    socket.on('close', () => {
      // After 'end' the broker still has to read what was handed over, and closes by itself.
      if (!socket.readableEnded) this.destroy()
    })
  }

  /** Lets the packets behind the CONNECT through. */
  open(): void {
    if (this.#phase === 'connecting') this.#phase = 'open'
    this.#pass()
  }

  /** Lets no further packet begin, but keeps the socket, so that acknowledgements under way still leave. */
  hold(): void {
    if (this.#phase !== 'closing') this.#phase = 'held'
  }

  /**
   * Closes as soon as every PUBLISH let through is settled. A device that sent good messages before a bad one
   * gets them acknowledged; closed at once, it would send all of them again, for ever.
   */
  closeWhenSettled(): void {
    this.#phase = 'closing'
    // What the broker reads or writes in this turn goes first.
    if (this.#messages === 0) process.nextTick(() => this.destroy())
  }

  /** One PUBLISH let through is journalled or given up; `payloadBytes` is the length of its payload. */
  settled(payloadBytes: number): void {
    if (this.#isGone) return
    this.#add(-1, -payloadBytes)
    if (this.#phase === 'closing') this.closeWhenSettled()
    else this.#pass()
  }

  /** Sends a PUBACK, together with the others of this turn; false when the connection is gone. */
  acknowledge(packetId: number): boolean {
    if (this.#isGone) return false
    if (this.#acknowledged !== undefined) this.#alsoAcknowledged.push(packetId)
    else {
      this.#acknowledged = packetId
      this.#options.turnEnd.sends(this)
    }
    return true
  }

  override _read(): void {
    this.#wanted = true
    this.#pass()
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#send(chunk, done)
  }

  override _writev(parts: readonly { readonly chunk: Uint8Array }[], done: () => void): void {
    this.#send(Buffer.concat(parts.map((part) => part.chunk)), done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#isGone = true
    this.#rest = undefined
    this.#pieces = []
    this.#add(-this.#messages, -this.#bytes)
    this.#socket.destroy()
    done(error)
  }

  #pass(): void {
    const chunk = this.#rest
    if (chunk === undefined || !this.#wanted || this.#unsent || this.#isPassing) return
    if (this.#phase === 'closing') return
    this.#isPassing = true
    const end = this.#passable(chunk)
    this.#isPassing = false
    if (this.#isGone) return
    this.#rest = end === chunk.length ? undefined : chunk.subarray(end)
    if (this.#scanner.refusal !== undefined) {
      this.#options.onRefused(this.#scanner.refusal)
      this.closeWhenSettled()
    } else if (this.#rest === undefined) {
      if (this.#socket.readableEnded) this.push(null)
      else if (this.#socket.isPaused()) this.#socket.resume()
    }
  }

  /** Passes on what may pass, up to a packet that is refused or has to wait, and answers where that is. */
  #passable(chunk: Uint8Array): number {
    let at = 0
    /** Where the bytes begin that the broker has not been handed yet. */
    let from = 0
    let taken = 0
    while (at < chunk.length && this.#wanted) {
      const firstByte = chunk[at] ?? 0
      if (this.#scanner.between && !this.#mayBegin(firstByte)) break
      const isCut = this.#scanner.between ? isCutOut(firstByte) : this.#pieces.length > 0
      const end = this.#scanner.read(chunk, at)
      if (this.#scanner.refusal !== undefined) break
      if (this.#scanner.between) this.#count()
      if (isCut) {
        this.#hand(chunk, from, at)
        if (this.#cutOut(chunk, at, end)) taken += 1
        from = end
      }
      at = end
    }
    this.#hand(chunk, from, at)
    if (taken > 0) this.#options.onHeard(at < chunk.length)
    return at
  }

  /** Hands bytes to the broker. */
  #hand(chunk: Uint8Array, from: number, to: number): void {
    if (to > from) this.#wanted = this.push(chunk.subarray(from, to))
  }

  /** Takes what has come of a PUBLISH, or keeps it until the rest comes. True when one was taken. */
  #cutOut(chunk: Uint8Array, from: number, to: number): boolean {
    if (!this.#scanner.between) {
      this.#pieces.push(Uint8Array.from(chunk.subarray(from, to)))
      return false
    }
    if (this.#pieces.length === 0) return this.#take(chunk, from, to)
    const packet = Buffer.concat([...this.#pieces, chunk.subarray(from, to)])
    this.#pieces = []
    return this.#take(packet, 0, packet.length)
  }

  /** Has a whole PUBLISH taken, or hands it to the broker. */
  #take(bytes: Uint8Array, packetAt: number, payloadEnd: number): boolean {
    const { firstByte, payloadBytes, topicBytes } = this.#scanner
    const qos = (firstByte & QOS_BITS) === 0 ? 0 : 1
    const payloadAt = payloadEnd - payloadBytes
    const topicEnd = payloadAt - (qos === 0 ? 0 : PACKET_ID_BYTES)
    const topicAt = topicEnd - topicBytes
    const layout = { qos, packetAt, topicAt, topicEnd, payloadAt, payloadEnd } as const
    if (this.#options.takePublish(bytes, layout)) return true
    this.#hand(bytes, packetAt, payloadEnd)
    return false
  }

  #mayBegin(firstByte: number): boolean {
    if (this.#phase === 'connect') return true
    if (this.#phase !== 'open') return false
    if (!isPublish(firstByte)) return true
    const { limits, pressed } = this.#options
    const most = pressed() ? 1 : limits.connectionMessages
    return this.#messages < most && this.#bytes < limits.connectionBytes
  }

  #count(): void {
    if (this.#phase === 'connect') this.#phase = 'connecting'
    if (isPublish(this.#scanner.firstByte)) this.#add(1, this.#scanner.payloadBytes)
  }

  #add(messages: number, bytes: number): void {
    this.#messages += messages
    this.#bytes += bytes
    this.#options.load.messages += messages
    this.#options.load.bytes += bytes
  }

  /** Sends what was acknowledged; for `TurnEnd` to call. */
  sendAcknowledgements(): void {
    // While the other side takes nothing they wait; no further message is read meanwhile, so they are few.
    if (this.#acknowledged === undefined || this.#unsent || this.#isGone) return
    const bytes = encodeAcknowledgements(this.#acknowledged, this.#alsoAcknowledged)
    this.#acknowledged = undefined
    if (this.#alsoAcknowledged.length > 0) this.#alsoAcknowledged.length = 0
    // Behind what the broker has begun to write.
    if (this.writableLength > 0) this.write(bytes)
    else this.#send(bytes, nothing)
  }

  #send(bytes: Uint8Array, done: () => void): void {
    // On a closed socket the acknowledgement reaches nobody; the device sends again what it had no answer for.
    if (!this.#socket.writable || this.#socket.write(bytes)) return done()
    this.#unsent = true
    const drained = new AbortController()
    this.#socket.once('drain', () => {
      this.#unsent = false
      drained.abort()
      done()
      this.sendAcknowledgements()
      this.#pass()
    })
    void this.#giveUpUnless(drained.signal)
  }

  /** Closes when the other side does not take what we wrote; the broker looks after its own writes only. */
  async #giveUpUnless(drained: AbortSignal): Promise<void> {
    await this.#options.patience(drained)
    if (!drained.aborted && !this.destroyed) this.destroy(new Error('drain timeout'))
  }
}

const nothing = (): void => undefined

/** True for the first byte of a PUBLISH at QoS 0 or 1; a repeated one at QoS 0 is an error for the broker to name. */
function isCutOut(firstByte: number): boolean {
  if (!isPublish(firstByte)) return false
  const qos = firstByte & QOS_BITS
  return qos === QOS_1 || (qos === 0 && (firstByte & DUP_BIT) === 0)
}
