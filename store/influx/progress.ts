import type { Clock } from '../../domain/index.ts'
import type { ProjectionReads } from '../readings/canonical-port.ts'
import type { HeldPoint, ProjectionProgress } from '../readings/port.ts'

/** What progress is kept with. */
export interface ProgressParts {
  readonly reads: Pick<ProjectionReads, 'cursor'>
  readonly saveCursor: (progress: ProjectionProgress) => Promise<void>
  readonly clock: Pick<Clock, 'nowMs'>
}

/**
 * How far the projection is. What is passed is kept in the canonical store as soon as that can be written, which others
 * do too, for seconds at a time; nobody waits for it but who asks for `kept`.
 */
export class Progress {
  readonly #parts: ProgressParts
  /** Where the store's cursor is by what was read or kept last. */
  #savedIndex: number
  #nextIndex: number
  #held: HeldPoint[] = []
  #saving: Promise<void> | undefined
  #failure: { readonly thrown: unknown } | undefined

  constructor(parts: ProgressParts) {
    this.#parts = parts
    this.#savedIndex = parts.reads.cursor('influx')
    this.#nextIndex = this.#savedIndex
  }

  /** The next record. Somebody may have set it back in the store. Throws what kept it from being kept. */
  cursor(): number {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure.thrown
    if (this.#saving !== undefined) return this.#nextIndex
    const stored = this.#parts.reads.cursor('influx')
    if (stored !== this.#savedIndex) this.#startAt(stored)
    return this.#nextIndex
  }

  /** The same by what is known, without looking. */
  get nextIndex(): number {
    return this.#nextIndex
  }

  /** Rows of all records before this one are written, but for those held since the last call. */
  passed(nextIndex: number, held: readonly HeldPoint[]): void {
    this.#nextIndex = nextIndex
    this.#held.push(...held)
    this.#saving ??= this.#saveAll()
  }

  /** Resolves when all that is passed is kept; rejects with what kept it from that. */
  async kept(): Promise<void> {
    await this.#saving
    this.cursor()
  }

  /** Resolves when nothing is being kept any more, whether that succeeded or not. */
  async settled(): Promise<void> {
    await this.#saving
  }

  /** Sets it back to the first record. */
  async rewind(): Promise<void> {
    await this.kept()
    await this.#save({ nextIndex: 0, held: [] })
    this.#startAt(0)
  }

  /** Never rejects: what went wrong is told to who asks next. */
  async #saveAll(): Promise<void> {
    try {
      while (this.#nextIndex !== this.#savedIndex) {
        const [nextIndex, held] = [this.#nextIndex, this.#held]
        this.#held = []
        await this.#save({ nextIndex, held })
      }
    } catch (thrown) {
      // nothing is lost: it goes on from where the store is
      this.#failure = { thrown }
      this.#startAt(this.#savedIndex)
    } finally {
      this.#saving = undefined
    }
  }

  async #save({ nextIndex, held }: Pick<ProjectionProgress, 'nextIndex' | 'held'>): Promise<void> {
    const { saveCursor, clock } = this.#parts
    await saveCursor({ fromIndex: this.#savedIndex, nextIndex, held, atMs: clock.nowMs() })
    this.#savedIndex = nextIndex
  }

  #startAt(index: number): void {
    this.#savedIndex = index
    this.#nextIndex = index
    this.#held = []
  }
}
