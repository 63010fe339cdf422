import type { Channel, Clock, Log, RefusalReason, Waiter } from '../domain/index.ts'
import { RecordEncoder } from '../domain/index.ts'
import type { GatewayLimits } from './limits.ts'

/** The journal's `appendFor`: tells the waiter once the record is synced, in the order of the calls. */
export type Append = (bytes: Uint8Array, waiter: Waiter) => void

/** A message a device may send, before it is stamped. */
export interface Message {
  readonly deviceId: string
  readonly channel: Channel
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly payload: Uint8Array
}

/** Handed to the journal, or refused at once. `index` rejects where a waiter is told `failed`: do not acknowledge. */
export type Admitted = { readonly index: Promise<number> } | { readonly refused: RefusalReason }

/** Messages under way: not yet confirmed by the journal; and their payload bytes. */
export interface Load {
  messages: number
  bytes: number
}

/** The parts an admission needs. */
export interface AdmissionParts {
  readonly append: Append
  /** `receivedAtMs` of the last record in the log; 0 for an empty log. */
  readonly lastReceivedAtMs: number
  readonly clock: Pick<Clock, 'nowMs'>
  readonly log: Pick<Log, 'warn'>
  readonly limits: Pick<GatewayLimits, 'deviceMessages' | 'deviceBytes' | 'totalMessages' | 'totalBytes'>
}

/**
 * The newest receivedAt may lie this far ahead of the clock, which a clock being adjusted can explain. Beyond it the
 * clock once stepped forward, and until it has caught up every record carries the time of that step.
 */
export const CLOCK_AHEAD_MS_MAX = 60_000

/** What is kept of a topic: who publishes there, and what its records have in common. */
interface Source {
  readonly deviceId: string
  /** Of the device, whatever the topic. */
  readonly load: Load
  readonly encoder: RecordEncoder
}

/** Records are cut from memory that need not be cleared first, several from one piece. */
const allocate = (length: number): Uint8Array => Buffer.allocUnsafe(length)

/** A message on its way through the journal: first it is no longer counted, then whoever waits is told. */
class UnderWay implements Waiter {
  readonly #admission: Admission
  readonly #device: Load
  readonly #payloadBytes: number
  readonly #waiter: Waiter

  constructor(admission: Admission, device: Load, payloadBytes: number, waiter: Waiter) {
    this.#admission = admission
    this.#device = device
    this.#payloadBytes = payloadBytes
    this.#waiter = waiter
  }

  durable(index: number): void {
    this.#admission.ended(this.#device, this.#payloadBytes, true)
    this.#waiter.durable(index)
  }

  failed(reason: unknown): void {
    this.#admission.ended(this.#device, this.#payloadBytes, false)
    this.#waiter.failed(reason)
  }
}

/** The one door to the journal: what every message passes, whichever road it came. */
export class Admission {
  readonly #parts: AdmissionParts
  readonly #total: Load = { messages: 0, bytes: 0 }
  /** Both grow with the devices that ever published, at most three topics each, not with what they send. */
  readonly #byDevice = new Map<string, Load>()
  readonly #byTopic = new Map<string, Source>()
  #waiting: (() => void)[] = []
  #lastMs: number
  #isAhead = false
  #journalled = 0

  constructor(parts: AdmissionParts) {
    this.#parts = parts
    this.#lastMs = parts.lastReceivedAtMs
  }

  /**
   * Stamps, encodes and appends; all of it before it returns, so that the order of calls is the order of records. The
   * waiter is told as `append` does; answers why not when it is not taken, and then it is told nothing.
   */
  admitFor(message: Message, waiter: Waiter): RefusalReason | undefined {
    const { clock, limits } = this.#parts
    const source = this.#sourceOf(message)
    if (isOver(source.load, limits.deviceMessages, limits.deviceBytes) || this.full) {
      return 'too-many-in-flight'
    }
    // A clock that steps back must not make receivedAt decrease inside the log (design section 5).
    const nowMs = clock.nowMs()
    this.#lastMs = Math.max(this.#lastMs, nowMs)
    this.#watchClock(this.#lastMs - nowMs)
    const bytes = source.encoder.encode(this.#lastMs, message, allocate)
    const payloadBytes = message.payload.length
    this.#add(source.load, 1, payloadBytes)
    this.#parts.append(bytes, new UnderWay(this, source.load, payloadBytes, waiter))
    return undefined
  }

  /** The same, with a promise. */
  admit(message: Message): Admitted {
    const { promise, resolve, reject } = Promise.withResolvers<number>()
    const refused = this.admitFor(message, { durable: resolve, failed: reject })
    return refused === undefined ? { index: promise } : { refused }
  }

  /** A message is no longer under way, journalled or not. */
  ended(device: Load, payloadBytes: number, journalled: boolean): void {
    if (journalled) this.#journalled += 1
    this.#add(device, -1, -payloadBytes)
  }

  /** What is under way now. */
  get load(): Readonly<Load> {
    return this.#total
  }

  /** True when nothing more may be under way: then nobody new is let in. */
  get full(): boolean {
    const { limits } = this.#parts
    return isOver(this.#total, limits.totalMessages, limits.totalBytes)
  }

  /** Records made durable since the start. */
  get journalled(): number {
    return this.#journalled
  }

  /** How far the newest receivedAt lies ahead of the clock, in ms; 0 while the clock is not behind it. */
  get clockAheadMs(): number {
    return Math.max(0, this.#lastMs - this.#parts.clock.nowMs())
  }

  /** Resolves when nothing is under way. */
  settled(): Promise<void> {
    if (this.#total.messages === 0) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  #add(device: Load, messages: number, bytes: number): void {
    device.messages += messages
    device.bytes += bytes
    this.#total.messages += messages
    this.#total.bytes += bytes
    if (this.#total.messages === 0) this.#wake()
  }

  #sourceOf({ deviceId, topic }: Message): Source {
    const known = this.#byTopic.get(topic)
    if (known?.deviceId === deviceId) return known
    let load = this.#byDevice.get(deviceId)
    if (load === undefined) this.#byDevice.set(deviceId, (load = { messages: 0, bytes: 0 }))
    const source = { deviceId, load, encoder: new RecordEncoder(deviceId, topic) }
    this.#byTopic.set(topic, source)
    return source
  }

  /** Warns once for each time the clock falls behind. */
  #watchClock(aheadMs: number): void {
    const isAhead = aheadMs > CLOCK_AHEAD_MS_MAX
    if (isAhead && !this.#isAhead) {
      const { log } = this.#parts
      log.warn(
        { aheadMs },
        'the clock is behind the last record: records carry its time until the clock has caught up',
      )
    }
    this.#isAhead = isAhead
  }

  #wake(): void {
    if (this.#waiting.length === 0) return
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** True at or above a count of messages or of bytes. */
export function isOver(load: Readonly<Load>, messages: number, bytes: number): boolean {
  return load.messages >= messages || load.bytes >= bytes
}
