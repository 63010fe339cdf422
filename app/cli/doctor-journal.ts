import { instantText, Problem, reasonOf } from '../../domain/index.ts'
import { type Beginning, beginningOf } from '../../journal/index.ts'
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
    return findingsOf(await beginningOf(nodeDisk(), directory), directory)
  } catch (thrown) {
    // Nothing is lost: a folder that is not there yet is what a first start finds.
    if (isCode(thrown, 'ENOENT')) return []
    const remedy =
      thrown instanceof Problem ? thrown.remedy : `Check the disk and the rights on ${directory}.`
    return [{ check, state: 'bad', found: reasonOf(thrown), remedy }]
  }
}

function findingsOf({ firstRecord, note, decision }: Beginning, directory: string): readonly Finding[] {
  const check = 'journal'
  const first = firstRecord ?? 0
  if (first === 0) return []
  if (note !== undefined && decision !== 'go on, missing') {
    const received = `received until ${instantText(note.receivedUntilMs)}`
    const removed = `removed on ${instantText(note.trimmedAtMs)} by act ${note.act}`
    return [
      {
        check,
        state: 'ok',
        found: `begins with record ${first}; those before, ${received}, were ${removed}`,
      },
    ]
  }
  const from = note?.firstKept ?? 0
  const found = `begins with record ${first}; the ${first - from} before it are not in ${directory}`
  const remedy =
    'Keep their segments where they were shipped to; a rebuild needs them put back. If nobody shipped them, put them back from a backup.'
  return [{ check, state: 'note', found, remedy }]
}
