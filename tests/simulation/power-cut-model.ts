import type { JournalEntry } from '../../journal/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'

/**
 * What a log has promised so far, kept independently of it. Throws at the first broken promise: an acknowledged
 * or followed record that is gone, changed or in another place, or a record that nobody appended.
 */
export class PowerCutModel {
  /** Records that were acknowledged over all lives. */
  acknowledged = 0
  private readonly random: SeededRandom
  /** By index: what was acknowledged, followed, or found after a recovery. May have holes while a process lives. */
  private promised: (Uint8Array | undefined)[] = []
  /** Appended since the last recovery, in order. */
  private attempts: Uint8Array[] = []
  private counter = 0

  constructor(random: SeededRandom) {
    this.random = random
  }

  /** A record nobody appended before: its number, then random bytes, now and then looking like a frame. */
  attempt(): Uint8Array {
    this.counter += 1
    const number = new TextEncoder().encode(`${this.random.oneIn(9) ? 'IFRM' : ''}${this.counter}:`)
    const filler = this.random.bytes(this.random.below(this.random.oneIn(50) ? 3000 : 40))
    const bytes = Buffer.concat([number, filler])
    this.attempts.push(bytes)
    return bytes
  }

  acknowledge(index: number, bytes: Uint8Array): void {
    this.promise(index, bytes, 'acknowledged')
    this.acknowledged += 1
  }

  followed(entry: JournalEntry): void {
    this.promise(entry.index, entry.bytes, 'followed')
  }

  /** Compares what a recovery found with all promises; from here on, it is promised too. */
  recovered(found: readonly Uint8Array[], last: Uint8Array | undefined): void {
    for (const [index, bytes] of this.promised.entries()) {
      if (bytes === undefined)
        throw new Error(`record ${index} was skipped although a later one was promised`)
      const there = found[index]
      if (there === undefined) throw new Error(`record ${index} of ${this.promised.length} promised is gone`)
      if (!equal(there, bytes)) throw new Error(`record ${index} has other bytes than promised`)
    }
    let at = 0
    for (const [index, bytes] of found.entries()) {
      if (index < this.promised.length) continue
      at = this.attempts.findIndex((attempt, place) => place >= at && equal(attempt, bytes)) + 1
      if (at === 0) throw new Error(`record ${index} was never appended, or not in this order`)
    }
    const newest = found.at(-1)
    if (newest === undefined ? last !== undefined : last === undefined || !equal(newest, last)) {
      throw new Error('last() is not the last record')
    }
    this.promised = [...found]
    this.attempts = []
  }

  /** Fails when something went wrong elsewhere. */
  refuse(violation: string | undefined): void {
    if (violation !== undefined) throw new Error(violation)
  }

  private promise(index: number, bytes: Uint8Array, how: string): void {
    const before = this.promised[index]
    if (before !== undefined && !equal(before, bytes))
      throw new Error(`record ${index} was ${how} with other bytes`)
    while (this.promised.length < index) this.promised.push(undefined)
    this.promised[index] = bytes
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
