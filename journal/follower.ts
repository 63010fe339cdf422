import assert from 'node:assert/strict'
import type { Catalogue } from './catalogue.ts'
import type { Disk } from './disk.ts'
import type { DurableEnd } from './durable-end.ts'
import { FrameCursor } from './frame-cursor.ts'
import type { JournalEntry } from './ports.ts'
import { cursorBeyondEnd } from './problems.ts'

/** A batch ends at this many records: about one short transaction of a consumer. */
const BATCH_RECORDS_MAX = 512
/** A batch ends once it holds this much: it bounds what a slow consumer keeps in memory. */
const BATCH_BYTES_MAX = 1024 * 1024

/** What followers of one log share. */
export interface FollowSource {
  readonly disk: Disk
  readonly catalogue: Catalogue
  readonly durable: DurableEnd
}

/**
 * Follows the log; see `JournalReader.follow`. Throws `Problem('journal-cursor-beyond-end')` at once when the
 * end is known; when it is not yet, the first step of the iteration throws it.
 */
export function openFollow(
  source: FollowSource,
  from: number,
  signal: AbortSignal,
): AsyncIterable<readonly JournalEntry[]> {
  assert.ok(Number.isSafeInteger(from) && from >= 0, `a record index is a whole number, not ${from}`)
  admit(source, from)
  return follow(source, from, signal)
}

/** True once the end is known and the cursor lies within it. */
function admit(source: FollowSource, from: number): boolean {
  const end = source.durable.value
  if (end !== undefined && from > end) throw cursorBeyondEnd(source.catalogue.directory, from, end)
  return end !== undefined
}

/**
 * Walks the log from record `from` on and yields what is durable. Returns when
 * `signal` aborts, or at the end of a log that was closed.
 */
async function* follow(
  source: FollowSource,
  from: number,
  signal: AbortSignal,
): AsyncGenerator<readonly JournalEntry[], void, undefined> {
  const { durable, catalogue } = source
  const cursor = new FrameCursor(source.disk, catalogue, from)
  let admitted = false
  try {
    while (!signal.aborted) {
      admitted ||= admit(source, from)
      const end = durable.value
      if (end !== undefined && cursor.index < end) {
        cursor.forget()
        yield* batchesUntil(cursor, end, signal)
      } else if (durable.finished) {
        return
      } else {
        await durable.wait(signal)
      }
    }
  } finally {
    await cursor.close()
  }
}

/**
 * Batches up to record `end`, which the caller read before: bytes behind it may be in the middle of being
 * written and are never judged.
 */
async function* batchesUntil(
  cursor: FrameCursor,
  end: number,
  signal: AbortSignal,
): AsyncGenerator<readonly JournalEntry[], void, undefined> {
  let batch: JournalEntry[] = []
  let batchBytes = 0
  try {
    while (cursor.index < end && !signal.aborted) {
      for (const entry of await cursor.next()) {
        batch.push(entry)
        batchBytes += entry.bytes.length
        if (batch.length < BATCH_RECORDS_MAX && batchBytes < BATCH_BYTES_MAX) continue
        const full = batch
        batch = []
        batchBytes = 0
        yield full
        if (signal.aborted) return
      }
    }
  } catch (thrown) {
    // What lies before the damage is whole, and the consumer shall have it.
    if (batch.length > 0) yield batch
    throw thrown
  }
  if (batch.length > 0) yield batch
}
