import { join } from 'node:path'
import { decodeRecord, Problem } from '../../domain/index.ts'
import {
  type Disk,
  openJournalReader,
  parseSegmentName,
  type RemoteJournalReader,
} from '../../journal/index.ts'
import { bytesOf, namesIn } from '../doors/folders.ts'

/** A segment of the journal, by the times its records carry. */
export interface LogSegment {
  /** Index of its first record. */
  readonly first: number
  /** Index of the first record of the next one; null for the newest. */
  readonly next: number | null
  readonly bytes: number
  /** When its first record was received, epoch ms; null for a segment that has none yet. */
  readonly receivedFromMs: number | null
  /** When the first record behind it was received: none of its own came later. Null while there is none. */
  readonly receivedUntilMs: number | null
}

/**
 * The segments of the journal, the oldest first; reads the first record of each. The newest may be written meanwhile.
 * Rejects as a follower of the journal does.
 */
export async function segmentsOf(directory: string, disk: Disk): Promise<readonly LogSegment[]> {
  const named = (await namesIn(directory)).flatMap((name) => {
    const first = parseSegmentName(name)
    return first === undefined ? [] : [{ name, first }]
  })
  const firsts = named.map(({ first }) => first)
  const reader = await openJournalReader({ directory, disk })
  try {
    const segments: LogSegment[] = []
    let receivedFromMs = await receivedAt(reader, firsts, 0)
    for (const [at, { name, first }] of named.entries()) {
      const receivedUntilMs = await receivedAt(reader, firsts, at + 1)
      const bytes = await bytesOf(join(directory, name))
      segments.push({ first, next: firsts[at + 1] ?? null, bytes, receivedFromMs, receivedUntilMs })
      receivedFromMs = receivedUntilMs
    }
    return segments
  } finally {
    reader.close()
  }
}

/** When the first record of a segment was received; null when there is none, or none that is written to its end. */
async function receivedAt(
  reader: RemoteJournalReader,
  firsts: readonly number[],
  at: number,
): Promise<number | null> {
  const first = firsts[at]
  if (first === undefined) return null
  reader.advance(first + 1)
  const enough = new AbortController()
  try {
    for await (const [entry] of reader.follow(first, enough.signal)) {
      if (entry !== undefined) return decodeRecord(entry.bytes).receivedAtMs
    }
  } catch (thrown) {
    // Nothing is lost: who writes the newest segment may be about to write its first record.
    const isNewest = at === firsts.length - 1
    if (!isNewest || !(thrown instanceof Problem) || thrown.code !== 'journal-damaged') throw thrown
  } finally {
    enough.abort()
  }
  return null
}
