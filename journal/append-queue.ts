import type { Waiter } from '../domain/index.ts'
import { FRAME_PAYLOAD_BYTES_MAX, putRecord, RECORD_PREFIX_BYTES } from './format.ts'

/** What one commit makes durable. */
export interface Batch {
  /** Who waits for its records, in their order. */
  readonly waiters: readonly Waiter[]
  /** The payload of its frame; valid until the next append. */
  readonly payload: Uint8Array
  /** Where the bytes of its last record begin in it. */
  readonly lastAt: number
}

/** Records that wait, one behind the other from `start` to `end`: the payload of a frame. */
interface Block {
  readonly bytes: Uint8Array
  start: number
  end: number
}

/**
 * Appends that wait for the next commit, first come, first served. Their bytes are copied together, as they will stand
 * in a frame: of a record that waits nothing is left for the collector of garbage to carry along but its waiter. Sizes
 * are counted as they will be in a frame.
 */
export class AppendQueue {
  private readonly recordsMax: number
  private readonly bytesMax: number
  private waiters: Waiter[] = []
  /** At least one, the first one filled first. */
  private blocks: Block[] = [newBlock()]
  private bytes = 0

  constructor(recordsMax: number, bytesMax: number) {
    this.recordsMax = recordsMax
    this.bytesMax = bytesMax
  }

  get empty(): boolean {
    return this.waiters.length === 0
  }

  /** True when a record of this size may join. */
  hasRoomFor(record: Uint8Array): boolean {
    return this.waiters.length < this.recordsMax && this.bytes + framed(record) <= this.bytesMax
  }

  push(record: Uint8Array, waiter: Waiter): void {
    const size = framed(record)
    let block = this.blocks.at(-1)
    if (block === undefined || block.end + size > block.bytes.length) this.blocks.push((block = newBlock()))
    block.end = putRecord(block.bytes, block.end, record)
    this.bytes += size
    this.waiters.push(waiter)
  }

  /** Takes up to `recordsMax` from the front that fit into one frame, at least one; something MUST wait. */
  take(recordsMax: number): Batch {
    const block = this.blocks[0] ?? newBlock()
    const { bytes, start } = block
    let count = 0
    let lastAt = start
    let end = start
    do {
      lastAt = end + RECORD_PREFIX_BYTES
      end = lastAt + (((bytes[end] ?? 0) << 8) | (bytes[end + 1] ?? 0))
      count += 1
    } while (end < block.end && count < recordsMax)
    this.bytes -= end - start
    block.start = end
    if (end === block.end) this.leave(block)
    return { waiters: this.takeWaiters(count), payload: bytes.subarray(start, end), lastAt: lastAt - start }
  }

  /** Takes all who wait; their records are forgotten. */
  takeAll(): readonly Waiter[] {
    this.bytes = 0
    this.blocks = [newBlock()]
    return this.takeWaiters(this.waiters.length)
  }

  /** The last block is filled anew from its beginning; those that a slow disk made necessary go. */
  private leave(block: Block): void {
    block.start = 0
    block.end = 0
    if (this.blocks.length > 1) this.blocks.shift()
  }

  private takeWaiters(count: number): readonly Waiter[] {
    if (count < this.waiters.length) return this.waiters.splice(0, count)
    const all = this.waiters
    this.waiters = []
    return all
  }
}

/** Memory that nobody has written to takes none. */
function newBlock(): Block {
  return { bytes: new Uint8Array(FRAME_PAYLOAD_BYTES_MAX), start: 0, end: 0 }
}

function framed(record: Uint8Array): number {
  return RECORD_PREFIX_BYTES + record.length
}
