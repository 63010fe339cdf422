import { SeededRandom } from '../../tests/support/seeded-random.ts'
import { type Credentials, Device } from './device.ts'
import type { FirstNumbers } from './packets.ts'

/** What a fleet is told. */
export interface FleetPlan {
  readonly host: string
  readonly port: number
  readonly devices: readonly Credentials[]
  readonly seed: number
  readonly firstSeq: number
}

/** How far a fleet is. */
export interface FleetState {
  readonly signedIn: number
  /** Devices all of whose messages are acknowledged. */
  readonly done: number
  readonly attempts: number
}

/** A device that was thrown out tries again after this long, and up to as much longer, as real ones should. */
const RETRY_MS = 500
const RETRY_SPREAD_MS = 1_000
/** Connections begun in one turn at the first sign-in. */
const FIRST_AT_ONCE = 100

/** Many devices that stay connected, come back when they are thrown out, and then send what they have. */
export class Fleet {
  readonly #plan: FleetPlan
  readonly #random: SeededRandom
  readonly #first: FirstNumbers & { readonly readings: number }
  readonly #in = new Set<Device>()
  readonly #done = new Set<string>()
  #messages = 0
  #attempts = 0
  #isOver = false

  constructor(plan: FleetPlan) {
    this.#plan = plan
    this.#random = new SeededRandom(plan.seed)
    this.#first = { atMs: Date.now(), stepMs: 1, seq: plan.firstSeq, readings: 1 }
  }

  /** Resolves when every device is in. */
  async connect(): Promise<void> {
    const { devices } = this.#plan
    for (let at = 0; at < devices.length; at += FIRST_AT_ONCE) {
      await Promise.all(devices.slice(at, at + FIRST_AT_ONCE).map((each) => this.#open(each).signedIn))
    }
  }

  /** From now on a device that comes in sends this many messages at once. */
  willSend(messages: number): void {
    this.#messages = messages
    this.#done.clear()
  }

  state(): FleetState {
    return { signedIn: this.#in.size, done: this.#done.size, attempts: this.#attempts }
  }

  close(): void {
    this.#isOver = true
    for (const device of this.#in) device.close()
  }

  #open(credentials: Credentials): Device {
    const { host, port } = this.#plan
    this.#attempts += 1
    const device = new Device(credentials, { host, port }, this.#first, {
      onAcknowledged: () => {
        if (device.acknowledged === this.#messages) this.#done.add(credentials.id)
      },
      onTurn: (_, nowMs) => {
        if (this.#in.has(device)) return
        this.#in.add(device)
        if (!this.#done.has(credentials.id)) device.refill(this.#messages, nowMs)
      },
      onFailed: () => {
        this.#in.delete(device)
        if (this.#isOver) return
        // The same messages with the same numbers: what was stored before is a duplicate.
        setTimeout(() => this.#open(credentials), RETRY_MS + this.#random.below(RETRY_SPREAD_MS))
      },
    })
    return device
  }
}
