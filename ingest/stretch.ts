import { deviceOf } from '../domain/index.ts'
import type { JournalEntry } from '../journal/index.ts'

/** A stretch is about this part of what waits: the first records of a backlog are not kept for the last. */
const PART_OF_WAITING = 4
/** With fewer waiting all are taken together. */
export const RECORDS_MIN = 4_096
/** As many loggers of a nation send five or six records each in. */
const RECORDS_MAX = 131_072
/** What a stretch keeps in memory. */
const BYTES_MAX = 32 * 1024 * 1024
/** For each device in a stretch three pages of the store are changed, and lie in SQLite's log until it is committed. */
const LOG_BYTES_PER_DEVICE = 3 * 4_096
/** So small a part of the free disk may be that log, which the journal needs too. */
const PART_OF_DISK = 50
/** However full the disk is. */
const DEVICES_MIN = 512

/**
 * Records that are taken into the store together, in log order. They are kept by where their bytes lie: a hundred
 * thousand objects that live for seconds would be moved about again and again when garbage is collected.
 */
export class Stretch {
  readonly firstIndex: number
  readonly #buffers: ArrayBufferLike[] = []
  /** Of each record: which buffer, and where in it. */
  readonly #buffer: number[] = []
  readonly #offset: number[] = []
  readonly #length: number[] = []
  /** Of each device its records, by their place in the stretch. */
  readonly #devices = new Map<string, number[]>()
  #bytes = 0

  /** It begins with this record. */
  constructor(firstIndex: number) {
    this.firstIndex = firstIndex
  }

  /** Of these records, which lie one behind the other. */
  static of(entries: readonly JournalEntry[]): Stretch {
    const stretch = new Stretch(entries[0]?.index ?? 0)
    stretch.add(entries)
    return stretch
  }

  get size(): number {
    return this.#buffer.length
  }

  /** The record behind its last. */
  get next(): number {
    return this.firstIndex + this.size
  }

  get last(): JournalEntry | undefined {
    return this.size === 0 ? undefined : this.#entry(this.size - 1)
  }

  /** Adds the records behind its last. Throws `journal-damaged` at the first that is no envelope. */
  add(entries: readonly JournalEntry[]): void {
    for (const { bytes } of entries) {
      const device = deviceOf(bytes)
      const own = this.#devices.get(device)
      if (own === undefined) this.#devices.set(device, [this.size])
      else own.push(this.size)
      if (this.#buffers.at(-1) !== bytes.buffer) this.#buffers.push(bytes.buffer)
      this.#buffer.push(this.#buffers.length - 1)
      this.#offset.push(bytes.byteOffset)
      this.#length.push(bytes.length)
      this.#bytes += bytes.length
    }
  }

  /** True when it should be taken, with the log durable up to `durableEnd`. */
  isDue(durableEnd: number): boolean {
    const waiting = durableEnd - this.firstIndex
    const enough = Math.min(Math.max(waiting / PART_OF_WAITING, RECORDS_MIN), RECORDS_MAX)
    return this.next >= durableEnd || this.size >= enough || this.#bytes >= BYTES_MAX
  }

  /** True when it is of so many devices that it takes too much of the disk while it is written. */
  async isTooWide(freeBytes: () => Promise<number>): Promise<boolean> {
    const devices = this.#devices.size
    if (devices < DEVICES_MIN) return false
    return devices * LOG_BYTES_PER_DEVICE >= (await freeBytes()) / PART_OF_DISK
  }

  /** Its devices, in the order of their names, as most got their numbers; each with its records in log order. */
  *byDevice(): Generator<readonly [device: string, records: Iterable<JournalEntry>]> {
    for (const device of [...this.#devices.keys()].toSorted()) {
      yield [device, this.#entriesAt(this.#devices.get(device) ?? [])]
    }
  }

  /** The same records in two stretches; of one record the second has none. */
  halves(): readonly [Stretch, Stretch] {
    const all = Array.from({ length: this.size }, (_, at) => this.#entry(at))
    const middle = Math.ceil(all.length / 2)
    return [Stretch.of(all.slice(0, middle)), Stretch.of(all.slice(middle))]
  }

  *#entriesAt(places: readonly number[]): Generator<JournalEntry> {
    for (const at of places) yield this.#entry(at)
  }

  #entry(at: number): JournalEntry {
    const buffer = this.#buffers[this.#buffer[at] ?? 0] ?? new ArrayBuffer(0)
    return {
      index: this.firstIndex + at,
      bytes: new Uint8Array(buffer, this.#offset[at], this.#length[at]),
    }
  }
}
