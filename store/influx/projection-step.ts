import type { Clock } from '../../domain/index.ts'
import type { ProjectionReads } from '../readings/canonical-port.ts'
import type { HeldPoint } from '../readings/port.ts'
import type { ChangedTuple } from '../readings/tuples.ts'
import { Lines } from './lines.ts'
import { ReadingLines } from './reading-lines.ts'
import type { ProjectedPlaces } from './reprojection.ts'
import type { InfluxWriter, Retry, WriteVerdict } from './writer.ts'

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
  /** Up to which record rows were asked for. */
  readonly to: number
  readonly rows: number
  readonly lines: Lines
  /** The rows of the lines, in their order. */
  readonly sent: readonly ChangedTuple[]
  readonly held: readonly HeldPoint[]
  /** Of the places the lines were made with. */
  readonly version: number
}

/** A batch on its way. */
interface Sending {
  readonly batch: Batch
  readonly verdict: Promise<WriteVerdict>
}

/** Writes batch after batch of rows; while one is on its way and more rows wait, the next is made and sent after it. */
export class ProjectionSteps {
  readonly #parts: StepParts
  readonly #readingLines: ReadingLines
  /** Whose batch is answered: the next is made in their memory. */
  readonly #answered: Lines[] = []
  #ahead: Sending | undefined

  constructor(parts: StepParts) {
    this.#parts = parts
    this.#readingLines = new ReadingLines(parts.reads, parts.places)
  }

  /**
   * Writes the next rows as they stood no longer ago than the step before. `next` is where the cursor may move once
   * `held` is kept; the rows of one record are never split by it.
   */
  async step({ from, to, limit, signal }: ProjectionStep): Promise<StepOutcome> {
    const { clock } = this.#parts
    const sending = (await this.#takeAhead(from)) ?? this.#send(this.#make(from, to, limit), signal)
    const { batch } = sending
    const { next, rows, sent } = batch
    let made: Batch | undefined
    if (next < to) {
      // first what is written goes out, and whoever waits has a turn
      await clock.sleep(0)
      try {
        made = signal.aborted ? undefined : this.#make(next, to, limit)
      } catch (thrown) {
        // what is sent again must not be overtaken by what was sent before
        await sending.verdict
        throw thrown
      }
    }
    // of rows asked for up to the same record none is in both; else which of the two came last might not be the newer
    const ahead = made?.to === batch.to ? this.#send(made, signal) : undefined
    const verdict = await sending.verdict
    if (verdict.kind !== 'written') {
      // nor by what was sent beside it
      await ahead?.verdict
      return verdict
    }
    this.#ahead = ahead ?? (made === undefined ? undefined : this.#send(made, signal))
    const held = [...batch.held]
    for (const { at, reason } of verdict.refused) {
      const row = sent[at]
      if (row !== undefined) held.push(heldPoint(row, reason))
    }
    return { kind: 'projected', next, rows, held, expired: verdict.expired }
  }

  #send(batch: Batch, signal: AbortSignal): Sending {
    return { batch, verdict: this.#write(batch.lines, signal) }
  }

  /** The lines are of no other batch before their own is answered, whether anybody waits for that or not. */
  async #write(lines: Lines, signal: AbortSignal): Promise<WriteVerdict> {
    const verdict = await this.#parts.writer.write(lines, signal)
    lines.clear()
    this.#answered.push(lines)
    return verdict
  }

  /** What was sent ahead, unless the cursor is elsewhere than it would be then, or places have changed. */
  async #takeAhead(from: number): Promise<Sending | undefined> {
    const ahead = this.#ahead
    this.#ahead = undefined
    if (ahead === undefined) return undefined
    if (ahead.batch.from === from && ahead.batch.version === this.#parts.places.version()) return ahead
    await ahead.verdict
    return undefined
  }

  #make(from: number, to: number, limit: number): Batch {
    const { reads, places } = this.#parts
    const { rows, next } = reads.changedTuples(from, to, limit)
    const held: HeldPoint[] = []
    const sent: ChangedTuple[] = []
    const lines = this.#answered.pop() ?? new Lines()
    for (const row of rows) {
      const refused = this.#readingLines.add(lines, row)
      if (refused === undefined) sent.push(row)
      else held.push(heldPoint(row, refused.refused))
    }
    return { from, next, to, rows: rows.length, lines, sent, held, version: places.version() }
  }
}

function heldPoint([, series, tMs, sub]: ChangedTuple, reason: string): HeldPoint {
  return { series, tMs, sub, reason }
}
