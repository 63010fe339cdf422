import type { Clock, Log } from '../domain/index.ts'
import { Problem, reasonOf } from '../domain/index.ts'
import type { Connect } from './delivery.ts'
import { Delivery } from './delivery.ts'
import { encodeWireReadings, type WireReading } from './encoder.ts'
import { READINGS_PER_MESSAGE_MAX } from './replay.ts'
import type { Sampler } from './sampler.ts'

/** What a simulated device needs. */
export interface DeviceOptions {
  readonly id: string
  readonly secret: string
  readonly connect: Connect
  readonly sampler: Sampler
  readonly clock: Clock
  readonly log: Log
  /** From 0 to 1, its own: how late it connects, and how long it waits before it does so again. */
  readonly spread: number
}

/** Readings a device keeps that nobody acknowledged: a fortnight of a two-probe logger at 5 min. */
export const MEMORY_READINGS_MAX = 10_000
/** Messages under way at once: fills a group commit of the server, and bounds what is worked out ahead. */
const WINDOW = 20
/** Devices that start together connect over this long. */
const CONNECT_SPREAD_MS = 2_000
/** How often a device looks whether a scenario began, and shows values between its records while one says so. */
const LOOK_MS = 2_500
const SHOWN_EVERY_MS = 5_000
/** How long a device that ends waits for what it has sent. */
const DRAIN_MS_MAX = 2_000

/**
 * One device: it records at its interval into a memory, numbered by `seq`, and sends what it recorded until it is
 * acknowledged, over one connection of its own. Nothing recorded is thrown away: when the memory is full it records
 * no more and says so.
 */
export class SimulatedDevice {
  acknowledged = 0
  /** Readings it did not record because its memory was full. */
  notRecorded = 0
  readonly #options: DeviceOptions
  readonly #stop = new AbortController()
  /** Recorded and not sent, oldest first. */
  #unsent: (readonly WireReading[])[] = []
  /** Readings recorded live and not acknowledged, sent or not. */
  #kept = 0
  #isFull = false
  #isLive = false
  #handedInToMs: number | undefined
  #delivery: Delivery | undefined
  #running: Promise<void> = Promise.resolve()
  #failure: unknown
  #wake = Promise.withResolvers<void>()

  constructor(options: DeviceOptions) {
    this.#options = options
  }

  get kept(): number {
    return this.#kept
  }

  /** True when it gave up, because the server refused it. */
  get failed(): boolean {
    return this.#failure !== undefined
  }

  get connected(): boolean {
    return this.#delivery?.connected === true
  }

  get id(): string {
    return this.#options.id
  }

  /** Readings it recorded from `fromMs` until before `toMs`. */
  recordedIn(fromMs: number, toMs: number): number {
    const { sampler } = this.#options
    return Math.max(0, sampler.numberFrom(toMs) - sampler.numberFrom(fromMs)) * sampler.sensors
  }

  /**
   * Hands in what it recorded in that time, oldest first; resolves when all is acknowledged or the device was
   * stopped, with the number of readings acknowledged. `onAcknowledged` is told the readings of each message.
   */
  async handIn(fromMs: number, toMs: number, onAcknowledged: (readings: number) => void): Promise<number> {
    const { sampler } = this.#options
    const delivery = this.#connect(false)
    const perMessage = Math.max(1, Math.floor(READINGS_PER_MESSAGE_MAX / sampler.sensors))
    const end = sampler.numberFrom(toMs)
    let acknowledged = 0
    let underWay = 0
    for (let first = sampler.numberFrom(fromMs); first < end; first += perMessage) {
      while (underWay >= WINDOW && this.#isOpen) await this.#wake.promise
      if (!this.#isOpen) break
      const numbers = Array.from({ length: Math.min(perMessage, end - first) }, (_, nth) => first + nth)
      const readings = numbers.flatMap((number) => sampler.record(number))
      underWay += 1
      delivery.offer({
        payload: encodeWireReadings(readings),
        readings: readings.length,
        acknowledged: () => {
          underWay -= 1
          acknowledged += readings.length
          this.acknowledged += readings.length
          onAcknowledged(readings.length)
        },
      })
    }
    while (underWay > 0 && this.#isOpen) await this.#wake.promise
    if (this.#failure !== undefined) throw this.#failure
    this.#handedInToMs = Math.max(toMs, this.#handedInToMs ?? toMs)
    return acknowledged
  }

  /** Records and sends from the end of what was handed in, or from now, until it is stopped. Once is enough. */
  async live(): Promise<void> {
    const { sampler, clock, spread } = this.#options
    if (this.#isLive) return
    this.#isLive = true
    let next = sampler.numberFrom(this.#handedInToMs ?? clock.nowMs())
    await clock.sleep(spread * CONNECT_SPREAD_MS, this.#stop.signal)
    if (!this.#isOpen) return
    const delivery = this.#connect(true, sampler.activeAt(clock.nowMs()).effects.offline)
    let shown = 0
    while (this.#isOpen) {
      const nowMs = clock.nowMs()
      const { effects } = sampler.activeAt(nowMs)
      if (effects.offline === true) delivery.hold()
      else delivery.release()
      for (; sampler.instantOf(next) <= nowMs; next += 1) this.#record(next)
      const nth = Math.floor(nowMs / SHOWN_EVERY_MS)
      if (effects.showsOften === true && nth !== shown && delivery.inFlight < WINDOW && this.connected) {
        this.#offer(delivery, sampler.shown(nowMs), 1)
        shown = nth
      }
      this.#send()
      const dueMs = Math.min(sampler.instantOf(next), (Math.floor(nowMs / LOOK_MS) + 1) * LOOK_MS)
      await clock.sleep(Math.max(1, dueMs - nowMs), this.#stop.signal)
    }
  }

  /** Ends the device: what is under way gets a moment, then it says `offline` and closes. */
  async stop(): Promise<void> {
    const { clock } = this.#options
    const untilMs = clock.monotonicMs() + DRAIN_MS_MAX
    this.#send()
    while (this.#isOpen && this.connected && (this.#delivery?.inFlight ?? 0) > 0) {
      const leftMs = untilMs - clock.monotonicMs()
      if (leftMs <= 0) break
      await Promise.race([this.#wake.promise, clock.sleep(leftMs, this.#stop.signal)])
    }
    this.#stop.abort()
    this.#wake.resolve()
    await this.#running
  }

  get #isOpen(): boolean {
    return !this.#stop.signal.aborted && this.#failure === undefined
  }

  #connect(patient: boolean, isOffline = false): Delivery {
    if (this.#delivery !== undefined) return this.#delivery
    const { id, secret, connect, clock, log, spread } = this.#options
    const delivery = new Delivery({
      device: id,
      secret,
      connect,
      clock,
      stop: this.#stop.signal,
      program: 'sim',
      tellsStatus: true,
      patient,
      spread,
      onChange: () => {
        this.#send()
        this.#wake.resolve()
        this.#wake = Promise.withResolvers()
      },
    })
    this.#delivery = delivery
    if (isOffline) delivery.hold()
    this.#running = delivery.run().catch((thrown: unknown) => {
      this.#failure = thrown
      const remedy = thrown instanceof Problem ? thrown.remedy : ''
      log.error({ device: id, kept: this.#kept, remedy }, `the device gives up: ${reasonOf(thrown)}`)
      this.#wake.resolve()
    })
    return delivery
  }

  #record(number: number): void {
    const { id, sampler, log } = this.#options
    if (this.#kept + sampler.sensors > MEMORY_READINGS_MAX) {
      this.notRecorded += sampler.sensors
      if (!this.#isFull) log.warn({ device: id, kept: this.#kept }, 'memory full: the device records no more')
      this.#isFull = true
      return
    }
    if (this.#isFull) log.info({ device: id, notRecorded: this.notRecorded }, 'the device records again')
    this.#isFull = false
    const readings = sampler.record(number)
    this.#kept += readings.length
    this.#unsent.push(readings)
  }

  /** Sends what is recorded, several records in a message when there are several, each as often as scenarios say. */
  #send(): void {
    const delivery = this.#delivery
    if (delivery === undefined) return
    const { sampler, clock } = this.#options
    while (this.#unsent.length > 0 && delivery.connected && delivery.inFlight < WINDOW) {
      const records = Math.max(1, Math.floor(READINGS_PER_MESSAGE_MAX / sampler.sensors))
      const readings = this.#unsent.splice(0, records).flat()
      // the memory counts them already
      this.#kept -= readings.length
      this.#offer(delivery, readings, sampler.activeAt(clock.nowMs()).effects.copies ?? 1)
    }
  }

  /** Sends readings, `copies` times, and keeps them until the first of them is acknowledged. */
  #offer(delivery: Delivery, readings: readonly WireReading[], copies: number): void {
    const payload = encodeWireReadings(readings)
    this.#kept += readings.length
    delivery.offer({
      payload,
      readings: readings.length,
      acknowledged: () => {
        this.#kept -= readings.length
        this.acknowledged += readings.length
      },
    })
    for (let copy = 1; copy < copies; copy += 1) delivery.offer({ payload, readings: 0 })
  }
}
