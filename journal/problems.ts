import { join } from 'node:path'
import { instantText, Problem, reasonOf } from '../domain/index.ts'
import type { Row, Sight } from './decision.ts'
import { type HeaderState, segmentName } from './format.ts'
import type { TrimNote } from './trim-note.ts'

/** A place in a segment file: `offset` in bytes from its start. */
export interface FilePlace {
  readonly directory: string
  readonly firstIndex: number
  readonly offset: number
}

/** Damage: `what` was found at `place`, and `why` that cannot be the trace of an interrupted write. */
export function damageAt(place: FilePlace, what: string, why: string, cause?: unknown): Problem {
  const path = join(place.directory, segmentName(place.firstIndex))
  return new Problem('journal-damaged', {
    what: `Segment ${path} is damaged at byte ${place.offset}: ${what}; ${why}.`,
    remedy:
      'Stop the service, keep a copy of this file, and put back the segment from a backup. Do not delete or shorten it: the records behind the damage would be lost.',
    cause,
  })
}

/** A record older than the first one still here: its segment was shipped away, or is lost. */
export function recordGone(directory: string, index: number, firstRecord: number): Problem {
  return new Problem('journal-damaged', {
    what: `Record ${index} of the journal in ${directory} is not here: the log begins with record ${firstRecord}.`,
    remedy:
      'Put back the segments before that record, from where they were shipped to or from a backup, and start again. Nothing was skipped.',
  })
}

/** A record that was removed on purpose, when the time for which it had to be kept was over. */
export function recordTrimmed(
  directory: string,
  index: number,
  firstRecord: number,
  { trimmedAtMs, act }: TrimNote,
): Problem {
  const removed = `removed on ${instantText(trimmedAtMs)} by act ${act}`
  return new Problem('journal-trimmed', {
    what: `Record ${index} of the journal in ${directory} was ${removed}: the log begins with record ${firstRecord}.`,
    remedy:
      'Look for it in a backup of before. To read it here, stop the service and put all segments from that one on back beside the others.',
  })
}

/** What a row of `decision.ts` that refuses a place is told as. */
export function refusal(place: FilePlace, header: HeaderState, sight: Sight, row: Row): Problem {
  if (row.decision !== 'refuse version') {
    if (header === 'good') return damageAt(place, sight, row.why)
    return damageAt({ ...place, offset: 0 }, `${header} header`, row.why)
  }
  return new Problem('data-directory-version', {
    what: `Segment ${join(place.directory, segmentName(place.firstIndex))} has a format this version of Isotherm does not read.`,
    remedy: 'Start the version of Isotherm that wrote it, or a newer one.',
  })
}

/** The disk refused an operation, so the journal (or one reading of it) cannot go on. A `Problem` stays what it is. */
export function diskFailed(what: string, cause: unknown): Problem {
  if (cause instanceof Problem) return cause
  return new Problem('journal-unavailable', {
    what: `${what}: ${reasonOf(cause)}.`,
    remedy: 'Check the disk and the rights on the journal directory, then restart the service.',
    cause,
  })
}

/** The disk is full, or fuller than allowed. It goes on by itself once space returns. */
export function journalFull(what: string, cause?: unknown): Problem {
  return new Problem('journal-full', {
    what: `${what}.`,
    remedy:
      'Free space on the disk of the data directory, or enlarge it. Devices keep what is not acknowledged; the journal goes on by itself.',
    cause,
  })
}

/** A write or sync failed: nothing is taken until a restart has recovered the log. */
export function journalFailed(directory: string, reason: string, cause?: unknown): Problem {
  return new Problem('journal-unavailable', {
    what: `The journal in ${directory} failed and takes no records: ${reason}.`,
    remedy: 'Check the disk, then restart the service; what was acknowledged is safe.',
    cause,
  })
}

/** The journal takes no records, or not now. */
export function journalUnavailable(what: string, remedy: string): Problem {
  return new Problem('journal-unavailable', { what, remedy })
}

/** A follower asked for records beyond the end of the log. */
export function cursorBeyondEnd(directory: string, from: number, durableEnd: number): Problem {
  return new Problem('journal-cursor-beyond-end', {
    what: `A follower wants record ${from} of the journal in ${directory}, which ends before ${durableEnd}.`,
    remedy:
      'The journal was replaced by an older copy, or the cursor belongs to another one. Restore the two together, or rebuild what follows the journal.',
  })
}

/** The system error code (`ENOSPC`, `EIO`, ...) of something thrown; undefined when it carries none. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string'
    ? thrown.code
    : undefined
}
