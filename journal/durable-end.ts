import { Problem } from '../domain/index.ts'

/** How far a log is durable, for those who wait for more of it. */
export class DurableEnd {
  /** Undefined until somebody told us. */
  value: number | undefined
  /** True when nothing more will ever become durable here. */
  finished = false
  private moved = Promise.withResolvers<void>()

  constructor(value: number | undefined) {
    this.value = value
  }

  /** Throws `Problem('journal-damaged')` when the end goes back: what was durable cannot become undone. */
  advance(value: number): void {
    if (this.value !== undefined && value < this.value) {
      throw new Problem('journal-damaged', {
        what: `The journal ended at record ${this.value} and is now said to end at ${value}.`,
        remedy:
          'The journal was replaced by an older copy. Restart all parts of Isotherm, so that they compare their cursors with it.',
      })
    }
    this.value = value
    this.wake()
  }

  /** Wakes all who wait; they find `finished` set. */
  finish(): void {
    this.finished = true
    this.wake()
  }

  /** Resolves at the next move, or when `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.finished) return
    const aborted = Promise.withResolvers<void>()
    const abort = (): void => aborted.resolve()
    signal.addEventListener('abort', abort)
    try {
      await Promise.race([this.moved.promise, aborted.promise])
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  private wake(): void {
    this.moved.resolve()
    this.moved = Promise.withResolvers<void>()
  }
}
