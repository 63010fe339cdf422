import type { Clock } from '../../domain/index.ts'

/** Who asked for a snapshot by itself is taken to ask again within this time. */
const ASKED_MS = 60_000

/** Knows whether anybody watches: a stream is open, or somebody asked a moment ago. Tells of each change. */
export class Watched {
  readonly #clock: Clock
  readonly #signal: AbortSignal
  readonly #tell: (isWatched: boolean) => void
  #streams = 0
  #askedMs = Number.NEGATIVE_INFINITY
  #isTold = false
  #isTiming = false

  /** `signal` ends its waiting. */
  constructor(clock: Clock, signal: AbortSignal, tell: (isWatched: boolean) => void) {
    this.#clock = clock
    this.#signal = signal
    this.#tell = tell
  }

  /** So many streams are open now. */
  streams(count: number): void {
    this.#streams = count
    this.#update()
  }

  /** Somebody asked for a snapshot. */
  asked(): void {
    this.#askedMs = this.#clock.monotonicMs()
    this.#update()
    if (!this.#isTiming) void this.#time()
  }

  get #isAsked(): boolean {
    return this.#clock.monotonicMs() - this.#askedMs < ASKED_MS
  }

  async #time(): Promise<void> {
    this.#isTiming = true
    while (this.#isAsked && !this.#signal.aborted) {
      const restMs = this.#askedMs + ASKED_MS - this.#clock.monotonicMs()
      await this.#clock.sleep(Math.max(1, restMs), this.#signal)
    }
    this.#isTiming = false
    this.#update()
  }

  #update(): void {
    const isWatched = this.#streams > 0 || this.#isAsked
    if (isWatched === this.#isTold) return
    this.#isTold = isWatched
    this.#tell(isWatched)
  }
}
