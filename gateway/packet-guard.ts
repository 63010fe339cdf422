import { Duplex } from 'node:stream'
import type { Load } from './admit.ts'
import type { FrameRefusal } from './frame-scanner.ts'
import { FrameScanner, isPublish } from './frame-scanner.ts'
import type { GatewayLimits } from './limits.ts'

/** What a guard needs from its surroundings. */
export interface GuardOptions {
  readonly limits: Pick<GatewayLimits, 'connectionMessages' | 'connectionBytes'>
  /** PUBLISH packets let through and not yet settled: one count for all guards. */
  readonly load: Load
  /** True while the gateway as a whole is loaded: then a connection gets one message at a time. */
  readonly pressed: () => boolean
  /** Called once, when the byte stream is refused; nothing more is read from then on. */
  readonly onRefused: (reason: FrameRefusal) => void
}

/** Handed over ahead of the broker's reading: one socket read, so that a read passes in one piece. */
const READ_AHEAD_BYTES = 65_536

/**
 * Stands between a socket and the broker, which has no packet-size limit of its own and no back-pressure that
 * holds (both pinned in tests/contract). It passes bytes on unchanged, and:
 * - refuses a packet from the bytes that announce it, before it is buffered;
 * - lets nothing but the CONNECT through until `open()`;
 * - reads on only while few enough PUBLISH packets wait for the journal (`settled()` says that one is done), and
 *   while the other side takes our acknowledgements. What is not read stays in the socket, then in the device.
 */
export class PacketGuard extends Duplex {
  readonly #socket: Duplex
  readonly #options: GuardOptions
  readonly #scanner = new FrameScanner()
  /** The rest of the last chunk from the socket, which is paused while it may not pass: never more than one. */
  #rest: Uint8Array | undefined
  #phase: 'connect' | 'connecting' | 'open' | 'held' | 'closing' = 'connect'
  /** The broker asked for more. */
  #wanted = false
  /** The socket did not take all we wrote. */
  #unsent = false
  #messages = 0
  #bytes = 0

  constructor(socket: Duplex, options: GuardOptions) {
    super({ readableHighWaterMark: READ_AHEAD_BYTES })
    this.#socket = socket
    this.#options = options
    socket.on('data', (chunk: Uint8Array) => {
      this.#rest = chunk
      this.#pass()
      if (this.#rest !== undefined) socket.pause()
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
    if (this.destroyed) return
    this.#add(-1, -payloadBytes)
    if (this.#phase === 'closing') this.closeWhenSettled()
    else this.#pass()
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
    this.#rest = undefined
    this.#add(-this.#messages, -this.#bytes)
    this.#socket.destroy()
    done(error)
  }

  #pass(): void {
    const chunk = this.#rest
    if (chunk === undefined || !this.#wanted || this.#unsent || this.#phase === 'closing') return
    const end = this.#passable(chunk)
    this.#rest = end === chunk.length ? undefined : chunk.subarray(end)
    if (end > 0) this.#wanted = this.push(chunk.subarray(0, end))
    if (this.#scanner.refusal !== undefined) {
      this.#options.onRefused(this.#scanner.refusal)
      this.closeWhenSettled()
    } else if (this.#rest === undefined) {
      if (this.#socket.readableEnded) this.push(null)
      else if (this.#socket.isPaused()) this.#socket.resume()
    }
  }

  /** How much of the chunk may pass: up to a packet that is refused or has to wait, else all of it. */
  #passable(chunk: Uint8Array): number {
    let at = 0
    while (at < chunk.length) {
      if (this.#scanner.between && !this.#mayBegin(chunk[at] ?? 0)) return at
      const end = this.#scanner.read(chunk, at)
      if (this.#scanner.refusal !== undefined) return at
      at = end
      if (this.#scanner.between) this.#count()
    }
    return at
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

  #send(bytes: Uint8Array, done: () => void): void {
    // On a closed socket the acknowledgement reaches nobody; the device sends again what it had no answer for.
    if (!this.#socket.writable || this.#socket.write(bytes)) return done()
    this.#unsent = true
    this.#socket.once('drain', () => {
      this.#unsent = false
      done()
      this.#pass()
    })
  }
}
