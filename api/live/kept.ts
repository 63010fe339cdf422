/** Bytes of snapshots that may wait for readers. */
const BYTES_MAX = 256 * 1024 * 1024

/**
 * The snapshots that slow readers have not taken yet. Who see the same share one until something changes, so readers
 * that fall behind one after the other come to hold one each; here is what that may cost.
 */
export class KeptSnapshots {
  readonly #bytesMax: number
  /** The oldest first. */
  #kept: Uint8Array[] = []

  constructor(bytesMax = BYTES_MAX) {
    this.#bytesMax = bytesMax
  }

  /** Keeps one more, and answers those that must be given up for it: of those still held, the oldest. */
  add(made: Uint8Array, isHeld: (snapshot: Uint8Array) => boolean): readonly Uint8Array[] {
    const all = [...this.#kept.filter(isHeld), made]
    let bytes = all.reduce((sum, { length }) => sum + length, 0)
    let from = 0
    // the new one is written whatever it takes: without it there is no stream
    for (const { length } of all.slice(0, -1)) {
      if (bytes <= this.#bytesMax) break
      bytes -= length
      from += 1
    }
    this.#kept = all.slice(from)
    return all.slice(0, from)
  }
}
