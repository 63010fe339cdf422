import { reasonOf } from '../../domain/index.ts'
import { firstRecordOf } from '../../journal/index.ts'
import type { Configuration } from '../config/index.ts'
import { nodeDisk } from '../doors/disk.ts'
import { isCode } from '../doors/files.ts'
import { dataLayout } from '../layout.ts'
import type { Finding } from './doctor-finding.ts'

/** Says with which record the journal begins when older segments are not here; nothing when all are. */
export async function journalFindings(configuration: Configuration): Promise<readonly Finding[]> {
  const directory = dataLayout(configuration.data_dir).journal
  const check = 'journal'
  try {
    const first = (await firstRecordOf(nodeDisk(), directory)) ?? 0
    if (first === 0) return []
    const found = `begins with record ${first}; the ${first} before it are not in ${directory}`
    const remedy =
      'Keep their segments where they were shipped to; a rebuild needs them put back. If nobody shipped them, put them back from a backup.'
    return [{ check, state: 'note', found, remedy }]
  } catch (thrown) {
    // Nothing is lost: a folder that is not there yet is what a first start finds.
    if (isCode(thrown, 'ENOENT')) return []
    const remedy = `Check the disk and the rights on ${directory}.`
    return [{ check, state: 'bad', found: reasonOf(thrown), remedy }]
  }
}
