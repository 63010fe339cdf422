import type { SeededRandom } from '../support/seeded-random.ts'

/** When a process is killed: so long after its spawn, ready or not; or under load, so long after it has done enough. */
export interface KillPlan {
  readonly kind: 'starting' | 'loaded'
  readonly delayMs: number
}

/** One kill in so many falls into the start, recovery included. */
const STARTING_ONE_IN = 4
/** After so many in a row one start is left to get ready, or it might never be. */
const STARTING_RUN_MAX = 2
/** A start is killed up to this part of what the first one took: some after it is ready. */
const STARTING_PART_MAX = 1.2
/** The load of a process that has done enough goes on for up to this long. */
const LOADED_MS_MAX = 1_500

/** Draws the instants of the kills, one after the other. */
export class KillPlans {
  readonly #random: SeededRandom
  readonly #startMs: number
  /** The first process is running when the kills begin. */
  #startingRun = STARTING_RUN_MAX

  /** `startMs`: what a start takes here. */
  constructor(random: SeededRandom, startMs: number) {
    this.#random = random
    this.#startMs = startMs
  }

  next(): KillPlan {
    if (this.#startingRun < STARTING_RUN_MAX && this.#random.oneIn(STARTING_ONE_IN)) {
      this.#startingRun += 1
      const delayMs = this.#random.below(Math.ceil(this.#startMs * STARTING_PART_MAX))
      return { kind: 'starting', delayMs }
    }
    this.#startingRun = 0
    return { kind: 'loaded', delayMs: this.#random.below(LOADED_MS_MAX) }
  }
}
