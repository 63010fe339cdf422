import type { Waiter } from '../domain/index.ts'
import { RECORD_PREFIX_BYTES } from './format.ts'

/** An append nobody has answered yet. */
export interface Waiting {
  readonly bytes: Uint8Array
  readonly waiter: Waiter
}

/** Appends that wait for the next commit, first come, first served. Sizes are counted as they will be in a frame. */
export class AppendQueue {
  private readonly recordsMax: number
  private readonly bytesMax: number
  private waiting: Waiting[] = []
  private bytes = 0

  constructor(recordsMax: number, bytesMax: number) {
    this.recordsMax = recordsMax
    this.bytesMax = bytesMax
  }

  get empty(): boolean {
    return this.waiting.length === 0
  }

  /** True when a record of this size may join. */
  hasRoomFor(bytes: Uint8Array): boolean {
    return this.waiting.length < this.recordsMax && this.bytes + framed(bytes) <= this.bytesMax
  }

  push(waiting: Waiting): void {
    this.waiting.push(waiting)
    this.bytes += framed(waiting.bytes)
  }

  /** Takes from the front as many as fit both limits, at least one. */
  take(recordsMax: number, bytesMax: number): readonly Waiting[] {
    let bytes = 0
    let count = 0
    for (const each of this.waiting) {
      const size = framed(each.bytes)
      if (count > 0 && (count >= recordsMax || bytes + size > bytesMax)) break
      bytes += size
      count += 1
    }
    this.bytes -= bytes
    return this.waiting.splice(0, count)
  }

  /** Takes everything. */
  takeAll(): readonly Waiting[] {
    this.bytes = 0
    return this.waiting.splice(0)
  }
}

function framed(bytes: Uint8Array): number {
  return RECORD_PREFIX_BYTES + bytes.length
}
