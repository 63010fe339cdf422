import { type Clock, type Log, Problem, reasonOf } from '../../domain/index.ts'
import type { BesideProjection } from './beside.ts'
import { backOffMs } from './hold-ups.ts'
import type { Retry } from './writer.ts'

/** While readings come without a pause, what stands beside them is written this often all the same. */
const ROUND_MS = 5_000
/** And it rests at least so many times as long as it took: the readings have most of the time. */
const REST_FACTOR = 4

/** What the rounds run on. */
export interface BesidesParts {
  readonly beside?: readonly BesideProjection[]
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** Something beside the readings, and how it fares. */
interface Beside {
  readonly projection: BesideProjection
  failures: number
  dueMs: number
  problem: string | null
}

/**
 * Writes what stands beside the readings, in rounds: each takes a step, one after the other. The readings go on
 * meanwhile, since a step may take many seconds; what keeps one from going on keeps neither them nor the others.
 */
export class Besides {
  readonly #parts: BesidesParts
  readonly #onRetry: (retry: Retry) => void
  readonly #all: readonly Beside[]
  #round: Promise<void> | undefined
  #dueMs = Number.NEGATIVE_INFINITY
  #isMissing = false
  #isMore = false

  /** `onRetry` is told of each step that has to be tried again. */
  constructor(parts: BesidesParts, onRetry: (retry: Retry) => void) {
    this.#parts = parts
    this.#onRetry = onRetry
    this.#all = (parts.beside ?? []).map((projection) => {
      return { projection, failures: 0, dueMs: Number.NEGATIVE_INFINITY, problem: null }
    })
  }

  /** The round that is under way; never rejects. */
  get round(): Promise<void> | undefined {
    return this.#round
  }

  /** True when the last round left more to write at once. */
  get isMore(): boolean {
    return this.#isMore
  }

  /** What keeps the first of them from going on, with the remedy. */
  get problem(): string | null {
    return this.#all.find(({ problem }) => problem !== null)?.problem ?? null
  }

  /** Begins a round, unless one is under way, or readings wait and the last is not long ago. */
  begin(isLevel: boolean): void {
    if (this.#round !== undefined || this.#all.length === 0) return
    if (!isLevel && this.#parts.clock.monotonicMs() < this.#dueMs) return
    this.#round = this.#go().finally(() => {
      this.#round = undefined
    })
  }

  /** True once after a round found no database. */
  takeMissing(): boolean {
    const isMissing = this.#isMissing
    this.#isMissing = false
    return isMissing
  }

  /** All is to be written again. */
  async rewind(): Promise<void> {
    await this.#round
    // it may have found the same database missing
    this.#isMissing = false
    for (const { projection } of this.#all) await projection.rewind()
  }

  async #go(): Promise<void> {
    const { clock, signal } = this.#parts
    const startedMs = clock.monotonicMs()
    this.#isMore = false
    for (const each of this.#all) {
      if (signal.aborted || clock.monotonicMs() < each.dueMs) continue
      const came = await stepOf(each.projection, signal)
      if (typeof came === 'string') {
        each.failures = 0
        each.problem = null
        this.#isMore ||= came === 'more'
      } else if (came.kind === 'missing') {
        this.#isMissing = true
        return
      } else this.#putOff(each, came)
    }
    const endedMs = clock.monotonicMs()
    this.#dueMs = endedMs + Math.max(ROUND_MS, (endedMs - startedMs) * REST_FACTOR)
  }

  #putOff(each: Beside, came: Retry): void {
    const { clock, log } = this.#parts
    const { what, remedy, afterMs } = came
    const message = `${what} ${remedy}`
    if (message !== each.problem) log.warn({ reason: what, remedy }, 'what goes beside the readings waits')
    each.problem = message
    each.failures += 1
    this.#onRetry(came)
    each.dueMs = clock.monotonicMs() + backOffMs(each.failures, afterMs)
  }
}

async function stepOf(
  projection: BesideProjection,
  signal: AbortSignal,
): ReturnType<BesideProjection['step']> {
  try {
    return await projection.step(signal)
  } catch (thrown) {
    // our own store failed, not InfluxDB; nothing has moved, so nothing is lost
    const remedy = thrown instanceof Problem ? thrown.remedy : 'Report this; it is tried again.'
    return { kind: 'retry', what: reasonOf(thrown), remedy, afterMs: null }
  }
}
