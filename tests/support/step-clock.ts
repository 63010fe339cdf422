import type { Clock } from '../../domain/index.ts'

/** A clock that goes on only when a test says so; sleepers wake when it passes their time. */
export class StepClock implements Clock {
  #timeMs: number
  readonly #sleepers = new Set<{ readonly dueMs: number; readonly wake: () => void }>()

  constructor(startMs: number) {
    this.#timeMs = startMs
  }

  nowMs(): number {
    return this.#timeMs
  }

  monotonicMs(): number {
    return this.#timeMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return Promise.resolve()
    const { promise, resolve } = Promise.withResolvers<void>()
    const sleeper = { dueMs: this.#timeMs + ms, wake: resolve }
    this.#sleepers.add(sleeper)
    signal?.addEventListener('abort', () => {
      this.#sleepers.delete(sleeper)
      resolve()
    })
    return promise
  }

  /** How many sleep now. */
  get sleeping(): number {
    return this.#sleepers.size
  }

  /** Goes on, waking whoever is due at each instant on the way, and lets them do what they do. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#timeMs + ms
    for (;;) {
      const [next] = [...this.#sleepers]
        .filter(({ dueMs }) => dueMs <= endMs)
        .toSorted((a, b) => a.dueMs - b.dueMs)
      this.#timeMs = next?.dueMs ?? endMs
      if (next === undefined) return
      this.#sleepers.delete(next)
      next.wake()
      await new Promise(setImmediate)
    }
  }
}
