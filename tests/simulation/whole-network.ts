import type { SeededRandom } from '../support/seeded-random.ts'
import type { SimulatedClock } from '../support/simulated-clock.ts'
import type { Entrance, KeptMessage, Line } from './whole-device.ts'
import { messageKey, type WholeBreak, type WholeLedger } from './whole-model.ts'
import type { SimulatedServer } from './whole-server.ts'

/** How long a packet takes at most, most of the time, and now and then. */
const DELAY_MS_MAX = 300
const SLOW_DELAY_MS_MAX = 40_000
const SLOW_ONE_IN = 30

/** A process that devices can reach. */
export interface Reachable {
  readonly server: SimulatedServer
  readonly alive: () => boolean
}

/** Connections between devices and the process: delays, order within a connection, and loss of all that was in it. */
export class WholeNetwork implements Entrance {
  /** Undefined while no process answers. */
  reachable: Reachable | undefined
  /** True while no device can connect. */
  isDown = false
  readonly #clock: SimulatedClock
  readonly #random: SeededRandom
  readonly #ledger: WholeLedger
  readonly #broken: WholeBreak | undefined
  readonly #lines = new Set<Line>()

  constructor(
    clock: SimulatedClock,
    random: SeededRandom,
    ledger: WholeLedger,
    broken: WholeBreak | undefined,
  ) {
    this.#clock = clock
    this.#random = random
    this.#ledger = ledger
    this.#broken = broken
  }

  connect(device: string): Line | undefined {
    const { reachable } = this
    if (this.isDown || reachable?.alive() !== true || reachable.server.admission.full) return undefined
    const line = { device, open: true, upMs: 0, downMs: 0 }
    this.#lines.add(line)
    return line
  }

  deliver(line: Line, message: KeptMessage, acknowledged: () => void): void {
    const { reachable } = this
    line.upMs = Math.max(line.upMs, this.#clock.nowMs()) + this.#delayMs()
    void this.#clock.sleep(line.upMs - this.#clock.nowMs()).then(() => {
      if (!line.open || reachable?.alive() !== true) return
      this.#arrive(reachable, line, message, acknowledged)
    })
  }

  /** Closes all connections, or by chance some of them. */
  cut(all: boolean): void {
    for (const line of this.#lines) if (all || this.#random.oneIn(2)) this.#close(line)
  }

  /** As the gateway: an acknowledgement leaves when the journal has confirmed, and a refusal closes. */
  #arrive({ server, alive }: Reachable, line: Line, message: KeptMessage, acknowledged: () => void): void {
    const { device } = line
    const key = messageKey(device, message.topic, message.payload)
    const admitted = server.admission.admit({ deviceId: device, channel: 'mqtt', qos: 1, ...message })
    if ('refused' in admitted) {
      this.#close(line)
      return
    }
    const isEarly = this.#broken === 'ack-early'
    if (isEarly) {
      this.#ledger.unbacked.push(key)
      this.#answer(line, acknowledged)
    }
    admitted.index.then(
      (index) => {
        if (!alive() || !line.open) return
        this.#ledger.acknowledged.set(index, key)
        this.#ledger.note(this.#clock.nowMs(), 'acknowledged', device, index)
        if (!isEarly) this.#answer(line, acknowledged)
      },
      () => {
        this.#close(line)
      },
    )
  }

  #answer(line: Line, acknowledged: () => void): void {
    line.downMs = Math.max(line.downMs, this.#clock.nowMs()) + this.#delayMs()
    void this.#clock.sleep(line.downMs - this.#clock.nowMs()).then(acknowledged)
  }

  #close(line: Line): void {
    line.open = false
    this.#lines.delete(line)
  }

  #delayMs(): number {
    return this.#random.below(this.#random.oneIn(SLOW_ONE_IN) ? SLOW_DELAY_MS_MAX : DELAY_MS_MAX)
  }
}
