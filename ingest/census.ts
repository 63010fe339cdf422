import { decodeRecord } from '../domain/index.ts'
import type { JournalEntry } from '../journal/index.ts'
import type { CanonicalTransaction } from '../store/index.ts'

/**
 * Counts journalled records per device, with a cursor of its own and nothing of ingest's code: the other side
 * of the balance of promise 2 (`journalled = decoded + held + pending`). Answers how many it counted.
 */
export function censusSlice(tx: CanonicalTransaction, entries: readonly JournalEntry[]): number {
  const counts = new Map<string, number>()
  for (const entry of entries) {
    const { deviceId } = decodeRecord(entry.bytes)
    counts.set(deviceId, (counts.get(deviceId) ?? 0) + 1)
  }
  for (const [device, count] of counts) tx.countJournalled(device, count)
  const last = entries.at(-1)
  if (last !== undefined) tx.setCursor('census', last.index + 1)
  return entries.length
}
