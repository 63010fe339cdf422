import type { Clock } from '../../domain/index.ts'
import type { ProjectionReads } from '../readings/canonical-port.ts'
import type { HeldPoint } from '../readings/port.ts'
import type { ChangedTuple } from '../readings/tuples.ts'
import { ReadingLines } from './reading-lines.ts'
import type { ProjectedPlaces } from './reprojection.ts'
import type { InfluxWriter, Retry } from './writer.ts'

/** What one step came to. */
export type StepOutcome =
  | {
      readonly kind: 'projected'
      readonly next: number
      readonly rows: number
      readonly held: readonly HeldPoint[]
      readonly expired: number
    }
  | { readonly kind: 'missing' }
  | Retry

/** What steps work on. */
export interface StepParts {
  readonly reads: ProjectionReads
  readonly writer: Pick<InfluxWriter, 'write'>
  readonly places: Pick<ProjectedPlaces, 'around' | 'version'>
  readonly clock: Pick<Clock, 'sleep'>
}

/** What a step is about: rows changed by records [from, to), about `limit` of them. */
export interface ProjectionStep {
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly signal: AbortSignal
}

/** Rows changed by records [from, next), ready to be sent. */
interface Batch {
  readonly from: number
  readonly next: number
  readonly rows: number
  readonly lines: readonly string[]
  /** The rows of the lines, in their order. */
  readonly sent: readonly ChangedTuple[]
  readonly held: readonly HeldPoint[]
  /** Of the places the lines were made with. */
  readonly version: number
}

/** Writes batch after batch of rows; while one is on its way and more rows wait, the next is made. */
export class ProjectionSteps {
  readonly #parts: StepParts
  readonly #lines: ReadingLines
  #ahead: Batch | undefined

  constructor(parts: StepParts) {
    this.#parts = parts
    this.#lines = new ReadingLines(parts.reads, parts.places)
  }

  /**
   * Writes the next rows as they stood no longer ago than the step before. `next` is where the cursor may move once
   * `held` is kept; the rows of one record are never split by it.
   */
  async step({ from, to, limit, signal }: ProjectionStep): Promise<StepOutcome> {
    const { writer, clock } = this.#parts
    const batch = this.#takeAhead(from) ?? this.#make(from, to, limit)
    const { next, rows, lines, sent } = batch
    const writing = writer.write(lines, signal)
    let ahead: Batch | undefined
    if (next < to) {
      // first what is written goes out, and whoever waits has a turn
      await clock.sleep(0)
      ahead = signal.aborted ? undefined : this.#make(next, to, limit)
    }
    const verdict = await writing
    if (verdict.kind !== 'written') return verdict
    this.#ahead = ahead
    const held = [...batch.held]
    for (const { at, reason } of verdict.refused) {
      const row = sent[at]
      if (row !== undefined) held.push(heldPoint(row, reason))
    }
    return { kind: 'projected', next, rows, held, expired: verdict.expired }
  }

  /** What was made ahead, unless the cursor is elsewhere than it would be then, or places have changed. */
  #takeAhead(from: number): Batch | undefined {
    const ahead = this.#ahead
    this.#ahead = undefined
    return ahead?.from === from && ahead.version === this.#parts.places.version() ? ahead : undefined
  }

  #make(from: number, to: number, limit: number): Batch {
    const { reads, places } = this.#parts
    const { rows, next } = reads.changedTuples(from, to, limit)
    const held: HeldPoint[] = []
    const sent: ChangedTuple[] = []
    const lines: string[] = []
    for (const row of rows) {
      const line = this.#lines.of(row)
      if (typeof line === 'string') {
        sent.push(row)
        lines.push(line)
      } else held.push(heldPoint(row, line.refused))
    }
    return { from, next, rows: rows.length, lines, sent, held, version: places.version() }
  }
}

function heldPoint([, series, tMs, sub]: ChangedTuple, reason: string): HeldPoint {
  return { series, tMs, sub, reason }
}
