import { join } from 'node:path'
import type { Sight } from './decision.ts'
import { closeQuietly } from './close.ts'
import type { Disk, DiskFile } from './disk.ts'
import {
  decodeFrameHeader,
  decodePayload,
  FRAME_HEADER_BYTES,
  FRAME_MAGIC,
  type FrameHeader,
  type HeaderState,
  judgeSegmentHeader,
  SEGMENT_HEADER_BYTES,
  type Seed,
  seedOf,
  segmentName,
  startsWith,
} from './format.ts'

/** Read at a time: large enough that small frames cost no system call each, small enough to keep one per follower. */
const WINDOW_BYTES = 256 * 1024

/**
 * What a look does with a frame's payload. `skim`: neither read nor checked, enough to step over records nobody asked
 * for. `view`: its records are views that the next look overwrites. `copy`: they are views into one copy of it, which
 * costs less than a copy of each.
 */
export type PayloadUse = 'skim' | 'view' | 'copy'

/** What lies at one place of a segment. */
export interface Look {
  readonly sight: Sight
  /** The frame's header, when it holds. */
  readonly header?: FrameHeader
  readonly records?: readonly Uint8Array[]
}

/** Reads one segment file and says what it sees; what to do about it is decided by the table in `decision.ts`. */
export class SegmentReader {
  readonly firstIndex: number
  readonly headerState: HeaderState
  readonly seed: Seed
  private readonly file: DiskFile
  private buffer = new Uint8Array(WINDOW_BYTES)
  /** The part of the file in `buffer`: `windowBytes` bytes from `windowStart`. */
  private windowStart = 0
  private windowBytes = 0

  private constructor(file: DiskFile, firstIndex: number, headerState: HeaderState, seed: Seed) {
    this.file = file
    this.firstIndex = firstIndex
    this.headerState = headerState
    this.seed = seed
  }

  /** Opens the segment and judges its header. Rejects with the disk's error. */
  static async open(disk: Disk, directory: string, firstIndex: number): Promise<SegmentReader> {
    const file = await disk.open(join(directory, segmentName(firstIndex)), 'read')
    try {
      const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
      const count = await file.read(bytes, 0)
      const header = bytes.subarray(0, count)
      const state = judgeSegmentHeader(header, await file.size(), firstIndex)
      return new SegmentReader(file, firstIndex, state, seedOf(header))
    } catch (thrown) {
      await closeQuietly(file)
      throw thrown
    }
  }

  /** Says what lies at `offset`, where the frame with record `index` should begin. */
  async look(offset: number, index: number, use: PayloadUse = 'view'): Promise<Look> {
    const bytes = await this.bytesAt(offset, FRAME_HEADER_BYTES)
    if (bytes.length === 0) return { sight: offset === SEGMENT_HEADER_BYTES ? 'nothing' : 'end' }
    if (bytes.every((byte) => byte === 0)) return { sight: 'zeros' }
    if (bytes.length < FRAME_HEADER_BYTES) return { sight: 'torn header' }
    if (!startsWith(bytes, FRAME_MAGIC)) return { sight: 'foreign bytes' }
    const header = decodeFrameHeader(bytes, this.seed)
    if (header === undefined) return { sight: 'bad header' }
    const first = offset === SEGMENT_HEADER_BYTES
    if (header.firstIndex !== index || header.confirmedEnd !== offset || (first && header.count === 0)) {
      return { sight: 'misplaced frame', header }
    }
    const sight = header.count === 0 ? 'confirmation' : 'records'
    if (use === 'skim') return { sight, header }
    const payloadBytes = await this.bytesAt(offset + FRAME_HEADER_BYTES, header.payloadBytes)
    if (payloadBytes.length < header.payloadBytes) return { sight: 'torn payload', header }
    const payload = use === 'copy' ? payloadBytes.slice() : payloadBytes
    const records = decodePayload(payload, header, this.seed)
    return records === undefined ? { sight: 'bad payload', header } : { sight, header, records }
  }

  /**
   * Looks, byte by byte from `offset` on, for a frame header that holds and says that everything before it is
   * durable. The salt in the seed keeps a record's payload from imitating one.
   */
  async isConfirmedFrom(offset: number): Promise<boolean> {
    for (let at = offset; ; ) {
      const bytes = await this.bytesAt(at, WINDOW_BYTES)
      if (bytes.length < FRAME_HEADER_BYTES) return false
      const searchable = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      const last = bytes.length - FRAME_HEADER_BYTES
      for (let hit = searchable.indexOf(FRAME_MAGIC); hit !== -1 && hit <= last; ) {
        const header = decodeFrameHeader(bytes.subarray(hit, hit + FRAME_HEADER_BYTES), this.seed)
        if (header !== undefined && header.confirmedEnd === at + hit) return true
        hit = searchable.indexOf(FRAME_MAGIC, hit + 1)
      }
      at += last + 1
    }
  }

  /** A copy of `count` bytes from `offset`; fewer at the end of the file. */
  async copy(offset: number, count: number): Promise<Uint8Array> {
    return (await this.bytesAt(offset, count)).slice()
  }

  /** Forgets what was read ahead: it may be about to change. */
  forget(): void {
    this.windowBytes = 0
  }

  async close(): Promise<void> {
    await closeQuietly(this.file)
  }

  /** A view of `count` bytes from `offset`, fewer at the end of the file; valid until the next call. */
  private async bytesAt(offset: number, count: number): Promise<Uint8Array> {
    const windowEnd = this.windowStart + this.windowBytes
    if (offset < this.windowStart || offset + count > windowEnd) {
      // what was read already is kept: a large frame would otherwise be read once for its header and again
      const from = offset < this.windowStart ? windowEnd : Math.min(offset, windowEnd)
      const kept = this.buffer.subarray(from - this.windowStart, this.windowBytes)
      if (count <= this.buffer.length) this.buffer.set(kept)
      else this.buffer = grown(kept, count + WINDOW_BYTES)
      this.windowStart = offset
      this.windowBytes = 0
      const more = await this.file.read(this.buffer.subarray(kept.length), offset + kept.length)
      this.windowBytes = kept.length + more
    }
    const start = offset - this.windowStart
    return this.buffer.subarray(start, Math.min(start + count, this.windowBytes))
  }
}

/** A list of so many bytes that begins with these. */
function grown(bytes: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const longer = new Uint8Array(length)
  longer.set(bytes)
  return longer
}
