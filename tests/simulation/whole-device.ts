import { publishTopic } from '../../domain/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'
import type { SimulatedClock } from '../support/simulated-clock.ts'
import { type WholeLedger, messageKey } from './whole-model.ts'

const MINUTE_MS = 60_000
/** Messages of one device under way without an acknowledgement. */
const WINDOW = 6
/** What device clocks show instead of the time: a little wrong, Beijing time taken for UTC, yesterday. */
const clockOffsetsMs = [0, 0, 0, 90_000, -200_000, 8 * 60 * MINUTE_MS, -1440 * MINUTE_MS]
/** What unplugged and freshly powered probes answer; JSON has no NaN, so firmware sends null. */
const sentinels = [327.67, -327.68, 85, -127, null]

/** A message a device keeps until it is acknowledged. */
export interface KeptMessage {
  readonly topic: string
  readonly payload: Uint8Array
}

/** One connection of a device. What is under way in either direction is lost when it closes; order is kept. */
export interface Line {
  readonly device: string
  open: boolean
  /** When the last message sent in either direction arrives: a later one cannot overtake it. */
  upMs: number
  downMs: number
}

/** Where devices send: the entrance of the server that runs now. */
export interface Entrance {
  /** Undefined while nobody answers. */
  connect(device: string): Line | undefined
  /** The message arrives; `acknowledged` is called when its acknowledgement has come back. */
  deliver(line: Line, message: KeptMessage, acknowledged: () => void): void
}

/** A device that keeps everything until it is acknowledged, with the faults real ones have. All chance is seeded. */
export class WholeDevice {
  readonly id: string
  /** Not acknowledged yet, the oldest first. */
  readonly kept: KeptMessage[] = []
  measuring = true
  readonly #random: SeededRandom
  readonly #clock: SimulatedClock
  readonly #ledger: WholeLedger
  readonly #entrance: Entrance
  readonly #underWay = new Set<KeptMessage>()
  #line: Line | undefined
  #seq = 0
  #offsetMs = 0
  #isWarm = false
  #last: Record<string, unknown> = {}

  constructor(
    id: string,
    random: SeededRandom,
    clock: SimulatedClock,
    ledger: WholeLedger,
    entrance: Entrance,
  ) {
    this.id = id
    this.#random = random
    this.#clock = clock
    this.#ledger = ledger
    this.#entrance = entrance
  }

  /** Measures and sends until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(30_000 + this.#random.below(150_000), signal)
      if (signal.aborted) return
      if (this.measuring) this.#measure()
      this.#send()
    }
  }

  #measure(): void {
    const random = this.#random
    if (random.oneIn(25)) {
      const unset = 5 * MINUTE_MS - this.#clock.nowMs()
      this.#offsetMs = random.oneIn(6) ? unset : (clockOffsetsMs[random.below(clockOffsetsMs.length)] ?? 0)
    }
    if (random.oneIn(40)) this.#seq = random.below(2)
    if (random.oneIn(15)) this.#isWarm = !this.#isWarm
    const kind = random.below(30)
    if (kind === 0) this.#keep('{"temperature":')
    else if (kind === 1) this.#keep(JSON.stringify({ online: true }), 'status')
    else if (kind === 2) this.#keep(JSON.stringify({ ...this.#last, humidity: 40 + random.below(20) }))
    else if (kind === 3) this.#keep(JSON.stringify({ ...this.#last, temperature: 1 + random.below(80) / 10 }))
    else if (kind === 4) {
      const items = Array.from({ length: 2 + random.below(4) }, (_, back) => this.#reading(back * MINUTE_MS))
      this.#keep(JSON.stringify(items))
    } else this.#keep(JSON.stringify(this.#reading(0)))
  }

  #reading(backMs: number): Record<string, unknown> {
    const random = this.#random
    const celsius = (this.#isWarm ? 90 : 40) + random.below(30)
    const isFaulty = random.oneIn(30)
    const temperature = isFaulty ? sentinels[random.below(sentinels.length)] : celsius / 10
    const reading: Record<string, unknown> = { temperature }
    if (!random.oneIn(20)) reading['at'] = this.#clock.nowMs() + this.#offsetMs - backMs
    if (!random.oneIn(20)) reading['seq'] = this.#seq
    this.#seq += 1
    this.#last = reading
    return reading
  }

  #keep(text: string, kind: 'readings' | 'status' = 'readings'): void {
    const message = { topic: publishTopic(this.id, kind), payload: Buffer.from(text) }
    this.#ledger.sent.add(messageKey(this.id, message.topic, message.payload))
    this.kept.push(message)
  }

  #send(): void {
    if (this.#line?.open !== true) {
      this.#underWay.clear()
      this.#line = this.#entrance.connect(this.id)
    }
    const line = this.#line
    if (line === undefined) return
    for (const message of this.kept) {
      if (this.#underWay.size >= WINDOW) return
      if (this.#underWay.has(message)) continue
      this.#underWay.add(message)
      // some firmware sends twice what it has not seen acknowledged at once
      for (let times = this.#random.oneIn(12) ? 2 : 1; times > 0; times -= 1) {
        this.#entrance.deliver(line, message, () => {
          this.#acknowledged(line, message)
        })
      }
    }
  }

  #acknowledged(line: Line, message: KeptMessage): void {
    if (line !== this.#line || !line.open) return
    this.#underWay.delete(message)
    const at = this.kept.indexOf(message)
    if (at >= 0) this.kept.splice(at, 1)
    this.#send()
  }
}
