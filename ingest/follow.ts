import { type Clock, type Log, Problem } from '../domain/index.ts'
import type { JournalReader } from '../journal/index.ts'
import type { CanonicalStore, CanonicalTransaction } from '../store/index.ts'
import { Census } from './census.ts'
import type { DeviceTermsAt } from './ingest.ts'
import { ingestSteps } from './ingest.ts'
import { bindTo } from './same-log.ts'
import { RECORDS_MIN, Stretch } from './stretch.ts'

/** Ingest holds the thread no longer than this, so that commands get their turn. */
const TURN_MS_MAX = 15
/** A commit holds the thread: one that took longer is followed by smaller ones. */
const COMMIT_MS_MAX = 500
/** A full disk or a busy file is tried again after this long; the records wait in the journal meanwhile. */
const RETRY_MS = 1_000

/** While more records wait, what the census has counted is saved this often. */
const CENSUS_MS_MAX = 5_000

/** What both followers run on. */
export interface Following {
  readonly reader: JournalReader
  readonly store: CanonicalStore
  readonly clock: Clock
  readonly log: Log
  readonly signal: AbortSignal
}

/** What ingest needs beside the journal and the store. */
export interface IngestFollowing extends Following {
  readonly termsAt: DeviceTermsAt
  /** How much of the store's disk is free. */
  readonly freeBytes: () => Promise<number>
  /** Called after each committed stretch. */
  readonly onProgress: () => void
}

/**
 * Follows the journal from the stored cursor until `signal` aborts: each stretch of it is one transaction, and the
 * event loop runs while it is taken. What waits is taken together, a part of it at a time. Waits out what passes (disk
 * full, file busy), with less and less at a time; rejects on damage and on a cursor beyond the log's end. The process
 * must then stop: going on would mean skipping records. The caller has checked with `requireSameLog` that the cursor
 * belongs to this log.
 */
export async function runIngest(following: IngestFollowing): Promise<void> {
  const { reader, signal, freeBytes } = following
  const from = await committed(following, (tx) => tx.cursor('ingest'))
  if (from === undefined) return
  const intake = new Intake(following)
  let stretch = new Stretch(from)
  const take = async (): Promise<void> => {
    const whole = stretch
    stretch = new Stretch(whole.next)
    await intake.take(whole)
  }
  try {
    for await (const batch of reader.follow(from, signal)) {
      stretch.add(batch)
      if (stretch.isDue(reader.durableEnd) || (await stretch.isTooWide(freeBytes))) await take()
    }
  } finally {
    // what lies before damage is whole
    await take()
  }
}

/** Takes stretches into the store. */
class Intake {
  readonly #following: IngestFollowing
  /**
   * So many records at a time: half as many after each failure, since less needs less of a full disk, and after each
   * commit that held the thread for long, as on a slow disk; then twice as many again.
   */
  #most = Number.MAX_SAFE_INTEGER
  /** When the records of the last stretch were all taken, and its commit began. */
  #takenMs = 0

  constructor(following: IngestFollowing) {
    this.#following = following
  }

  /** Takes a stretch, unless `signal` aborts first. */
  async take(stretch: Stretch): Promise<void> {
    const { store, clock, signal, onProgress } = this.#following
    while (stretch.size > 0 && !signal.aborted) {
      if (stretch.size > this.#most) {
        for (const half of stretch.halves()) await this.take(half)
        return
      }
      try {
        await store.transactAtLength((tx) => this.#takeAll(tx, stretch), 'repeatable')
      } catch (thrown) {
        if (thrown === signal.reason) return
        if (isDamage(thrown) && stretch.size > 1) {
          // what lies before it is whole
          for (const half of stretch.halves()) await this.take(half)
          return
        }
        await waitOut(this.#following, thrown)
        this.#most = Math.ceil(stretch.size / 2)
        continue
      }
      const isSlow = clock.monotonicMs() - this.#takenMs > COMMIT_MS_MAX && stretch.size > RECORDS_MIN
      this.#most = isSlow ? Math.ceil(stretch.size / 2) : Math.min(this.#most * 2, Number.MAX_SAFE_INTEGER)
      onProgress()
      await clock.sleep(0)
      return
    }
  }

  async #takeAll(tx: CanonicalTransaction, stretch: Stretch): Promise<void> {
    const { clock, signal, termsAt } = this.#following
    let dueMs = clock.monotonicMs() + TURN_MS_MAX
    for (const _ of ingestSteps(tx, stretch, termsAt)) {
      if (clock.monotonicMs() < dueMs) continue
      await clock.sleep(0)
      // nothing of it is kept: it is taken after the next start
      signal.throwIfAborted()
      dueMs = clock.monotonicMs() + TURN_MS_MAX
    }
    bindTo(tx, 'ingest', stretch.last)
    this.#takenMs = clock.monotonicMs()
  }
}

/**
 * Follows the journal for the census, in the same way. While more of the log waits, what is counted is saved every
 * five seconds or when it is much; else at once.
 */
export async function runCensus(following: Following): Promise<void> {
  const { reader, clock, signal } = following
  const from = await committed(following, (tx) => tx.cursor('census'))
  if (from === undefined) return
  const census = new Census()
  let savedMs = clock.monotonicMs()
  const save = async (): Promise<void> => {
    const isSaved = await committed(following, (tx) => {
      census.save(tx)
      return true
    })
    if (isSaved) census.clear()
    savedMs = clock.monotonicMs()
  }
  try {
    for await (const batch of reader.follow(from, signal)) {
      census.take(batch)
      const isMore = census.next < reader.durableEnd
      if (!isMore || census.isFull || clock.monotonicMs() - savedMs >= CENSUS_MS_MAX) await save()
      await clock.sleep(0)
    }
  } finally {
    // what lies before damage is whole
    if (!census.isEmpty) await save()
  }
}

/**
 * Runs a job until it is committed; undefined when `signal` aborted first. A job that failed left nothing behind. What
 * a power cut takes lies in the journal, behind the cursor that it takes with it.
 */
async function committed<T>(
  following: Following,
  job: (tx: CanonicalTransaction) => T,
): Promise<T | undefined> {
  const { store, signal } = following
  while (!signal.aborted) {
    try {
      return await store.transactInTurn(job, 'repeatable')
    } catch (thrown) {
      await waitOut(following, thrown)
    }
  }
  return undefined
}

function isDamage(thrown: unknown): boolean {
  return thrown instanceof Problem && thrown.code === 'journal-damaged'
}

/** Waits for what passes; throws what does not. */
async function waitOut({ clock, log, signal }: Following, thrown: unknown): Promise<void> {
  if (!(thrown instanceof Problem) || thrown.code !== 'core-unavailable') throw thrown
  log.warn({ reason: thrown.message }, 'the canonical store cannot be written; trying again')
  await clock.sleep(RETRY_MS, signal)
}
