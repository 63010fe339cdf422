import { type Clock, type Log, reasonOf } from '../../../domain/index.ts'
import type { CommandPort, PointCount } from '../../../store/index.ts'
import type { InfluxCountStatus } from '../../link/protocol.ts'
import { reportFound } from './report.ts'
import { type RunningWatch, runWatch } from './running.ts'

/** Counting reads everything InfluxDB has: once an hour is what a large database can bear. */
const BETWEEN_MS = 3_600_000
/** The first count after a start, and the second look at what does not agree: a correction may be on its way. */
const SOON_MS = 60_000
/** A projection that is behind is looked at again after this long. */
const BEHIND_MS = 10_000

/** What it works with. */
export interface InfluxCountParts {
  readonly count: (signal: AbortSignal) => Promise<PointCount>
  /** How many canonical rows there are; asked for rarely, since it goes through all devices. */
  readonly rows: () => number
  /** How many rows InfluxDB refused. */
  readonly heldPoints: () => number
  /** Whether the projection has passed everything that is stored, and nothing keeps it. */
  readonly isLevel: () => boolean
  readonly commands: CommandPort
  readonly clock: Clock
  readonly log: Log
}

/**
 * Compares, once an hour, how many points InfluxDB has with how many rows the canonical store has. When they differ
 * twice in a row it is logged, shown by `doctor` and entered in the audit trail, once as long as it stays the same.
 */
export function startInfluxCount(parts: InfluxCountParts): RunningWatch<InfluxCountStatus | null> {
  return runWatch(new Counting(parts))
}

type Difference = Extract<InfluxCountStatus, { readonly state: 'differs' }>

class Counting {
  readonly #parts: InfluxCountParts
  /** Seen once, and not told before it was seen again. */
  #doubt = false
  /** Null before the first count. */
  status: InfluxCountStatus | null = null

  constructor(parts: InfluxCountParts) {
    this.#parts = parts
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#parts
    let waitMs = SOON_MS
    for (;;) {
      await clock.sleep(waitMs, signal)
      if (signal.aborted) return
      waitMs = BETWEEN_MS
      try {
        waitMs = await this.#once(signal)
      } catch (thrown) {
        if (signal.aborted) return
        // Nothing is lost: it was not compared, which the status shows by an old time.
        log.warn({ reason: reasonOf(thrown) }, 'the points in InfluxDB could not be counted')
      }
    }
  }

  /** Answers when to look again, ms. */
  async #once(signal: AbortSignal): Promise<number> {
    const { count, isLevel, heldPoints, clock } = this.#parts
    if (!isLevel()) return BEHIND_MS
    const leastPoints = this.#parts.rows() - heldPoints()
    const counted = await count(signal)
    if (counted.kind === 'limited') {
      this.status = { state: 'limited', atMs: clock.nowMs(), keeps: counted.keeps }
      return BETWEEN_MS
    }
    const { points } = counted
    // rows that were stored while InfluxDB counted may be among the points or not
    const rows = this.#parts.rows()
    const atMs = clock.nowMs()
    if (points >= leastPoints && points <= rows) {
      this.#doubt = false
      this.status = { state: 'equal', atMs, points }
      return BETWEEN_MS
    }
    if (!this.#doubt) {
      this.#doubt = true
      return SOON_MS
    }
    await this.#tell({ state: 'differs', atMs, points, rows })
    return BETWEEN_MS
  }

  async #tell(difference: Difference): Promise<void> {
    const { log } = this.#parts
    const { points, rows } = difference
    const known = this.status
    this.status = difference
    if (known?.state === 'differs' && known.points === points && known.rows === rows) return
    log.error({ points, rows }, 'InfluxDB does not have as many points as there are readings')
    await reportFound(this.#parts, { kind: 'influx.mismatch', subject: 'influxdb', found: { points, rows } })
  }
}
