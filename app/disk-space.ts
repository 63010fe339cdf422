import type { Configuration } from './config/index.ts'
import { nodeDisk } from './doors/disk.ts'

const MIB = 1024 * 1024

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
    const reserveMib = configuration.journal_free_mib ?? Math.min(2048, (totalBytes / MIB) * 0.05)
    return { freeBytes, totalBytes, reserveBytes: reserveMib * MIB }
  } catch {
    // Nothing is lost: a folder that is not there yet is what a first start finds.
    return undefined
  }
}
