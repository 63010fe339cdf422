import type { Clock, Log } from '../domain/index.ts'
import type { Connection } from './connections.ts'
import type { Refusals } from './refusals.ts'

/** What was seen of one device lately, oldest first. */
interface Contest {
  readonly timesMs: number[]
  warnedMs: number
}

/** Looked at together. */
const WINDOW_MS = 600_000
/**
 * So many times in a window. Two devices with one identity drive each other out every few seconds; a bad link makes a
 * device come back before its old connection has ended too, but hardly twice a minute for ten minutes.
 */
const TIMES = 20
/** Devices looked at; beyond them the first is forgotten. */
const DEVICES_MAX = 20_000

/** Notices when two devices use one identity: they drive each other out, or take turns in speaking. */
export class Identities {
  readonly #clock: Pick<Clock, 'monotonicMs'>
  readonly #log: Pick<Log, 'warn'>
  readonly #refusals: Refusals
  readonly #contests = new Map<string, Contest>()
  /** The connection each device published on last. */
  readonly #speakers = new Map<string, Connection>()

  constructor(parts: {
    readonly clock: Pick<Clock, 'monotonicMs'>
    readonly log: Pick<Log, 'warn'>
    readonly refusals: Refusals
  }) {
    this.#clock = parts.clock
    this.#log = parts.log
    this.#refusals = parts.refusals
  }

  /** An open connection of a device is ended for a newer one of the same device. */
  displaced(deviceId: string): void {
    this.#seen(deviceId)
  }

  /** A device publishes. One that has come back speaks on its newest connection; two take turns. */
  spoke(deviceId: string, connection: Connection): void {
    // Asked for each message: no look-up for the one that goes on speaking.
    if (connection.speaks) return
    const before = this.#speakers.get(deviceId)
    if (before !== undefined) before.speaks = false
    connection.speaks = true
    this.#speakers.set(deviceId, connection)
    if (before !== undefined && before.nth > connection.nth) this.#seen(deviceId)
  }

  /** A connection has ended. */
  ended(deviceId: string, connection: Connection): void {
    if (connection.speaks) this.#speakers.delete(deviceId)
    connection.speaks = false
  }

  #seen(deviceId: string): void {
    const nowMs = this.#clock.monotonicMs()
    const contest = this.#contestOf(deviceId)
    const { timesMs } = contest
    timesMs.push(nowMs)
    if (timesMs.length < TIMES) return
    const isContested = nowMs - (timesMs[0] ?? 0) <= WINDOW_MS
    timesMs.shift()
    if (!isContested) return
    this.#refusals.count(deviceId, 'contested-identity')
    if (nowMs - contest.warnedMs < WINDOW_MS) return
    contest.warnedMs = nowMs
    this.#log.warn({ device: deviceId }, 'two devices seem to use this identity, or one reconnects in a loop')
  }

  #contestOf(deviceId: string): Contest {
    let contest = this.#contests.get(deviceId)
    if (contest === undefined) {
      const [oldest] = this.#contests.keys()
      if (this.#contests.size >= DEVICES_MAX && oldest !== undefined) this.#contests.delete(oldest)
      this.#contests.set(deviceId, (contest = { timesMs: [], warnedMs: Number.NEGATIVE_INFINITY }))
    }
    return contest
  }
}
