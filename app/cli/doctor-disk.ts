import type { Configuration } from '../config/index.ts'
import { diskSpace } from '../disk-space.ts'
import type { Finding } from './doctor-finding.ts'

const MIB = 1024 * 1024

/** Whether there is room for what comes next. */
export async function diskFinding(configuration: Configuration): Promise<Finding> {
  const check = 'disk'
  const root = configuration.data_dir
  const space = await diskSpace(configuration)
  if (space === undefined) {
    const remedy = 'It is made by the first start.'
    return { check, state: 'note', found: `${root} does not exist yet`, remedy }
  }
  const { freeBytes, totalBytes, reserveBytes } = space
  const inMiB = (bytes: number): number => Math.floor(bytes / MIB)
  const free = `${inMiB(freeBytes)} MiB free of ${inMiB(totalBytes)}`
  const found = `${free}; acknowledging stops below ${inMiB(reserveBytes)}`
  return freeBytes > reserveBytes
    ? { check, state: 'ok', found }
    : { check, state: 'bad', found, remedy: `Free space on the disk of ${root}.` }
}
