import { Catalogue } from './catalogue.ts'
import type { Disk } from './disk.ts'
import { DurableEnd } from './durable-end.ts'
import { openFollow } from './follower.ts'
import type { JournalEntry, JournalReader } from './ports.ts'

/** A log read by another thread or process than the one that writes it. */
export interface RemoteJournalReader extends JournalReader {
  /**
   * Tells how far the log is durable, as `Journal.durableEnd` or `Journal.onDurable` said. Throws
   * `Problem('journal-damaged')` when the end goes back.
   */
  advance(durableEnd: number): void
  /** Ends all followers. Idempotent. */
  close(): void
}

/**
 * Reads the segments that somebody else writes. Nothing is opened before it is needed, so the directory need
 * not exist yet. Before the first `advance` the end is unknown: `durableEnd` is 0, `follow` waits, and a
 * cursor beyond the end is refused with the first batch instead of at the call. Resolves at once; it is a
 * promise so that opening may one day do work.
 */
export function openJournalReader(options: {
  readonly directory: string
  readonly disk: Disk
}): Promise<RemoteJournalReader> {
  const { directory, disk } = options
  const durable = new DurableEnd(undefined)
  const source = { disk, catalogue: new Catalogue(disk, directory), durable }
  const closed = new AbortController()
  return Promise.resolve({
    get durableEnd(): number {
      return durable.value ?? 0
    },
    follow(from: number, signal: AbortSignal): AsyncIterable<readonly JournalEntry[]> {
      return openFollow(source, from, AbortSignal.any([signal, closed.signal]))
    },
    advance(durableEnd: number): void {
      durable.advance(durableEnd)
    },
    close(): void {
      closed.abort()
    },
  })
}
