import { type Clock, type Log, reasonOf } from '../domain/index.ts'
import type { Disk } from './disk.ts'

/** Free space is asked for at most this often while little is written... */
export const SPACE_CHECK_MS = 1000
/** ...and at the latest after this much was written: far less than the reserve, so the reserve is never eaten. */
const SPACE_CHECK_BYTES = 16 * 1024 * 1024

/** What must stay free: the smaller of a share of the file system and a number of bytes. */
export interface SpaceReserve {
  readonly share: number
  readonly bytes: number
}

/** Where nobody says otherwise (design section 7). */
export const SPACE_RESERVE: SpaceReserve = { share: 0.05, bytes: 2 * 1024 ** 3 }

/** What must stay free on a file system of this size, bytes. */
export function reservedBytes(totalBytes: number, { share, bytes }: SpaceReserve = SPACE_RESERVE): number {
  return Math.min(share * totalBytes, bytes)
}

/** Free space against what must stay free. */
export interface Space {
  readonly freeBytes: number
  readonly neededBytes: number
}

/** Watches the free space below a log, cheaply enough to be asked before every commit. */
export class SpaceWatch {
  private readonly disk: Disk
  private readonly directory: string
  private readonly clock: Clock
  private readonly log: Log
  private readonly reserve: SpaceReserve
  private checkedAtMs = Number.NEGATIVE_INFINITY
  private writtenBytes = 0

  constructor(disk: Disk, directory: string, clock: Clock, log: Log, reserve: SpaceReserve) {
    this.disk = disk
    this.directory = directory
    this.clock = clock
    this.log = log
    this.reserve = reserve
  }

  /** Notes that the log grew. */
  wrote(bytes: number): void {
    this.writtenBytes += bytes
  }

  /** The space when it is time to look and less than the reserve is free; undefined otherwise. */
  async shortage(): Promise<Space | undefined> {
    const dueMs = this.checkedAtMs + SPACE_CHECK_MS
    if (this.clock.monotonicMs() < dueMs && this.writtenBytes < SPACE_CHECK_BYTES) return undefined
    const space = await this.measure()
    return space !== undefined && space.freeBytes < space.neededBytes ? space : undefined
  }

  /** Asks the disk; undefined when it does not say. */
  async measure(): Promise<Space | undefined> {
    this.checkedAtMs = this.clock.monotonicMs()
    this.writtenBytes = 0
    try {
      const { freeBytes, totalBytes } = await this.disk.space(this.directory)
      return { freeBytes, neededBytes: reservedBytes(totalBytes, this.reserve) }
    } catch (thrown) {
      // Nothing is lost: the writes themselves still say when the disk is full.
      this.log.warn({ path: this.directory, reason: reasonOf(thrown) }, 'free space is unknown')
      return undefined
    }
  }
}
