import { createHash } from 'node:crypto'
import { Problem } from '../domain/index.ts'
import type { JournalEntry, JournalReader } from '../journal/index.ts'
import type { CanonicalReads, CanonicalTransaction, ConsumerName } from '../store/index.ts'

/** Who follows the journal; the other consumers follow the canonical rows. */
const followers = ['ingest', 'census'] as const

/** Binds a follower's cursor to the log, in the transaction that moved it: `last` is the record before the cursor. */
export function bindTo(tx: CanonicalTransaction, name: ConsumerName, last: JournalEntry | undefined): void {
  if (last !== undefined) tx.bindCursor(name, sha256(last.bytes))
}

/**
 * Checks that the cursors of ingest and census belong to this log: a cursor is only a number, and in another log it
 * would skip as many acknowledged records. The end of the log must be known. Throws
 * `Problem('journal-cursor-beyond-end')` for a shorter log, `Problem('journal-mismatch')` for another one and
 * `Problem('journal-damaged')` when the record before a cursor cannot be read. A cursor of a store that was never
 * bound passes; the next commit binds it.
 */
export async function requireSameLog(
  reader: JournalReader,
  reads: Pick<CanonicalReads, 'position'>,
): Promise<void> {
  for (const name of followers) {
    const { next, recordSha256 } = reads.position(name)
    const enough = new AbortController()
    // Not iterated: it throws at the call when the cursor lies beyond the end.
    reader.follow(next, enough.signal)
    if (next === 0 || recordSha256 === null) continue
    for await (const batch of reader.follow(next - 1, enough.signal)) {
      const [entry] = batch
      if (entry === undefined || Buffer.compare(sha256(entry.bytes), recordSha256) !== 0) {
        throw mismatch(name, next - 1)
      }
      break
    }
    enough.abort()
  }
}

function sha256(bytes: Uint8Array): Uint8Array {
  return createHash('sha256').update(bytes).digest()
}

function mismatch(name: ConsumerName, index: number): Problem {
  return new Problem('journal-mismatch', {
    what: `Record ${index} of the journal is not the one ${name} has seen there: this journal does not belong to the readings beside it.`,
    remedy:
      'Put back the journal that belongs to this data directory, or the stores from the backup of the same time as this journal. Nothing was changed.',
  })
}
