import { deviceOf } from '../domain/index.ts'
import type { JournalEntry } from '../journal/index.ts'
import type { CanonicalTransaction } from '../store/index.ts'
import { bindTo } from './same-log.ts'

/** As many rows of devices are counted up in a transaction of 20 ms. */
const DEVICES_MAX = 6_000
/** More records make the count of a device no cheaper. */
const RECORDS_MAX = 65_536

/**
 * Counts journalled records per device, with a cursor of its own and nothing of ingest's code: the other side
 * of the balance of promise 2 (`journalled = decoded + held + pending`). What is taken is counted in memory until it is
 * saved: with many devices each sends a few records of some thousand, and a row is written for each of them.
 */
export class Census {
  readonly #counts = new Map<string, number>()
  #records = 0
  #last: JournalEntry | undefined

  /** Index behind the last record that is taken and not saved; 0 when there is none. */
  get next(): number {
    return this.#last === undefined ? 0 : this.#last.index + 1
  }

  get isEmpty(): boolean {
    return this.#last === undefined
  }

  /** True when what is taken should be saved before more is. */
  get isFull(): boolean {
    return this.#counts.size >= DEVICES_MAX || this.#records >= RECORDS_MAX
  }

  /** Takes the next records of the log. Throws `journal-damaged` where one of them is no envelope. */
  take(entries: readonly JournalEntry[]): void {
    for (const entry of entries) {
      const device = deviceOf(entry.bytes)
      this.#counts.set(device, (this.#counts.get(device) ?? 0) + 1)
      // one by one: what is counted before damage is saved, and must not be counted again
      this.#records += 1
      this.#last = entry
    }
  }

  /** Adds what is taken to the counts that are stored, and moves the cursor, in one transaction. */
  save(tx: CanonicalTransaction): void {
    for (const [device, count] of this.#counts) tx.countJournalled(device, count)
    if (this.#last === undefined) return
    tx.setCursor('census', this.next)
    bindTo(tx, 'census', this.#last)
  }

  /** What was taken is saved. */
  clear(): void {
    this.#counts.clear()
    this.#records = 0
    this.#last = undefined
  }
}
