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
 * silence begins to count that did not before: while nobody listened, everything was silent.
 */
export class HeardHorizon {
  readonly #parts: HorizonParts
  readonly #returnedMs: number
  readonly #beforeMs: number

  constructor(parts: HorizonParts) {
    this.#parts = parts
    this.#returnedMs = parts.clock.monotonicMs() + RETURN_MS
    this.#beforeMs = parts.findings.newestContactMs() ?? Number.MIN_SAFE_INTEGER
  }

  now(): HeardTo {
    const { clock, findings, isLevel } = this.#parts
    const hasReturned = clock.monotonicMs() >= this.#returnedMs
    const heardToMs =
      hasReturned && isLevel() ? clock.nowMs() : (findings.newestContactMs() ?? Number.MIN_SAFE_INTEGER)
    return { heardToMs, goesOnMs: hasReturned ? heardToMs : this.#beforeMs }
  }
}

interface HorizonParts {
  readonly clock: Clock
  readonly findings: Pick<FindingReads, 'newestContactMs'>
  readonly isLevel: () => boolean
}
