import { nodeDisk } from '../../app/doors/disk.ts'
import { ingestSlice } from '../../ingest/index.ts'
import { openJournalReader } from '../../journal/index.ts'
import type { CanonicalTransaction } from '../../store/index.ts'
import { FROM_MS, STEP_MS } from '../engine/fleet.ts'

/** What the sensors are registered with. */
const terms = { acceptFromMs: FROM_MS, expectedIntervalMs: STEP_MS }

/** Reads so many records of a log and gives each batch to the real ingest, in a transaction of the caller. */
export async function ingestLog(
  directory: string,
  records: number,
  transact: (job: (tx: CanonicalTransaction) => void) => void,
): Promise<void> {
  const reader = await openJournalReader({ directory, disk: nodeDisk() })
  reader.advance(records)
  const done = new AbortController()
  let taken = 0
  for await (const entries of reader.follow(0, done.signal)) {
    transact((tx) => {
      ingestSlice(
        tx,
        entries,
        () => terms,
        () => false,
      )
    })
    taken += entries.length
    if (taken >= records) done.abort()
  }
  reader.close()
}
