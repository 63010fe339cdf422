/** What the judge has before it, and what it did since the start. */
export interface JudgeNumbers {
  /** Points that wait to be judged. */
  readonly waiting: number
  /** Points that were judged, each time one was. */
  readonly judged: number
  /** How often readings were gone through that had been judged before, because others came late or facts changed. */
  readonly again: number
  /** Turns in which there was something to do, and how long they took together, ms, with the rests in them. */
  readonly turns: number
  readonly busyMs: number
}

/** Counts as the judge goes on. */
export class JudgeTally {
  #judged = 0
  #again = 0
  #turns = 0
  #busyMs = 0

  /** A point was judged. */
  point({ isAgain }: { readonly isAgain: boolean }): void {
    this.#judged += 1
    if (isAgain) this.#again += 1
  }

  /** A turn is over, and something was done in it. */
  turn(durationMs: number): void {
    this.#turns += 1
    this.#busyMs += durationMs
  }

  numbers(waiting: number): JudgeNumbers {
    return { waiting, judged: this.#judged, again: this.#again, turns: this.#turns, busyMs: this.#busyMs }
  }
}
