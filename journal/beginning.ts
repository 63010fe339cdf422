import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type Log, Problem, recordText } from '../domain/index.ts'
import { Catalogue } from './catalogue.ts'
import type { Disk } from './disk.ts'
import { recordGone, recordTrimmed } from './problems.ts'
import { type FoundNote, readTrimNote, TRIM_NOTE_NAME, type TrimNote } from './trim-note.ts'

/** Every state the note of what was removed can be in. */
export const noteStates = [
  'none',
  'good',
  'bad',
  'unknown version',
] as const satisfies readonly FoundNote['state'][]

/**
 * How the segments lie to the first record kept (0 without a note). `nothing`: there are none. `all before`: the newest
 * too begins before it. `before`, `at`, `behind`: where the oldest begins.
 */
export const oldests = ['nothing', 'all before', 'before', 'at', 'behind'] as const
/** One of them; see `oldests`. */
export type Oldest = (typeof oldests)[number]

/** What to do about the begin of a log. With `go on, missing` it is told that records are missing. */
export type BeginDecision = 'go on' | 'go on, trimmed' | 'go on, missing' | 'report damage' | 'refuse version'

/** One row: it matches when each of its lists has the value; a list left out has all. */
export interface BeginRow {
  readonly note: readonly FoundNote['state'][]
  readonly oldest?: readonly Oldest[]
  readonly decision: BeginDecision
  readonly why: string
}

/** The decision table of the begin of a log: exactly one row matches (a test walks through all that can be). */
export const beginRows: readonly BeginRow[] = [
  {
    note: ['none'],
    oldest: ['nothing', 'at'],
    decision: 'go on',
    why: 'the log begins with its first record, or has none yet',
  },
  {
    note: ['none'],
    oldest: ['behind'],
    decision: 'go on, missing',
    why: 'nothing says that the segments before were removed on purpose',
  },
  {
    note: ['good'],
    oldest: ['at'],
    decision: 'go on, trimmed',
    why: 'what the note says was removed is not there',
  },
  {
    note: ['good'],
    oldest: ['before'],
    decision: 'go on',
    why: 'a removal was interrupted, or segments were put back: what is there can be read',
  },
  {
    note: ['good'],
    oldest: ['behind'],
    decision: 'go on, missing',
    why: 'more is missing than the note says was removed',
  },
  {
    note: ['good'],
    oldest: ['nothing', 'all before'],
    decision: 'report damage',
    why: 'the segments it says were kept are not there, and the newest is never removed',
  },
  {
    note: ['bad'],
    decision: 'report damage',
    why: 'it is put in its place whole and synced, so it was whole once',
  },
  {
    note: ['unknown version'],
    decision: 'refuse version',
    why: 'it is of a version this program does not read',
  },
]

/** Where a log begins. */
export interface Beginning {
  /** Index of the first record that is here; undefined without segments. */
  readonly firstRecord: number | undefined
  /** What was removed on purpose. */
  readonly note: TrimNote | undefined
  readonly decision: BeginDecision
}

/** Looks where a log begins and what its note says. Throws as `requireSoundBeginning` does. */
export async function beginningOf(disk: Disk, directory: string): Promise<Beginning> {
  const catalogue = new Catalogue(disk, directory)
  await catalogue.load()
  return requireSoundBeginning(disk, catalogue)
}

/**
 * Holds the begin of a log against the table. Throws `Problem('journal-damaged' | 'data-directory-version')`, or the
 * disk's error.
 */
export async function requireSoundBeginning(disk: Disk, catalogue: Catalogue): Promise<Beginning> {
  const { directory, firstIndex } = catalogue
  const found = await noteBeside(disk, catalogue)
  const note = noteOf(found)
  const row = decideBeginning(found.state, oldestOf(catalogue, note?.firstKept ?? 0))
  if (row.decision === 'report damage' || row.decision === 'refuse version') throw refusal(directory, row)
  return { firstRecord: firstIndex, note, decision: row.decision }
}

/** The same for a log that is being opened; tells when it begins later than with its first record. */
export async function openBeginning(disk: Disk, catalogue: Catalogue, log: Log, name: string): Promise<void> {
  const { directory: path } = catalogue
  const { firstRecord = 0, decision } = await requireSoundBeginning(disk, catalogue)
  const record = recordText(firstRecord, name)
  if (decision === 'go on, missing') {
    log.warn({ path, record }, 'the journal does not have the records before this one')
  } else if (decision === 'go on, trimmed') {
    log.info({ path, record }, 'the journal was trimmed to this record')
  }
}

/**
 * Why a record that lies before the first one here is not: removed, or missing. A note that says nothing clear is none.
 * Rejects with the disk's error.
 */
export async function whyGone(disk: Disk, catalogue: Catalogue, index: number): Promise<Problem> {
  const { directory, firstIndex = 0 } = catalogue
  const found = await noteBeside(disk, catalogue)
  if (found.state === 'good' && index < found.note.firstKept) {
    return recordTrimmed(directory, index, firstIndex, found.note)
  }
  return recordGone(directory, index, firstIndex)
}

/** The row for a begin. */
export function decideBeginning(note: FoundNote['state'], oldest: Oldest): BeginRow {
  const row = beginRows.find((each) => matchesBeginning(each, note, oldest))
  assert.ok(row !== undefined, `no row for a note that is ${note} and segments ${oldest}`)
  return row
}

/** True when the row is about this begin. */
export function matchesBeginning(row: BeginRow, note: FoundNote['state'], oldest: Oldest): boolean {
  return row.note.includes(note) && (row.oldest?.includes(oldest) ?? true)
}

/** How the segments lie to the first record kept. */
export function oldestOf(catalogue: Pick<Catalogue, 'firstIndex' | 'last'>, firstKept: number): Oldest {
  const { firstIndex, last } = catalogue
  if (firstIndex === undefined || last === undefined) return 'nothing'
  if (last.firstIndex < firstKept) return 'all before'
  if (firstIndex === firstKept) return 'at'
  return firstIndex < firstKept ? 'before' : 'behind'
}

async function noteBeside(disk: Disk, catalogue: Catalogue): Promise<FoundNote> {
  return catalogue.hasNote ? readTrimNote(disk, catalogue.directory) : { state: 'none' }
}

function noteOf(found: FoundNote): TrimNote | undefined {
  return found.state === 'good' ? found.note : undefined
}

function refusal(directory: string, { decision, why }: BeginRow): Problem {
  const path = join(directory, TRIM_NOTE_NAME)
  if (decision === 'refuse version') {
    return new Problem('data-directory-version', {
      what: `${path} has a format this version of Isotherm does not read.`,
      remedy: 'Start the version of Isotherm that wrote it, or a newer one.',
    })
  }
  return new Problem('journal-damaged', {
    what: `The journal in ${directory} is not what ${path} says: ${why}.`,
    remedy:
      'Stop the service, keep a copy of this folder, and put back the file and the segments that belong to it from a backup.',
  })
}
