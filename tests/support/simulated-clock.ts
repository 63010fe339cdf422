import type { Clock } from '../../domain/index.ts'

/** Time that stands still until everything that can happen at an instant has happened, and then jumps to the next. */
export class SimulatedClock implements Clock {
  #nowMs: number
  #timers: { readonly atMs: number; readonly wake: () => void }[] = []

  constructor(nowMs: number) {
    this.#nowMs = nowMs
  }

  nowMs(): number {
    return this.#nowMs
  }

  monotonicMs(): number {
    return this.#nowMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    if (signal?.aborted === true) return Promise.resolve()
    const timer = { atMs: this.#nowMs + Math.max(ms, 0), wake: resolve }
    this.#timers.push(timer)
    const remove = (): void => {
      this.#timers = this.#timers.filter((each) => each !== timer)
      resolve()
    }
    signal?.addEventListener('abort', remove, { once: true })
    return promise
  }

  /** Lets time pass until `untilMs`, or until `done` says so. */
  async runTo(untilMs: number, done: () => boolean = () => false): Promise<void> {
    for (;;) {
      await rest()
      const next = this.#timers.toSorted((one, other) => one.atMs - other.atMs)[0]
      if (done()) return
      if (next === undefined || next.atMs > untilMs) break
      this.#timers = this.#timers.filter((each) => each !== next)
      this.#nowMs = Math.max(this.#nowMs, next.atMs)
      next.wake()
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs)
  }
}

/** Resolves when every promise that can go on without time has gone on. */
async function rest(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}
