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
export interface Source {
  readonly deviceId: string
  /** Of the device, whatever the topic. */
  readonly load: Load
  readonly encoder: RecordEncoder
}

/** Records are cut from memory that need not be cleared first, several from one piece. */
const allocate = (length: number): Uint8Array => Buffer.allocUnsafe(length)

/**
 * A message on its way through the journal: first it is no longer counted, then whoever waits is told. One object for
 * both, because hundreds are under way at any time in a flood, and the collector of garbage carries each along.
 */
export abstract class UnderWay implements Waiter {
  protected readonly payloadBytes: number
  readonly #admission: Admission
  readonly #device: Load

  constructor(admission: Admission, { load }: Source, payloadBytes: number) {
    this.#admission = admission
    this.#device = load
    this.payloadBytes = payloadBytes
  }

  durable(index: number): void {
    this.#admission.ended(this.#device, this.payloadBytes, true)
    this.journalled(index)
  }

  failed(reason: unknown): void {
    this.#admission.ended(this.#device, this.payloadBytes, false)
    this.givenUp(reason)
  }

  /** The record is durable. */
  protected abstract journalled(index: number): void
  /** It must not be acknowledged. */
  protected abstract givenUp(reason: unknown): void
}

/** One that is waited for with a promise. */
class Promised extends UnderWay {
  readonly index: Promise<number>
  readonly #settle = Promise.withResolvers<number>()

  constructor(...given: ConstructorParameters<typeof UnderWay>) {
    super(...given)
    this.index = this.#settle.promise
  }

  protected override journalled(index: number): void {
    this.#settle.resolve(index)
  }

  protected override givenUp(reason: unknown): void {
    this.#settle.reject(reason)
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
   * message is told as `append` does; answers why not when it is not taken, and then it is told nothing.
   */
  admitFrom(
    source: Source,
    message: Pick<Message, 'channel' | 'qos' | 'payload'>,
    underWay: UnderWay,
  ): RefusalReason | undefined {
    const { clock, limits } = this.#parts
    if (isOver(source.load, limits.deviceMessages, limits.deviceBytes) || this.full) {
      return 'too-many-in-flight'
    }
    // A clock that steps back must not make receivedAt decrease inside the log (design section 5).
    const nowMs = clock.nowMs()
    this.#lastMs = Math.max(this.#lastMs, nowMs)
    this.#watchClock(this.#lastMs - nowMs)
    const bytes = source.encoder.encode(this.#lastMs, message, allocate)
    this.#add(source.load, 1, message.payload.length)
    this.#parts.append(bytes, underWay)
    return undefined
  }

  /** The same, with a promise. */
  admit(message: Message): Admitted {
    const source = this.sourceOf(message.deviceId, message.topic)
    const promised = new Promised(this, source, message.payload.length)
    const refused = this.admitFrom(source, message, promised)
    return refused === undefined ? { index: promised.index } : { refused }
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

  /** Where messages of a device on a topic come from; it stays the same for as long as there is this admission. */
  sourceOf(deviceId: string, topic: string): Source {
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
