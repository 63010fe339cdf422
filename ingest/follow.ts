import { type Clock, type Log, Problem } from '../domain/index.ts'
import type { JournalReader } from '../journal/index.ts'
import type { CanonicalStore, CanonicalTransaction } from '../store/index.ts'
import { Census } from './census.ts'
import type { DeviceTermsAt } from './ingest.ts'
import { ingestSlice } from './ingest.ts'
import { bindTo } from './same-log.ts'

/** A transaction of readings never holds the thread longer than this, so that commands get their turn. */
const SLICE_MS_MAX = 15
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
  /** Called after each committed slice. */
  readonly onProgress: () => void
}

/**
 * Follows the journal from the stored cursor until `signal` aborts: each slice is one transaction of at most
 * about 20 ms, and the event loop runs between slices. Waits out what passes (disk full, file busy); rejects on
 * damage and on a cursor beyond the log's end. The process must then stop: going on would mean skipping records.
 * The caller has checked with `requireSameLog` that the cursor belongs to this log.
 */
export async function runIngest(following: IngestFollowing): Promise<void> {
  const { reader, clock, signal, termsAt, onProgress } = following
  const from = await committed(following, (tx) => tx.cursor('ingest'))
  if (from === undefined) return
  for await (const batch of reader.follow(from, signal)) {
    let rest = batch
    while (rest.length > 0 && !signal.aborted) {
      const deadlineMs = clock.monotonicMs() + SLICE_MS_MAX
      const enough = (): boolean => clock.monotonicMs() >= deadlineMs
      const slice = rest
      const taken = await committed(following, (tx) => {
        const count = ingestSlice(tx, slice, termsAt, enough)
        bindTo(tx, 'ingest', slice[count - 1])
        return count
      })
      if (taken === undefined) return
      onProgress()
      rest = rest.slice(taken)
      await clock.sleep(0)
    }
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
  { store, clock, log, signal }: Following,
  job: (tx: CanonicalTransaction) => T,
): Promise<T | undefined> {
  while (!signal.aborted) {
    try {
      return store.transact(job, 'repeatable')
    } catch (thrown) {
      if (!(thrown instanceof Problem) || thrown.code !== 'core-unavailable') throw thrown
      log.warn({ reason: thrown.message }, 'the canonical store cannot be written; trying again')
      await clock.sleep(RETRY_MS, signal)
    }
  }
  return undefined
}
