import type { JournalOptions } from '../journal/index.ts'
import type { Configuration } from './config/index.ts'

const MIB = 1024 * 1024

/** What must stay free on the disk of a log: as configured, else what the journal itself asks for. */
export function journalReserve(configuration: Configuration): Pick<JournalOptions, 'spaceReserve'> {
  const { journal_free_mib: freeMib } = configuration
  return freeMib === undefined ? {} : { spaceReserve: { share: 1, bytes: freeMib * MIB } }
}
