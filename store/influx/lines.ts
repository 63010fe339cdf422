/** Bytes there is room for at first; a batch of new readings takes about 2 MiB. */
const BYTES_MIN = 16_384
/** What a UTF-16 unit takes at most in UTF-8. */
const BYTES_PER_UNIT = 3
const LINE_BREAK = 0x0a
const encoder = new TextEncoder()

/**
 * The lines of one write, in line protocol: the bytes that are sent, in memory that is used again after `clear`. A
 * string a line would be most of what the busiest thread leaves behind for its garbage collector.
 */
export class Lines {
  #bytes = new Uint8Array(BYTES_MIN)
  /** Where the line break after each line is; only the first `#count` are of now. */
  readonly #ends: number[] = []
  #count = 0
  #length = 0

  /** Of lines. */
  get count(): number {
    return this.#count
  }

  /** Where the next line begins in what `room` answers. */
  get length(): number {
    return this.#length
  }

  /** Memory with so many bytes at least from `length` on, to write a line into; it may be another than before. */
  room(bytes: number): Uint8Array {
    const needed = this.#length + bytes + 1
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
      grown.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = grown
    }
    return this.#bytes
  }

  /** What was written from `length` up to here is one more line. */
  endLine(end: number): void {
    this.#bytes[end] = LINE_BREAK
    this.#ends[this.#count] = end
    this.#count += 1
    this.#length = end + 1
  }

  /** One more line, from its text. */
  add(line: string): void {
    const bytes = this.room(line.length * BYTES_PER_UNIT)
    const { written } = encoder.encodeInto(line, bytes.subarray(this.#length))
    this.endLine(this.#length + written)
  }

  /** Lines [from, to), from < to, as they are sent: the memory itself, for as long as nothing is added or cleared. */
  body(from: number, to: number): Uint8Array<ArrayBuffer> {
    const start = from === 0 ? 0 : this.#end(from - 1) + 1
    return this.#bytes.subarray(start, this.#end(to - 1))
  }

  /** No lines any more; the memory stays. */
  clear(): void {
    this.#count = 0
    this.#length = 0
  }

  #end(at: number): number {
    return this.#ends[at] ?? 0
  }
}
