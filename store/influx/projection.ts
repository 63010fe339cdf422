import type { Clock, Log } from '../../domain/index.ts'
import { Problem, reasonOf, recordText } from '../../domain/index.ts'
import type { ProjectionReads } from '../readings/canonical-port.ts'
import type { ProjectionProgress } from '../readings/port.ts'
import { Progress } from './progress.ts'
import type { BesideProjection } from './beside.ts'
import { Besides } from './besides.ts'
import { backOffMs, beyondIngest, HELD_POINTS_MAX, TOO_MANY_HELD, WAS_MISSING } from './hold-ups.ts'
import { ProjectionSteps } from './projection-step.ts'
import { type ProjectedPlaces, reproject } from './reprojection.ts'
import type { InfluxWriter, Retry } from './writer.ts'

/** Where the projection stands; indexes are of the `readings` log. */
export interface ProjectionStatus {
  /** Index of the next record whose rows are not yet projected. */
  readonly cursor: number
  /** Records ingest has stored and the projection has not passed. */
  readonly behind: number
  /** Rows that are not in InfluxDB because it refuses them. */
  readonly heldPoints: number
  /** Rows, since the start, that are older than InfluxDB's retention policy keeps. */
  readonly expired: number
  /** Rows, since the start, that InfluxDB took, and that it refused. */
  readonly written: number
  readonly refused: number
  /** How often, since the start, something had to be tried again; `throttled`: because the server asked for time. */
  readonly retried: number
  readonly throttled: number
  /** What keeps it from going on, with the remedy; null when it is going on. */
  readonly lastError: string | null
}

/** What the projection runs on. */
export interface Projection {
  /** On a connection of its own. */
  readonly reads: ProjectionReads
  readonly writer: InfluxWriter
  readonly places: ProjectedPlaces
  /**
   * Keeps the progress in the canonical store (`saveProjection`), unless its cursor is no more at `fromIndex`, and
   * resolves when that is durable.
   */
  readonly saveCursor: (progress: ProjectionProgress) => Promise<void>
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
  /** What else is written; none where left out. */
  readonly beside?: readonly BesideProjection[]
  /** Called after each step and each failure. */
  readonly onStatus?: (status: ProjectionStatus) => void
}

/** Rows of many sensors: the more at once, the more of them lie on one page of the store. */
export const ROWS_PER_WRITE = 10_000
/** New rows are looked for this often when there were none. */
const IDLE_MS = 500

/**
 * Projects the canonical rows into InfluxDB, behind ingest's cursor, until `signal` aborts. It never gives up
 * and never skips: what cannot be written stays to be written, and the status says why. A missing database is
 * made, and into one that holds no readings everything is projected from the start. When no rows wait, it writes
 * again what a change of placements moved; where InfluxDB cannot delete (2.x and 3), that alone stays behind.
 */
export async function runInfluxProjection(projection: Projection): Promise<void> {
  const { clock, signal } = projection
  const run = new Run(projection)
  while (!signal.aborted) {
    const waitMs = await run.once()
    if (waitMs > 0) await clock.sleep(waitMs, signal)
  }
  await run.settled()
}

class Run {
  readonly #projection: Projection
  readonly #steps: ProjectionSteps
  readonly #progress: Progress
  #databaseSeen = false
  #cursor = 0
  #ingested = 0
  #heldPoints = 0
  #failures = 0
  #lastError: string | null = null
  #expired = 0
  #written = 0
  #refused = 0
  #retried = 0
  #throttled = 0
  /** Placements changed that may still have to be written again. */
  #isMoving = false
  readonly #besides: Besides

  constructor(projection: Projection) {
    this.#projection = projection
    this.#steps = new ProjectionSteps(projection)
    this.#progress = new Progress(projection)
    this.#besides = new Besides(projection, (retry) => {
      this.#count(retry)
    })
  }

  /** Resolves when nothing is being written or kept any more. */
  async settled(): Promise<void> {
    await this.#besides.round
    await this.#progress.settled()
  }

  /** One step; answers how long to wait before the next, ms. */
  async once(): Promise<number> {
    const { reads, signal } = this.#projection
    try {
      this.#cursor = this.#progress.cursor()
      this.#ingested = reads.cursor('ingest')
      this.#heldPoints = reads.heldPointCount()
      const retry = (await this.#step()) ?? (await this.#reproject()) ?? (await this.#beside())
      this.#heldPoints = reads.heldPointCount()
      if (retry !== undefined && !signal.aborted) return this.#failed(retry)
    } catch (thrown) {
      // our own store failed, not InfluxDB; the cursor has not moved, so nothing is lost
      this.#cursor = this.#progress.nextIndex
      const remedy = thrown instanceof Problem ? thrown.remedy : 'Report this; the projection tries again.'
      return this.#failed({ kind: 'retry', what: reasonOf(thrown), remedy, afterMs: null })
    }
    if (this.#lastError !== null) this.#projection.log.info({}, 'the InfluxDB projection goes on')
    this.#failures = 0
    this.#lastError = null
    this.#tell()
    const isBeside = this.#besides.isMore || this.#besides.round !== undefined
    return this.#cursor === this.#ingested && !this.#isMoving && !isBeside ? IDLE_MS : 0
  }

  /** Moves on by one batch; answers what kept it from doing so. */
  async #step(): Promise<Retry | undefined> {
    const { writer, signal } = this.#projection
    if (this.#cursor > this.#ingested) throw beyondIngest(this.#cursor, this.#ingested)
    if (!this.#databaseSeen) {
      const found = await writer.database(signal)
      if (found.kind === 'retry') return found
      // another database than before, or another than it was
      if (found.kind === 'empty') await this.#rewind()
      const retry = found.kind === 'missing' ? await this.#makeDatabase() : undefined
      if (retry !== undefined) return retry
      this.#databaseSeen = true
    }
    if (this.#heldPoints >= HELD_POINTS_MAX) return TOO_MANY_HELD
    const [from, to] = [this.#cursor, this.#ingested]
    if (from === to) return undefined
    const outcome = await this.#steps.step({ from, to, limit: ROWS_PER_WRITE, signal })
    if (outcome.kind === 'retry') return outcome
    if (outcome.kind === 'missing') return (await this.#makeDatabase()) ?? WAS_MISSING
    const { next, held } = outcome
    this.#progress.passed(next, held)
    this.#cursor = next
    // While more waits it goes on: what was not kept yet is written once more after a kill. Not from the first record
    // on: who has all written again sets the cursor to 0, and what is kept from there on could not be told from it.
    if (next === to || from === 0) await this.#progress.kept()
    this.#expired += outcome.expired
    this.#refused += held.length
    this.#written += outcome.rows - held.length - outcome.expired
    return undefined
  }

  /** New rows come first, before each change of a placement: however many there are, they keep no row waiting. */
  async #reproject(): Promise<Retry | undefined> {
    this.#isMoving = false
    if (this.#cursor !== this.#ingested) return undefined
    const came = await reproject(this.#projection)
    if (typeof came === 'string') this.#isMoving = came === 'more'
    else if (came.kind === 'missing') return (await this.#makeDatabase()) ?? WAS_MISSING
    else return came
    return undefined
  }

  /** After the readings it is about, so that a chart has them first; while some wait it is not waited for. */
  async #beside(): Promise<Retry | undefined> {
    const { clock, signal } = this.#projection
    const isLevel = this.#cursor === this.#ingested && !this.#isMoving
    this.#besides.begin(isLevel)
    const { round } = this.#besides
    if (isLevel && round !== undefined) {
      const enough = new AbortController()
      await Promise.race([round, clock.sleep(IDLE_MS, AbortSignal.any([signal, enough.signal]))])
      enough.abort()
    }
    if (!this.#besides.takeMissing()) return undefined
    return (await this.#makeDatabase()) ?? WAS_MISSING
  }

  /** The cursor goes back first: a crash in between must not leave a database that is empty and passed. */
  async #makeDatabase(): Promise<Retry | undefined> {
    const { writer, signal } = this.#projection
    await this.#rewind()
    const made = await writer.createDatabase(signal)
    return made.kind === 'retry' ? made : undefined
  }

  async #rewind(): Promise<void> {
    const { log } = this.#projection
    await this.#besides.rewind()
    if (this.#cursor === 0) return
    log.warn(
      { record: recordText(this.#cursor) },
      'the InfluxDB database is missing or empty; everything is projected again',
    )
    await this.#progress.rewind()
    this.#cursor = 0
    this.#heldPoints = 0
  }

  #failed(retry: Retry): number {
    const { what, remedy } = retry
    const message = `${what} ${remedy}`
    if (message !== this.#lastError) {
      this.#projection.log.warn(
        { record: recordText(this.#cursor), reason: what, remedy },
        'the InfluxDB projection waits',
      )
    }
    this.#lastError = message
    this.#failures += 1
    this.#count(retry)
    this.#tell()
    return backOffMs(this.#failures, retry.afterMs)
  }

  #count({ afterMs }: Retry): void {
    if (afterMs === null) this.#retried += 1
    else this.#throttled += 1
  }

  #tell(): void {
    this.#projection.onStatus?.({
      cursor: this.#cursor,
      behind: Math.max(0, this.#ingested - this.#cursor),
      heldPoints: this.#heldPoints,
      expired: this.#expired,
      written: this.#written,
      refused: this.#refused,
      retried: this.#retried,
      throttled: this.#throttled,
      lastError: this.#lastError ?? this.#besides.problem,
    })
  }
}
