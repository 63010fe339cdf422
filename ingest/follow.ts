import type { Clock } from '../domain/index.ts'
import type { JournalEntry, JournalReader } from '../journal/index.ts'
import type { CanonicalStore } from '../store/index.ts'
import { censusSlice } from './census.ts'
import type { DeviceTermsAt } from './ingest.ts'
import { ingestSlice } from './ingest.ts'

/** A transaction of readings never holds the thread longer than this, so that commands get their turn. */
const SLICE_MS_MAX = 15

/** What both followers run on. */
export interface Following {
  readonly reader: JournalReader
  readonly store: CanonicalStore
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** What ingest needs beside the journal and the store. */
export interface IngestFollowing extends Following {
  readonly termsAt: DeviceTermsAt
  /** Called after each committed slice with the new cursor. */
  readonly onProgress: (cursor: number) => void
}

/**
 * Follows the journal from the stored cursor until `signal` aborts: each slice is one transaction of at most
 * about 20 ms, and the event loop runs between slices. Rejects on damage and on a cursor beyond the log's end;
 * the process must then stop, because going on would mean skipping records.
 */
export async function runIngest(following: IngestFollowing): Promise<void> {
  const { reader, store, clock, signal, termsAt, onProgress } = following
  const from = store.transact((tx) => tx.cursor('ingest'))
  for await (const batch of reader.follow(from, signal)) {
    let rest = batch
    while (rest.length > 0 && !signal.aborted) {
      const deadlineMs = clock.monotonicMs() + SLICE_MS_MAX
      const enough = (): boolean => clock.monotonicMs() >= deadlineMs
      const slice = rest
      const taken = store.transact((tx) => ingestSlice(tx, slice, termsAt, enough))
      onProgress((slice[taken - 1] as JournalEntry).index + 1)
      rest = rest.slice(taken)
      await clock.sleep(0)
    }
  }
}

/** Follows the journal for the census, in the same way. */
export async function runCensus(following: Following): Promise<void> {
  const { reader, store, clock, signal } = following
  const from = store.transact((tx) => tx.cursor('census'))
  for await (const batch of reader.follow(from, signal)) {
    store.transact((tx) => {
      censusSlice(tx, batch)
    })
    await clock.sleep(0)
  }
}
