import { createHash } from 'node:crypto'

/**
 * How the whole can break its word. `lost`: an acknowledged message, or a reading of it, is nowhere. `twice`: it is
 * there more than once. `phantom`: something is there that nobody sent. `unbalanced`: the counters do not add up.
 * `beyond`: a cursor lies where no durable record is. `findings`: judged as it came is not judged all at once. `desk`:
 * an incident is over while a finding of it is open. `stuck`: faults ended and work is still left. `damaged`: the log
 * or the stores refuse to open.
 */
export type WholeBreach =
  | 'lost'
  | 'twice'
  | 'phantom'
  | 'unbalanced'
  | 'beyond'
  | 'findings'
  | 'desk'
  | 'stuck'
  | 'damaged'

/** A promise of the whole that was broken. */
export class WholeBroken extends Error {
  readonly breach: WholeBreach

  constructor(breach: WholeBreach, message: string) {
    super(message)
    this.breach = breach
  }
}

/** Ways to break the whole on purpose; each must be found. */
export const wholeBreaks = [
  'ack-early',
  'skip-held',
  'lose-duplicate-check',
  'deaf-judge',
  'half-stretch',
] as const
/** One of them. */
export type WholeBreak = (typeof wholeBreaks)[number]

/** What one message is known by: who sent what on which topic. */
export function messageKey(device: string, topic: string, payload: Uint8Array): string {
  return `${device} ${topic} ${createHash('sha256').update(payload).digest('hex')}`
}

/** What happened, as a hash: two runs of one seed must have the same. And what the devices were promised. */
export class WholeLedger {
  /** What any device ever handed to the network. */
  readonly sent = new Set<string>()
  /** Which message each acknowledged record must hold, by its index. */
  readonly acknowledged = new Map<number, string>()
  /** Acknowledgements for which no record was durable yet: only a broken gateway sends any. */
  readonly unbacked: string[] = []
  readonly #hash = createHash('sha256')
  events = 0

  /** Takes one event into the trace. */
  note(atMs: number, ...words: readonly (string | number)[]): void {
    this.events += 1
    this.#hash.update(`${atMs} ${words.join(' ')}\n`)
  }

  /** The trace so far, hex. */
  trace(): string {
    return this.#hash.copy().digest('hex').slice(0, 16)
  }
}
