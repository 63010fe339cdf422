import {
  type ChannelName,
  type Clock,
  type DueMessage,
  type Log,
  type Outbox,
  reasonOf,
} from '../../domain/index.ts'
import { attempt } from './attempt.ts'
import { type Bell, createBell } from './bell.ts'
import type { ChannelSender } from './port.ts'

/** Messages of one channel under way at once; more would only wait at the gateway. */
export const UNDER_WAY_MAX = 4
/** A wake that did not come costs this much at most. */
const LOOK_AGAIN_MS = 30_000
/** An outbox that cannot be read is asked again at these waits. */
const READ_WAIT_MS = 1_000
const READ_WAIT_MS_MAX = 5_000

/** What a lane runs on. */
export interface LaneOptions {
  readonly channel: ChannelName
  readonly sender: ChannelSender
  readonly outbox: Outbox
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** The messages of one channel. Lanes know nothing of each other, so a dead channel delays no other. */
export class Lane {
  readonly #options: LaneOptions
  readonly #bell: Bell
  /** Who is being told something; one message at a time each, so that they arrive in the order of their age. */
  readonly #underWay = new Set<string>()
  /** Settled since the outbox was last asked: its answer may be older than that. */
  readonly #justSettled = new Set<string>()

  constructor(options: LaneOptions) {
    this.#options = options
    this.#bell = createBell(options.clock)
  }

  /** There may be a new message. */
  wake(): void {
    this.#bell.ring()
  }

  /** Resolves after the signal has aborted and nothing is under way any more. */
  async run(): Promise<void> {
    const { signal, clock, log, channel } = this.#options
    signal.addEventListener('abort', () => this.wake(), { once: true })
    let readWaitMs = READ_WAIT_MS
    while (!signal.aborted) {
      try {
        const waitMs = await this.#startDue()
        readWaitMs = READ_WAIT_MS
        if (!signal.aborted) await this.#bell.wait(waitMs)
      } catch (thrown) {
        // Nothing is lost: what is due stays due until the outbox can be read.
        log.warn({ channel, reason: reasonOf(thrown) }, 'the outbox cannot be read')
        await clock.sleep(readWaitMs, signal)
        readWaitMs = Math.min(readWaitMs * 2, READ_WAIT_MS_MAX)
      }
    }
    while (this.#underWay.size > 0) await this.#bell.wait(LOOK_AGAIN_MS)
  }

  /** Starts what is due and has room; answers how long there is nothing to do. */
  async #startDue(): Promise<number> {
    const { outbox, clock, channel, signal } = this.#options
    // with every place taken there is nothing to ask; the next one to end rings
    if (this.#underWay.size >= UNDER_WAY_MAX) return LOOK_AGAIN_MS
    const nowMs = clock.nowMs()
    this.#justSettled.clear()
    // twice the room, since as many of the recipients may already have one under way
    const due = await outbox.due(channel, nowMs, 2 * UNDER_WAY_MAX)
    if (signal.aborted) return 0
    for (const each of due) if (this.#mayStart(each)) void this.#start(each)
    const nextMs = await outbox.nextDueMs(channel, nowMs)
    return Math.min(nextMs === null ? LOOK_AGAIN_MS : Math.max(nextMs - clock.nowMs(), 0), LOOK_AGAIN_MS)
  }

  #mayStart({ message: { id, to } }: DueMessage): boolean {
    if (this.#underWay.size >= UNDER_WAY_MAX) return false
    return !this.#underWay.has(to) && !this.#justSettled.has(id)
  }

  async #start(due: DueMessage): Promise<void> {
    const { id, to } = due.message
    this.#underWay.add(to)
    await attempt(due, this.#options)
    this.#underWay.delete(to)
    this.#justSettled.add(id)
    this.#bell.ring()
  }
}
