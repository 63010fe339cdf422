import { requireSameLog } from '../ingest/index.ts'
import { openJournal, openJournalReader } from '../journal/index.ts'
import { openCanonicalReads } from '../store/index.ts'
import type { LogParts } from './backup/index.ts'
import type { DataLayout } from './layout.ts'

/** The journal of a data directory that nobody else has open. */
export interface OwnJournalParts extends LogParts {
  readonly layout: Pick<DataLayout, 'journal' | 'readings'>
}

/** Recovers the journal and answers how many records it has. Throws what `openJournal` does. */
export async function recoveredEnd(parts: OwnJournalParts): Promise<number> {
  const journal = await openJournal({ ...parts, directory: parts.layout.journal })
  const { durableEnd } = journal
  await journal.close()
  return durableEnd
}

/**
 * Throws `journal-mismatch` or `journal-cursor-beyond-end` unless the journal, of which `end` records are durable, is
 * the one the readings were made of: what is done by its cursors would else be done to another one.
 */
export async function requireOwnJournal(
  { layout, disk }: Pick<OwnJournalParts, 'layout' | 'disk'>,
  end: number,
): Promise<void> {
  const reader = await openJournalReader({ directory: layout.journal, disk })
  const reads = openCanonicalReads({ path: layout.readings })
  try {
    reader.advance(end)
    await requireSameLog(reader, reads)
  } finally {
    reads.close()
    reader.close()
  }
}
