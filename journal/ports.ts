import type { Waiter } from '../domain/index.ts'

/**
 * One durable record of a log: its index (from 0, without holes) and its bytes. They are a view into a copy of what was
 * read with it, up to 1 MiB: who keeps a record for long keeps its own copy.
 */
export interface JournalEntry {
  readonly index: number
  readonly bytes: Uint8Array
}

/** The only way to read a log. Followers see durable records only. */
export interface JournalReader {
  /** Records durable so far = the index the next record will get. */
  readonly durableEnd: number
  /**
   * Yields batches of consecutive durable records from index `from` on, waiting for more at the end, until
   * `signal` aborts (then it returns). Batches are bounded by count and bytes. MUST throw
   * `Problem('journal-cursor-beyond-end')` when `from` lies beyond `durableEnd` at the call, and
   * `Problem('journal-damaged')`, naming segment and offset, instead of skipping anything; of a record that was removed
   * on purpose `Problem('journal-trimmed')`.
   */
  follow(from: number, signal: AbortSignal): AsyncIterable<readonly JournalEntry[]>
}

/** A log open for writing; there is at most one per log, held by the data-directory lock. */
export interface Journal extends JournalReader {
  /**
   * Resolves with the record's index after it is synced, in the order of the calls. MUST NOT resolve earlier.
   * Rejects with `Problem('journal-unavailable' | 'journal-full' | 'payload-too-large')`; then the record may
   * or may not be there after a restart, and the caller MUST NOT acknowledge. The bytes are copied before it returns.
   */
  append(bytes: Uint8Array): Promise<number>
  /** The same for many: calls the waiter in place of resolving and rejecting. What a waiter throws is logged. */
  appendFor(bytes: Uint8Array, waiter: Waiter): void
  /** Bytes of the last durable record; undefined in an empty log. */
  last(): Promise<Uint8Array | undefined>
  /** Calls back after each sync with the new `durableEnd`; returns the function that stops it. */
  onDurable(listener: (durableEnd: number) => void): () => void
  state(): JournalState
  /** Refuses new appends, waits for those under way, syncs, closes. Idempotent. */
  close(): Promise<void>
}

/** `open` takes records; `full` refuses until space returns; `failed` refuses until the process restarts. */
export type JournalState =
  | { readonly kind: 'open' }
  | { readonly kind: 'full'; readonly freeBytes: number; readonly neededBytes: number }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'closed' }
