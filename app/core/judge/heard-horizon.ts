import type { Clock } from '../../../domain/index.ts'
import type { FindingReads } from '../../../store/index.ts'

/** How long devices may take to come back after the server was away, before their silence counts. */
export const RETURN_MS = 5 * 60_000

/** Up to when it is known who was heard, epoch ms. */
export interface HeardTo {
  /** Everything that came before this has been taken: what is over by then is known. */
  readonly heardToMs: number
  /** A silence that goes on counts when it was long enough by this. */
  readonly goesOnMs: number
}

/**
 * Up to when it is known who was heard: now, while ingest has taken every durable record; else when the newest
 * temperature of any sensor came, since records are taken in the order they came in. For a while after a start no
 * silence begins to count that did not before: while nobody listened, everything was silent. What was judged is kept
 * with what was found, so that a restart does not go back. Only a clock that is set back does: it is believed.
 */
export class HeardHorizon {
  readonly #parts: HorizonParts
  readonly #returnedMs: number
  #now: HeardTo
  #isCurrent = false

  constructor(parts: HorizonParts) {
    const { clock, findings } = parts
    this.#parts = parts
    this.#returnedMs = clock.monotonicMs() + RETURN_MS
    const beforeMs = findings.heardToMs() ?? findings.newestContactMs() ?? Number.MIN_SAFE_INTEGER
    this.#now = { heardToMs: beforeMs, goesOnMs: beforeMs }
  }

  /** As of the turn: all series are looked through for it, so it is found out once in each, and only when asked for. */
  now(): HeardTo {
    if (this.#isCurrent) return this.#now
    this.#isCurrent = true
    const { clock, findings, isLevel } = this.#parts
    const { heardToMs: lastMs, goesOnMs } = this.#now
    const hasReturned = clock.monotonicMs() >= this.#returnedMs
    const isNow = hasReturned && isLevel()
    // the clock may be behind what it gave before: times of records never decrease
    const heardToMs = Math.max(isNow ? clock.nowMs() : lastMs, findings.newestContactMs() ?? lastMs)
    this.#now = { heardToMs, goesOnMs: hasReturned ? heardToMs : goesOnMs }
    return this.#now
  }

  /** A turn begins: what was found out may be old. */
  turn(): void {
    this.#isCurrent = false
  }
}

interface HorizonParts {
  readonly clock: Clock
  readonly findings: Pick<FindingReads, 'newestContactMs' | 'heardToMs'>
  /** True while every durable record has been taken by ingest. */
  readonly isLevel: () => boolean
}
