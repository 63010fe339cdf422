import type { Clock } from '../../../domain/index.ts'

/** For how long an answer stands. */
export interface Memory {
  /** No new one is made for so long after the last was there. */
  readonly forMs: number
  /** While a new one takes longer than this, whoever asks is given the one before. */
  readonly patienceMs: number
}

/** An answer older than this tells nothing: whoever asks waits for the new one, and gives up by itself. */
const STALE_MS = 60_000

/** An answer that is made anew only when it is old, and never twice at once. */
export class Remembered<T> {
  readonly #clock: Clock
  readonly #memory: Memory
  readonly #make: () => Promise<T>
  #last: { readonly answer: T } | undefined
  #dueMs = Number.NEGATIVE_INFINITY
  #making: Promise<T> | undefined

  constructor(clock: Clock, memory: Memory, make: () => Promise<T>) {
    this.#clock = clock
    this.#memory = memory
    this.#make = make
  }

  /** Rejects with what making it rejected with; then the next who asks has it made again. */
  async get(): Promise<T> {
    const last = this.#last
    if (last !== undefined && this.#clock.monotonicMs() < this.#dueMs) return last.answer
    this.#making ??= this.#anew()
    if (last === undefined || this.#clock.monotonicMs() > this.#dueMs + STALE_MS) return this.#making
    const enough = new AbortController()
    const before = this.#clock.sleep(this.#memory.patienceMs, enough.signal).then(() => last.answer)
    try {
      return await Promise.race([this.#making, before])
    } finally {
      enough.abort()
    }
  }

  async #anew(): Promise<T> {
    try {
      const answer = await this.#make()
      this.#last = { answer }
      this.#dueMs = this.#clock.monotonicMs() + this.#memory.forMs
      return answer
    } finally {
      this.#making = undefined
    }
  }
}
