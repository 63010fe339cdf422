import type { JournalEntry } from '../journal/index.ts'

/** A stretch is about this part of what waits: the first records of a backlog are not kept for the last. */
const PART_OF_WAITING = 8
const RECORDS_MIN = 512
/** As many loggers of a nation send five or six records each in. */
const RECORDS_MAX = 131_072
/** What a stretch keeps in memory. */
const BYTES_MAX = 32 * 1024 * 1024

/** Records that are taken into the store together, in log order. */
export class Stretch {
  readonly #entries: JournalEntry[] = []
  readonly #firstIndex: number
  #bytes = 0

  /** It begins with this record. */
  constructor(firstIndex: number) {
    this.#firstIndex = firstIndex
  }

  get entries(): readonly JournalEntry[] {
    return this.#entries
  }

  /** The record behind its last. */
  get next(): number {
    return this.#firstIndex + this.#entries.length
  }

  add(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      this.#entries.push(entry)
      this.#bytes += entry.bytes.length
    }
  }

  /** True when it should be taken, with the log durable up to `durableEnd`. */
  isDue(durableEnd: number): boolean {
    const waiting = durableEnd - this.#firstIndex
    const enough = Math.min(Math.max(waiting / PART_OF_WAITING, RECORDS_MIN), RECORDS_MAX)
    return this.next >= durableEnd || this.#entries.length >= enough || this.#bytes >= BYTES_MAX
  }
}
