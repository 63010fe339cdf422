import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { Problem } from '../domain/index.ts'
import { requireSoundBeginning } from './beginning.ts'
import { Catalogue } from './catalogue.ts'
import { closeQuietly } from './close.ts'
import type { Disk } from './disk.ts'
import { SEGMENT_HEADER_BYTES, segmentName } from './format.ts'
import { diskFailed } from './problems.ts'
import { SegmentReader } from './segment-reader.ts'
import { type TrimNote, writeTrimNote } from './trim-note.ts'

/** Read at a time. */
const CHUNK_BYTES = 1024 * 1024

/** What is to be removed of a log: every segment that begins before `firstKept`. Times are epoch ms. */
export interface TrimOrder extends Pick<TrimNote, 'receivedUntilMs' | 'trimmedAtMs' | 'act'> {
  /** First record to be kept; a segment begins with it. */
  readonly firstKept: number
}

/** What was removed. */
export interface Trimmed {
  readonly segments: number
  /** First record of the log now. */
  readonly firstRecord: number
}

/**
 * Removes the oldest segments of a log that nobody has open. First it is written down, durably; then they go, the
 * oldest first and each for good before the next, so that whatever interrupts it leaves a log that opens. Called again,
 * it does the rest. The caller holds the lock and has checked that nobody needs the records any more.
 *
 * Throws `Problem('bad-request')` when `firstKept` begins no segment or the newest records would go,
 * `Problem('journal-damaged' | 'data-directory-version')` for a log that must not be opened, and
 * `Problem('journal-unavailable')` for what the disk says.
 */
export async function trimLog(disk: Disk, directory: string, order: TrimOrder): Promise<Trimmed> {
  try {
    const catalogue = new Catalogue(disk, directory)
    await catalogue.load()
    const removed = catalogue.before(order.firstKept)
    await requireKept(disk, catalogue, order.firstKept)
    const last = removed.at(-1)
    if (last !== undefined) {
      await writeDown(disk, catalogue, order, last)
      for (const firstIndex of removed) {
        await disk.remove(join(directory, segmentName(firstIndex)))
        await disk.syncDirectory(directory)
      }
    }
    return { segments: removed.length, firstRecord: order.firstKept }
  } catch (thrown) {
    throw diskFailed(`The journal in ${directory} cannot be trimmed`, thrown)
  }
}

/** Throws unless the log goes on from this record: with a segment of this begin that has a record. */
async function requireKept(disk: Disk, catalogue: Catalogue, firstKept: number): Promise<void> {
  const span = catalogue.find(firstKept)
  if (span?.firstIndex === firstKept) {
    if (span.nextFirstIndex !== undefined) return
    const reader = await SegmentReader.open(disk, catalogue.directory, firstKept)
    try {
      const { sight } = await reader.look(SEGMENT_HEADER_BYTES, firstKept)
      if (reader.headerState === 'good' && sight === 'records') return
    } finally {
      await reader.close()
    }
  }
  throw new Problem('bad-request', {
    what: `The journal in ${catalogue.directory} cannot begin with record ${firstKept}: no segment with records does.`,
    remedy: 'Name the first record of a segment as `isotherm journal list` tells it.',
  })
}

/** Writes down what goes, unless a note says so already, and makes sure that it stays. */
async function writeDown(disk: Disk, catalogue: Catalogue, order: TrimOrder, last: number): Promise<void> {
  const { directory } = catalogue
  const { note } = await requireSoundBeginning(disk, catalogue)
  if ((note?.firstKept ?? 0) < order.firstKept) {
    const { firstKept, receivedUntilMs, trimmedAtMs, act } = order
    const lastRemoved = { firstIndex: last, ...(await sumOf(disk, join(directory, segmentName(last)))) }
    await writeTrimNote(disk, directory, { firstKept, lastRemoved, receivedUntilMs, trimmedAtMs, act })
  }
  // also for a note that is there: an interrupted removal may have left its name in memory only
  await disk.syncDirectory(directory)
}

async function sumOf(disk: Disk, path: string): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256')
  const buffer = new Uint8Array(CHUNK_BYTES)
  const file = await disk.open(path, 'read')
  try {
    let bytes = 0
    for (;;) {
      const count = await file.read(buffer, bytes)
      if (count === 0) return { bytes, sha256: hash.digest('hex') }
      hash.update(buffer.subarray(0, count))
      bytes += count
    }
  } finally {
    await closeQuietly(file)
  }
}
