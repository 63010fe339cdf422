import type { Clock } from '../../../domain/index.ts'

/** An answer that is asked for anew only when it is old; who asks meanwhile waits for the same. */
export class Remembered<T> {
  readonly #clock: Clock
  readonly #forMs: number
  readonly #ask: () => Promise<T>
  #answer: Promise<T> | undefined
  #dueMs = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, forMs: number, ask: () => Promise<T>) {
    this.#clock = clock
    this.#forMs = forMs
    this.#ask = ask
  }

  /** Rejects with what asking rejected with; that is not remembered. */
  get(): Promise<T> {
    const nowMs = this.#clock.monotonicMs()
    if (this.#answer !== undefined && nowMs < this.#dueMs) return this.#answer
    const asked = this.#ask()
    this.#answer = asked
    this.#dueMs = nowMs + this.#forMs
    asked.catch(() => {
      // whoever asked is told; the next one asks again
      if (this.#answer === asked) this.#answer = undefined
    })
    return asked
  }
}
