import type { Configuration } from './config/index.ts'
import { nodeDisk } from './doors/disk.ts'
import { reservedBytes } from '../journal/index.ts'
import { journalReserve } from './journal-reserve.ts'

/** The disk of the data directory, bytes. `reserveBytes` must stay free, or acknowledging stops. */
export interface DiskSpace {
  readonly freeBytes: number
  readonly totalBytes: number
  readonly reserveBytes: number
}

/** The space there is; undefined while the data directory does not exist. */
export async function diskSpace(configuration: Configuration): Promise<DiskSpace | undefined> {
  try {
    const { freeBytes, totalBytes } = await nodeDisk().space(configuration.data_dir)
    const reserveBytes = reservedBytes(totalBytes, journalReserve(configuration).spaceReserve)
    return { freeBytes, totalBytes, reserveBytes }
  } catch {
    // Nothing is lost: a folder that is not there yet is what a first start finds.
    return undefined
  }
}
