import type { SeededRandom } from './seeded-random.ts'

/** What a disk writes whole or not at all. Everything real journals rely on, too. */
const SECTOR_BYTES = 512

/** A change to a file that no sync has covered yet. */
type Effect =
  | { readonly kind: 'write'; readonly position: number; readonly bytes: Uint8Array }
  | { readonly kind: 'truncate'; readonly length: number }

/** Bytes that grow as needed; a gap reads as zeros. */
class Content {
  private bytes: Uint8Array
  length: number

  constructor(from: Uint8Array = new Uint8Array(0)) {
    this.bytes = from.slice()
    this.length = from.length
  }

  view(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }

  write(bytes: Uint8Array, position: number): void {
    this.extend(position + bytes.length)
    this.bytes.set(bytes, position)
  }

  extend(length: number): void {
    if (length > this.bytes.length) {
      const larger = new Uint8Array(length * 2)
      larger.set(this.view())
      this.bytes = larger
    }
    this.length = Math.max(this.length, length)
  }

  truncate(length: number): void {
    this.extend(length)
    this.bytes.fill(0, length, this.length)
    this.length = length
  }
}

/** One file: what the page cache shows, what the disk holds, and what lies between the two. */
export class SimulatedInode {
  readonly cached: Content
  private readonly durable: Content
  private effects: Effect[] = []

  constructor(bytes?: Uint8Array) {
    this.cached = new Content(bytes)
    this.durable = new Content(bytes)
  }

  /** The same file, to be gone on with apart. */
  copy(): SimulatedInode {
    const copy = new SimulatedInode()
    copy.cached.write(this.cached.view(), 0)
    copy.durable.write(this.durable.view(), 0)
    copy.effects = [...this.effects]
    return copy
  }

  write(bytes: Uint8Array, position: number): void {
    this.cached.write(bytes, position)
    this.effects.push({ kind: 'write', position, bytes: bytes.slice() })
  }

  truncate(length: number): void {
    this.cached.truncate(length)
    this.effects.push({ kind: 'truncate', length })
  }

  sync(): void {
    for (const effect of this.effects) apply(this.durable, effect)
    this.effects = []
  }

  /**
   * A sync that fails: some effects may have reached the disk, and the page cache, which still shows all of
   * them, will not try the others again.
   */
  failSync(random: SeededRandom): void {
    for (const effect of this.effects) applyByChance(this.durable, effect, random)
    this.effects = []
  }

  /** The file after a power cut: each effect was kept, lost or torn. */
  afterPowerCut(random: SeededRandom): SimulatedInode {
    const survivor = new Content(this.durable.view())
    for (const effect of this.effects) applyByChance(survivor, effect, random)
    return new SimulatedInode(survivor.view())
  }
}

function apply(content: Content, effect: Effect): void {
  if (effect.kind === 'write') content.write(effect.bytes, effect.position)
  else content.truncate(effect.length)
}

/**
 * Effects are taken in order, each one or not at all or torn, so any subset can survive: that is what
 * reordering before a power cut looks like. A torn or lost write may still have grown the file, with zeros.
 */
function applyByChance(content: Content, effect: Effect, random: SeededRandom): void {
  const fate = random.below(3)
  if (fate === 0) {
    apply(content, effect)
    return
  }
  if (effect.kind === 'truncate') return
  const end = effect.position + effect.bytes.length
  if (random.oneIn(3)) content.extend(end)
  if (fate === 1) return
  const wholePrefix = random.oneIn(2)
  for (let at = effect.position; at < end; ) {
    const next = Math.min(end, at - (at % SECTOR_BYTES) + SECTOR_BYTES)
    if (random.oneIn(2)) {
      content.write(effect.bytes.subarray(at - effect.position, next - effect.position), at)
    } else if (wholePrefix) {
      return
    }
    at = next
  }
}

/** A system error as Node throws them. */
export function diskError(code: string, where: string): Error {
  return Object.assign(new Error(`${code}: ${where}`), { code })
}
