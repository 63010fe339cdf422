import type { JournalEntry } from '../../journal/index.ts'
import type { SeededRandom } from '../support/seeded-random.ts'

/**
 * How a promise can be broken. `lost`: an acknowledged or followed record is gone, changed or in another place.
 * `phantom`: there is a record that nobody appended. `damaged`: the log refuses to open or to be followed.
 * `misused`: a descriptor was used after its sync had failed.
 */
export type Breach = 'lost' | 'phantom' | 'damaged' | 'misused'

/** A broken promise; `count` = how many records it is about. */
export class BrokenPromise extends Error {
  readonly breach: Breach
  readonly count: number

  constructor(breach: Breach, message: string, count = 1) {
    super(message)
    this.breach = breach
    this.count = count
  }
}

/** What a log has promised so far, kept independently of it. Throws a `BrokenPromise` at the first that is broken. */
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

  /** The same promises, to be gone on from in another way; `random` is its own. */
  copy(random: SeededRandom): PowerCutModel {
    const copy = new PowerCutModel(random)
    copy.acknowledged = this.acknowledged
    copy.promised = [...this.promised]
    copy.attempts = [...this.attempts]
    copy.counter = this.counter
    return copy
  }

  /** Records that must be there. */
  get promisedCount(): number {
    return this.promised.length
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
    const lost = [...this.promised.entries()].filter(([index, bytes]) => {
      const there = found[index]
      return bytes === undefined || there === undefined || !equal(there, bytes)
    })
    if (lost.length > 0) {
      const [first = 0] = lost[0] ?? []
      const what = this.promised[first] === undefined ? 'skipped' : first < found.length ? 'changed' : 'gone'
      const message = `record ${first} of ${this.promised.length} promised is ${what}`
      throw new BrokenPromise('lost', message, lost.length)
    }
    let at = 0
    for (const [index, bytes] of found.entries()) {
      if (index < this.promised.length) continue
      at = this.attempts.findIndex((attempt, place) => place >= at && equal(attempt, bytes)) + 1
      if (at > 0) continue
      throw new BrokenPromise('phantom', `record ${index} was never appended, or not in this order`)
    }
    const newest = found.at(-1)
    if (newest === undefined ? last !== undefined : last === undefined || !equal(newest, last)) {
      throw new BrokenPromise('lost', 'last() is not the last record')
    }
    this.promised = [...found]
    this.attempts = []
  }

  private promise(index: number, bytes: Uint8Array, how: string): void {
    const before = this.promised[index]
    if (before !== undefined && !equal(before, bytes)) {
      throw new BrokenPromise('lost', `record ${index} was ${how} with other bytes`)
    }
    while (this.promised.length < index) this.promised.push(undefined)
    this.promised[index] = bytes
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0
}
