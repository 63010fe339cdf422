import type { Run } from './out.ts'

/** Time of one kind, [fromMs, toMs), epoch ms: seen out, or unknown after a value that was out. */
export interface Part {
  readonly fromMs: number
  readonly toMs: number
  readonly isKnown: boolean
}

/** From a value out to the next one in range. `parts` has what of it was in the window, the oldest first. */
export interface Breach {
  readonly run: Readonly<Run>
  readonly parts: readonly Part[]
}

/** Breaches that are over, the oldest first, on a list that is shared until another one is added. */
export class BreachQueue {
  #list: Breach[]
  #isShared = true
  /** How many at the beginning of the list are kept no more. */
  #skipped = 0
  /** How many parts of the first have left the window. */
  gone: number

  /** `gone`: how many parts of the first have left the window. */
  constructor(list: readonly Breach[], gone: number) {
    // never written to while it is shared
    this.#list = list as Breach[]
    this.gone = gone
  }

  /** The oldest that is kept. */
  get first(): Breach | undefined {
    return this.#list[this.#skipped]
  }

  /** The first part of the first that is in the window. */
  get head(): Part | undefined {
    return this.first?.parts[this.gone]
  }

  /** All that are kept. */
  shared(): readonly Breach[] {
    if (this.#skipped > 0) this.#trim()
    this.#isShared = true
    return this.#list
  }

  /** One more that is over. */
  push(breach: Breach): void {
    if (this.#isShared || this.#skipped > this.#list.length / 2) this.#trim()
    this.#list.push(breach)
  }

  /** Lets go of what is wholly before an instant. */
  forget(beforeMs: number): void {
    for (let { first } = this; first !== undefined; { first } = this) {
      while ((this.head?.toMs ?? Number.POSITIVE_INFINITY) <= beforeMs) this.gone += 1
      if (this.gone < first.parts.length) return
      this.#skipped += 1
      this.gone = 0
    }
  }

  /** Lets go of all. */
  clear(): void {
    this.#list = []
    this.#isShared = false
    this.#skipped = 0
    this.gone = 0
  }

  #trim(): void {
    this.#list = this.#list.slice(this.#skipped)
    this.#isShared = false
    this.#skipped = 0
  }
}
