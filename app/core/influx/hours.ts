import { hourOf, HOUR_MS, lotHoursOf } from '../../../batches/index.ts'
import { placeTimeInBand } from '../../../alerts/index.ts'
import type { Clock, FactChange, FedRow, Log, RulePack } from '../../../domain/index.ts'
import {
  type BesideProjection,
  type CanonicalReads,
  type FactsView,
  type InfluxCursor,
  type InfluxPoint,
  type InfluxWriter,
  LINES_PER_WRITE,
  type Stopped,
  takeAway,
  writePoints,
} from '../../../store/index.ts'
import { lotPoints } from './lot-points.ts'
import { type RestingClock, restingClock } from './resting-clock.ts'
import { type StaleHours, StaleLots } from './stale-lots.ts'
import { touchedSpans } from './touched-spans.ts'
import { Undescribed } from './undescribed.ts'

/** What the hours are written from. */
export interface HoursParts {
  /** On a connection of its own. */
  readonly reads: Pick<
    CanonicalReads,
    'cursor' | 'changedTo' | 'changedSpans' | 'changedFaults' | 'temperatures'
  >
  /** In this thread, current with every commit. */
  readonly view: FactsView
  readonly packs: readonly RulePack[]
  readonly writer: InfluxWriter
  /** Keeps cursors, together and durably, unless one of them is no more what it was; answers whether it did. */
  readonly saveCursors: (
    cursors: Partial<Record<InfluxCursor, number>>,
    unless?: { readonly name: InfluxCursor; readonly was: number },
  ) => Promise<boolean>
  /** Records that are durable in the journal and not projected; Infinity while nobody knows. */
  readonly waiting: () => number
  readonly clock: Clock
  readonly log: Log
}

/** The projection of hours, which has to be told of changes of the facts. */
export interface HoursProjection extends BesideProjection {
  onFacts(change: FactChange): void
}

/** An hour is written this long after its end, so that what is on its way at its end is in it. */
const GRACE_MS = 60_000
/** Late readings are looked for this often. */
const LOOK_MS = 15_000
/**
 * After hours of lots were written it rests so many times as long as that took: a backlog touches the same hours again
 * and again, and they are read whole each time.
 */
const REST_FACTOR = 10
/** What took no longer than this needs no rest, ms. */
const SHORT_MS = 100
/** One batch takes about so long at most, with what others do meanwhile: readings are written between two batches. */
const BATCH_MS_MAX = 2_000
/** With more records waiting in the journal they are a backlog, which touches the same hours again and again. */
const BACKLOG_RECORDS = 10_000
/** Hours of lots wait for the end of a backlog, or for so long. */
const BACKLOG_MS_MAX = 600_000
/** Sensors whose touched hours are marked at a time. */
const SPANS_PER_MARK = 100
/** Rows of facts that wait while InfluxDB is gone. */
const CHANGED_MAX = 50_000
const DAY_MS = 24 * HOUR_MS

/**
 * Writes what is known hour by hour: how warm the lots were that are somewhere (`lot_hour`), and the limits and names
 * that held (`point_limit`, `place`), these also when facts change. An hour is written when it is over, and again when
 * a late reading or a correction touches it.
 */
export function projectHours(parts: HoursParts): HoursProjection {
  return new Hours(parts)
}

class Hours implements HoursProjection {
  readonly #parts: Omit<HoursParts, 'clock'> & { readonly clock: RestingClock }
  #stale: StaleLots | undefined
  /** Next record to look at, and up to which hour (begin, epoch ms) everything is marked. */
  #nextRecord = 0
  #doneMs = 0
  /** When the newest act was recorded that is marked, epoch ms. */
  #actsMs = 0
  #lookDueMs = Number.NEGATIVE_INFINITY
  #lotsDueMs = Number.NEGATIVE_INFINITY
  /** Since when there is a backlog that hours of lots wait for. */
  #backlogSinceMs: number | undefined
  #changed: FedRow[] = []
  /** Cursor `influx-hours` as it was read or saved last; another value is somebody else's. */
  #savedHours = 0
  readonly #undescribed: Undescribed

  constructor(parts: HoursParts) {
    this.#parts = { ...parts, clock: restingClock(parts.clock, () => parts.waiting() > 0) }
    this.#undescribed = new Undescribed(this.#parts)
  }

  onFacts(change: FactChange): void {
    this.#changed.push(...change.rows)
    if (this.#changed.length <= CHANGED_MAX) return
    // nothing is lost: it begins again at the cursors, and finds the rows among all facts
    this.#changed = []
    this.#stale = undefined
  }

  async rewind(): Promise<void> {
    await this.#parts.saveCursors({ 'influx-lot-rows': 0, 'influx-lot-facts': 0, 'influx-hours': 0 })
    this.#savedHours = 0
    this.#stale = undefined
    this.#undescribed.forget()
  }

  async step(signal: AbortSignal): Promise<'more' | 'later' | 'done' | Stopped> {
    this.#parts.clock.begin()
    // somebody has everything written again
    if (this.#parts.reads.cursor('influx-hours') !== this.#savedHours) this.#stale = undefined
    if (this.#stale === undefined) this.#begin()
    const isWaiting = this.#isWaiting()
    await this.#look(signal, isWaiting)
    const stopped =
      (await this.#undescribed.write(signal)) ?? (isWaiting ? undefined : await this.#writeLots(signal))
    if (stopped !== undefined) return stopped
    // it may have to begin again: then nothing is done
    if (this.#stale === undefined) return 'more'
    if (signal.aborted || this.#undescribed.size > 0) return 'more'
    if (isWaiting) return 'later'
    if (this.#stale.size > 0) return this.#isResting() ? 'later' : 'more'
    await this.#save()
    this.#backlogSinceMs = undefined
    return 'done'
  }

  /** True while a backlog is younger than hours of lots may wait; all of it looked at, they wait again. */
  #isWaiting(): boolean {
    const { clock, waiting } = this.#parts
    if (waiting() <= BACKLOG_RECORDS) {
      this.#backlogSinceMs = undefined
      return false
    }
    this.#backlogSinceMs ??= clock.monotonicMs()
    return clock.monotonicMs() - this.#backlogSinceMs < BACKLOG_MS_MAX
  }

  /** Goes on where the cursors say: what was marked and not written when it ended is marked again. */
  #begin(): void {
    const { reads, view, clock } = this.#parts
    this.#stale = new StaleLots(view)
    this.#changed = []
    this.#lookDueMs = Number.NEGATIVE_INFINITY
    this.#savedHours = reads.cursor('influx-hours')
    this.#doneMs = this.#savedHours * HOUR_MS
    this.#nextRecord = reads.cursor('influx-lot-rows')
    this.#actsMs = reads.cursor('influx-lot-facts')
    if (this.#doneMs > 0) {
      this.#undescribed.markAll(Number.POSITIVE_INFINITY)
      for (const fed of view.rows()) if (recordedAt(fed) >= this.#actsMs) this.#changed.push(fed)
      return
    }
    this.#nextRecord = reads.cursor('ingest')
    const nowMs = clock.nowMs()
    this.#doneMs = overAt(nowMs)
    this.#stale.markLives(this.#doneMs)
    for (const fed of view.rows()) this.#actsMs = Math.max(this.#actsMs, recordedAt(fed))
    this.#undescribed.markAll(0)
  }

  /** Marks what has changed since the last look; what readings touch only when it does not wait. */
  async #look(signal: AbortSignal, isWaiting: boolean): Promise<void> {
    const { clock } = this.#parts
    const stale = this.#stale
    if (stale === undefined) return
    const changed = this.#changed.splice(0)
    for (const fed of changed) {
      stale.markFact(fed, this.#doneMs)
      this.#actsMs = Math.max(this.#actsMs, recordedAt(fed))
      await clock.sleep(0)
    }
    const nowMs = clock.nowMs()
    this.#undescribed.markFacts(changed, nowMs)
    const overMs = overAt(nowMs)
    if (overMs > this.#doneMs) {
      stale.markAll(this.#doneMs, overMs)
      this.#undescribed.markAll(this.#doneMs + 1)
      this.#doneMs = overMs
      this.#lookDueMs = Number.NEGATIVE_INFINITY
    }
    if (isWaiting || clock.monotonicMs() < this.#lookDueMs) return
    this.#lookDueMs = clock.monotonicMs() + LOOK_MS
    await this.#lookAtReadings(stale, signal)
  }

  /** Marks what readings and faults touched, each sensor once for all records since the last look. */
  async #lookAtReadings(stale: StaleLots, signal: AbortSignal): Promise<void> {
    const { reads, clock } = this.#parts
    const end = reads.cursor('ingest')
    const records = { from: this.#nextRecord, to: end, beforeMs: this.#doneMs }
    const all = await touchedSpans({ reads, rest: () => clock.sleep(0) }, records, signal)
    // nothing of it is marked: it begins again where it was
    if (signal.aborted) return
    for (let start = 0; start < all.length; start += SPANS_PER_MARK) {
      stale.markReadings(all.slice(start, start + SPANS_PER_MARK), this.#doneMs)
      await clock.sleep(0)
    }
    this.#nextRecord = Math.max(this.#nextRecord, end)
  }

  #isResting(): boolean {
    return this.#parts.clock.monotonicMs() < this.#lotsDueMs
  }

  /** Writes about one batch of hours of lots; what is not written stays marked. */
  async #writeLots(signal: AbortSignal): Promise<Stopped | undefined> {
    const stale = this.#stale
    if (stale === undefined || this.#isResting()) return undefined
    const { clock } = this.#parts
    const startedMs = clock.monotonicMs()
    const workedMs = clock.workedMs()
    const points: InfluxPoint[] = []
    const isLong = (): boolean => clock.monotonicMs() - startedMs > BATCH_MS_MAX
    const isFull = (): boolean => points.length >= LINES_PER_WRITE || isLong()
    const written: (readonly [lot: string, toMs: number])[] = []
    for (const lot of stale.lots()) {
      if (isFull() || signal.aborted) break
      const stopped = await this.#clear(stale, lot, signal)
      if (stopped !== undefined) return stopped
      written.push([lot, await this.#collect(points, lot, { ...stale.hoursOf(lot), isFull })])
    }
    const collected = { atMs: clock.monotonicMs(), workMs: clock.workedMs() - workedMs }
    const stopped = points.length === 0 ? undefined : await writePoints(this.#parts, points, signal)
    if (stopped !== undefined) return stopped
    for (const [lot, toMs] of written) stale.written(lot, toMs)
    // work without what others did meanwhile, and what InfluxDB took
    const tookMs = collected.workMs + clock.monotonicMs() - collected.atMs
    if (tookMs > SHORT_MS) this.#lotsDueMs = clock.monotonicMs() + tookMs * REST_FACTOR
    return undefined
  }

  /** Adds the hours of a lot day by day while there is room; answers up to when they are there, epoch ms. */
  async #collect(
    points: InfluxPoint[],
    lot: string,
    { fromMs, toMs, isFull }: StaleHours & { readonly isFull: () => boolean },
  ): Promise<number> {
    const { clock, reads, view } = this.#parts
    const sweeping = {
      facts: view,
      temperatures: (piece: Parameters<CanonicalReads['temperatures']>[0]) => reads.temperatures(piece),
      sweep: placeTimeInBand,
      rest: () => clock.sleep(0),
    }
    let doneMs = fromMs
    while (doneMs < toMs && (doneMs === fromMs || !isFull())) {
      const untilMs = Math.min(doneMs + DAY_MS, toMs)
      const day = { lot, fromMs: doneMs, toMs: untilMs, asOfMs: clock.nowMs() }
      const found = await lotHoursOf(sweeping, day)
      if (found !== undefined) points.push(...lotPoints(found))
      doneMs = untilMs
    }
    return doneMs
  }

  /** Takes away what is written of a lot that may have been elsewhere. */
  async #clear(stale: StaleLots, lot: string, signal: AbortSignal): Promise<Stopped | undefined> {
    const { fromMs, toMs, isMoved } = stale.hoursOf(lot)
    if (!isMoved) return undefined
    const tag = { name: 'lot', value: lot }
    const which = { measurement: 'lot_hour', tag, fromMs, toMs }
    const stopped = await takeAway(this.#parts, which, signal)
    if (stopped === undefined) stale.cleared(lot)
    return stopped
  }

  async #save(): Promise<void> {
    const { reads, saveCursors } = this.#parts
    const now = {
      'influx-lot-rows': this.#nextRecord,
      'influx-lot-facts': this.#actsMs,
      'influx-hours': this.#doneMs / HOUR_MS,
    } as const
    const isSaved = Object.entries(now).every(([name, next]) => reads.cursor(name as InfluxCursor) === next)
    if (isSaved) return
    if (await saveCursors(now, { name: 'influx-hours', was: this.#savedHours })) {
      this.#savedHours = now['influx-hours']
    }
  }
}

/** Up to when hours are to be written at an instant: the begin of the first that is not; epoch ms. */
export function overAt(nowMs: number): number {
  return hourOf(nowMs - GRACE_MS)
}

function recordedAt(fed: FedRow): number {
  return fed.table === 'session' ? 0 : fed.row.recordedAt
}
