import type { Configuration } from '../config/index.ts'
import { type Memory, memory, residentBytes } from '../doors/machine.ts'
import type { Finding } from './doctor-finding.ts'
import { holdersOf } from './doctor-holders.ts'

const MIB = 1024 * 1024
/** A report over a year of a city and a rebuild each take some hundred MiB for a while. */
const AVAILABLE_MIB_ENOUGH = 512
/** Below it the system is about to end a program, and chooses the largest. */
const AVAILABLE_MIB_FEW = 128

/** How much memory is left, and what the running Isotherm has of it. */
export async function memoryFinding(configuration: Configuration): Promise<Finding> {
  const own = await Promise.all((holdersOf(configuration) ?? []).map(residentBytes))
  const bytes = own.filter((each) => each !== undefined).reduce((sum, each) => sum + each, 0)
  return memoryFindingOf(memory(), bytes)
}

/** The finding of what was measured; `ownBytes` 0 when nothing runs or nobody can tell. */
export function memoryFindingOf({ totalBytes, availableBytes }: Memory, ownBytes: number): Finding {
  const check = 'memory'
  const inMib = (bytes: number): number => Math.floor(bytes / MIB)
  const own = ownBytes === 0 ? '' : `; Isotherm has ${inMib(ownBytes)} MiB`
  const found = `${inMib(availableBytes)} MiB available of ${inMib(totalBytes)}${own}`
  const available = availableBytes / MIB
  if (available >= AVAILABLE_MIB_ENOUGH) return { check, state: 'ok', found }
  const remedy = 'Give the machine or the container more memory, or stop other programs on it.'
  return { check, state: available >= AVAILABLE_MIB_FEW ? 'note' : 'bad', found, remedy }
}
