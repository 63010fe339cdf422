import { nodeDisk } from '../../app/doors/disk.ts'
import { ingestStretch } from '../../ingest/index.ts'
import { type JournalEntry, openJournalReader } from '../../journal/index.ts'
import type { CanonicalTransaction } from '../../store/index.ts'
import { FROM_MS, STEP_MS } from '../engine/fleet.ts'

/** What the sensors are registered with. */
const terms = { acceptFromMs: FROM_MS, expectedIntervalMs: STEP_MS }

/** What becomes of the records of a log. */
export interface Taking {
  /** Records for which this is not true are read and left alone; all are taken when it is left out. */
  readonly isTaken?: (entry: JournalEntry) => boolean
  /** Runs a job in a transaction. */
  readonly transact: (job: (tx: CanonicalTransaction) => void) => void
  /** Called with how many have been read. */
  readonly onRead: (records: number) => void
}

/** Reads so many records of a log and gives each batch to the real ingest, in a transaction of the caller. */
export async function ingestLog(
  directory: string,
  records: number,
  { isTaken, transact, onRead }: Taking,
): Promise<void> {
  const reader = await openJournalReader({ directory, disk: nodeDisk() })
  reader.advance(records)
  const done = new AbortController()
  let read = 0
  for await (const entries of reader.follow(0, done.signal)) {
    const taken = isTaken === undefined ? entries : entries.filter(isTaken)
    transact((tx) => {
      ingestStretch(tx, taken, () => terms)
    })
    read += entries.length
    onRead(read)
    if (read >= records) done.abort()
  }
  reader.close()
}
