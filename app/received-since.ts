import { decodeRecord } from '../domain/index.ts'
import { openJournalReader, parseSegmentName, type RemoteJournalReader } from '../journal/index.ts'
import { nodeDisk } from './doors/disk.ts'
import { namesIn } from './doors/folders.ts'

/** What a log has received from an instant on. */
export interface Received {
  /** The first record that is still here. */
  readonly firstIndex: number
  /** Records received at or after `sinceMs`. */
  readonly records: number
  /** The instant asked for, or when the first record that is still here was received, if that is later; epoch ms. */
  readonly sinceMs: number
}

/**
 * Counts the records before `end` that were received at or after `sinceMs`, by the times in the log itself: looks into
 * few segments and reads one. Undefined when there is none at all. Rejects as a follower of the journal does.
 */
export async function receivedSince(
  directory: string,
  end: number,
  sinceMs: number,
  signal: AbortSignal,
): Promise<Received | undefined> {
  const firsts = (await namesIn(directory))
    .map(parseSegmentName)
    .filter((index) => index !== undefined && index < end) as number[]
  const [firstIndex] = firsts
  if (firstIndex === undefined) return undefined
  const reader = await openJournalReader({ directory, disk: nodeDisk() })
  reader.advance(end)
  try {
    const firstMs = await receivedAt(reader, firstIndex, signal)
    if (firstMs >= sinceMs) return { firstIndex, records: end - firstIndex, sinceMs: firstMs }
    // the last segment that begins before the instant holds the record that is looked for, or ends right before it
    let [low, high] = [0, firsts.length]
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      const isBefore = (await receivedAt(reader, firsts[middle] ?? end, signal)) < sinceMs
      if (isBefore) low = middle
      else high = middle
    }
    const from = await firstFrom(reader, firsts[low] ?? firstIndex, firsts[high] ?? end, sinceMs, signal)
    return { firstIndex, records: end - from, sinceMs }
  } finally {
    reader.close()
  }
}

async function receivedAt(reader: RemoteJournalReader, index: number, signal: AbortSignal): Promise<number> {
  for await (const [entry] of reader.follow(index, signal))
    if (entry !== undefined) return decodeRecord(entry.bytes).receivedAtMs
  return Number.POSITIVE_INFINITY
}

/** Index of the first record in [from, to) received at or after an instant; `to` when there is none. */
async function firstFrom(
  reader: RemoteJournalReader,
  from: number,
  to: number,
  sinceMs: number,
  signal: AbortSignal,
): Promise<number> {
  let next = from
  for await (const batch of reader.follow(from, signal)) {
    for (const { bytes } of batch) {
      if (next >= to || decodeRecord(bytes).receivedAtMs >= sinceMs) return next
      next += 1
    }
    if (next >= to) return to
  }
  return next
}
