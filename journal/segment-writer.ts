import { join } from 'node:path'
import type { Random } from '../domain/index.ts'
import { closeQuietly } from './close.ts'
import type { Disk, DiskFile } from './disk.ts'
import {
  encodeSegmentHeader,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_BYTES_MAX,
  SALT_BYTES,
  sealFrame,
  SEGMENT_HEADER_BYTES,
  type Seed,
  seedOf,
  segmentName,
} from './format.ts'
import { codeOf, journalFull } from './problems.ts'
import type { Tail } from './recovery.ts'

/** What the disk says when it, or our share of it, is full. */
const FULL_CODES: readonly (string | undefined)[] = ['ENOSPC', 'EDQUOT']

/**
 * The segment that takes records. Every method either leaves the file durable, or throws: a
 * `Problem('journal-full')` when the disk is full and the file is back at its last durable end, so that the
 * next try may succeed; anything else means that the state of the file is unknown and the writer MUST NOT be
 * used again (after a failed sync the kernel may have dropped the bytes and call them clean).
 */
export class SegmentWriter {
  readonly firstIndex: number
  /** Bytes that are durable. */
  end: number
  /** True when the last frame is a confirmation. */
  confirmed: boolean
  private readonly file: DiskFile
  private readonly seed: Seed
  private readonly path: string
  private readonly frame = new Uint8Array(FRAME_HEADER_BYTES + FRAME_PAYLOAD_BYTES_MAX)

  private constructor(file: DiskFile, path: string, tail: Tail) {
    this.file = file
    this.path = path
    this.firstIndex = tail.firstIndex
    this.seed = tail.seed
    this.end = tail.end
    this.confirmed = tail.confirmed
  }

  /** Opens the recovered end of a log. Rejects with the disk's error. */
  static async resume(disk: Disk, directory: string, tail: Tail): Promise<SegmentWriter> {
    const path = join(directory, segmentName(tail.firstIndex))
    return new SegmentWriter(await disk.open(path, 'write'), path, tail)
  }

  /**
   * Begins a segment. Header and directory entry are durable before the first frame is written: a file with
   * frames behind a broken header is therefore always damage, never an interrupted start.
   */
  static async create(
    disk: Disk,
    directory: string,
    firstIndex: number,
    random: Random,
  ): Promise<SegmentWriter> {
    const path = join(directory, segmentName(firstIndex))
    const header = encodeSegmentHeader(firstIndex, random.bytes(SALT_BYTES))
    const file = await refusingFull(path, () => disk.open(path, 'create'))
    try {
      await refusingFull(
        path,
        () => file.write(header, 0),
        async () => {
          await disk.remove(path)
          await disk.syncDirectory(directory)
        },
      )
      await file.sync()
      await disk.syncDirectory(directory)
    } catch (thrown) {
      await closeQuietly(file)
      throw thrown
    }
    const tail = { firstIndex, seed: seedOf(header), end: SEGMENT_HEADER_BYTES, confirmed: true }
    return new SegmentWriter(file, path, tail)
  }

  /**
   * Makes one frame of `count` records durable; without records it is a confirmation. Returns its length. The payload
   * is copied before this returns its promise.
   */
  async commit(firstIndex: number, payload: Uint8Array, count: number): Promise<number> {
    this.frame.set(payload, FRAME_HEADER_BYTES)
    const place = { firstIndex, confirmedEnd: this.end, count }
    const bytes = sealFrame(this.frame, FRAME_HEADER_BYTES + payload.length, this.seed, place)
    await refusingFull(
      this.path,
      () => this.file.write(this.frame.subarray(0, bytes), this.end),
      async () => {
        await this.file.truncate(this.end)
        await this.file.sync()
      },
    )
    await this.file.sync()
    this.end += bytes
    this.confirmed = count === 0
    return bytes
  }

  /** Lets go of the file; what was committed is durable already. */
  async close(): Promise<void> {
    await closeQuietly(this.file)
  }
}

/** Runs `write`; when the disk is full, runs `undo` and throws `Problem('journal-full')`. */
async function refusingFull<T>(
  path: string,
  write: () => Promise<T>,
  undo?: () => Promise<void>,
): Promise<T> {
  try {
    return await write()
  } catch (thrown) {
    if (!FULL_CODES.includes(codeOf(thrown))) throw thrown
    await undo?.()
    throw journalFull(`The disk took no more bytes for ${path}`, thrown)
  }
}
