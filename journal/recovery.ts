import { join } from 'node:path'
import type { Log } from '../domain/index.ts'
import { type Catalogue, reachOf, type SegmentSpan } from './catalogue.ts'
import { closeQuietly } from './close.ts'
import { type Decision, decide, type Reach, type Sight } from './decision.ts'
import type { Disk } from './disk.ts'
import { type Seed, segmentName } from './format.ts'
import { damageAt, refusal } from './problems.ts'
import { SegmentReader } from './segment-reader.ts'
import { type Frame, type Walk, walkSegment } from './walk.ts'

/** What opening a log found and made sure of: all of it is durable now. */
export interface Recovered {
  /** Index the next record gets. */
  readonly durableEnd: number
  readonly lastRecord: Uint8Array | undefined
  /** The end of the newest segment; undefined in an empty log. */
  readonly tail: Tail | undefined
}

/** Where the log goes on. */
export interface Tail {
  readonly firstIndex: number
  readonly seed: Seed
  readonly end: number
  /** True when the last frame is a confirmation, so that nothing waits to be confirmed. */
  readonly confirmed: boolean
}

/** What must be done to a segment's file before its last frame counts as durable. */
interface Mending {
  readonly writeAgain: Frame | undefined
  readonly cutAt: number | undefined
}

const EMPTY: Recovered = { durableEnd: 0, lastRecord: undefined, tail: undefined }

/**
 * Brings the end of a log into a state that can be gone on from, by the table in `decision.ts`. Only the
 * newest segment is read, and the one before it when the newest holds no record. Being interrupted anywhere
 * and done again leads to the same. Throws `Problem('journal-damaged' | 'data-directory-version')` without
 * having changed anything, or the disk's error.
 */
export async function recover(disk: Disk, catalogue: Catalogue, log: Log): Promise<Recovered> {
  const newest = catalogue.last
  if (newest === undefined) return EMPTY
  const recovered = await recoverSegment(disk, catalogue, newest, log)
  if (recovered !== undefined) return recovered

  // The newest segment holds nothing: the log ends with the one before it, which must reach exactly this far.
  const { directory } = catalogue
  const before = catalogue.find(newest.firstIndex - 1)
  const previous = before && (await recoverSegment(disk, catalogue, before, log))
  if (newest.firstIndex > 0 && previous === undefined) {
    const place = { directory, firstIndex: newest.firstIndex, offset: 0 }
    throw damageAt(place, 'it holds no record', 'without the segment before it the end of the log is unknown')
  }
  const path = join(directory, segmentName(newest.firstIndex))
  await disk.remove(path)
  await disk.syncDirectory(directory)
  catalogue.removeLast()
  log.warn({ path }, 'removed a segment that holds no record')
  return previous ?? EMPTY
}

/** Recovers one segment; undefined when it holds no record and is to be removed. */
async function recoverSegment(
  disk: Disk,
  catalogue: Catalogue,
  span: SegmentSpan,
  log: Log,
): Promise<Recovered | undefined> {
  const reader = await SegmentReader.open(disk, catalogue.directory, span.firstIndex)
  try {
    const walk = await walkSegment(reader, (index) => reachOf(span, index), catalogue)
    const confirmed = reader.headerState === 'good' && (await reader.isConfirmedFrom(walk.offset + 1))
    const decision = decideStop(reader, catalogue.directory, walk, confirmed, reachOf(span, walk.index))
    if (decision === 'remove segment' || walk.last === undefined) return undefined
    const writeAgain = mustWriteAgain(walk, walk.last, confirmed, reachOf(span, walk.last.firstIndex))
    await mend(disk, catalogue.directory, reader, log, {
      writeAgain: writeAgain ? walk.last : undefined,
      cutAt: decision === 'cut tail' ? walk.offset : undefined,
    })
    return {
      durableEnd: walk.index,
      lastRecord: await lastRecordOf(reader, walk.lastWithRecords),
      tail: {
        firstIndex: span.firstIndex,
        seed: reader.seed,
        end: walk.offset,
        confirmed: walk.last.count === 0,
      },
    }
  } finally {
    await reader.close()
  }
}

/** What to do about the place where the whole frames end. Throws when it is damage. */
function decideStop(
  reader: SegmentReader,
  directory: string,
  walk: Walk,
  confirmed: boolean,
  reach: Reach,
): Decision {
  const { headerState: header, firstIndex } = reader
  const row = decide({ header, sight: walk.stop.sight, confirmed, reach })
  if (row.decision !== 'report damage' && row.decision !== 'refuse version') return row.decision
  throw refusal({ directory, firstIndex, offset: walk.offset }, header, walk.stop.sight, row)
}

/** A header that holds behind the last whole frame proves it durable, even when its own payload is torn. */
function mustWriteAgain(walk: Walk, last: Frame, confirmedLater: boolean, reach: Reach): boolean {
  const sight: Sight = last.count === 0 ? 'confirmation' : 'records'
  const confirmed = confirmedLater || walk.stop.header !== undefined
  return decide({ header: 'good', sight, confirmed, reach }).decision === 'write again'
}

/** Cuts the tail and writes the last frame again, both through one new descriptor, and syncs. */
async function mend(
  disk: Disk,
  directory: string,
  reader: SegmentReader,
  log: Log,
  mending: Mending,
): Promise<void> {
  const { cutAt, writeAgain } = mending
  if (cutAt === undefined && writeAgain === undefined) return
  const path = join(directory, segmentName(reader.firstIndex))
  const bytes = writeAgain && (await reader.copy(writeAgain.offset, writeAgain.bytes))
  const file = await disk.open(path, 'write')
  try {
    if (cutAt !== undefined) {
      log.warn(
        { path, offset: cutAt, bytes: (await file.size()) - cutAt },
        'cut an unfinished write off the journal',
      )
      await file.truncate(cutAt)
    }
    if (writeAgain !== undefined && bytes !== undefined) await file.write(bytes, writeAgain.offset)
    await file.sync()
  } finally {
    await closeQuietly(file)
  }
}

async function lastRecordOf(
  reader: SegmentReader,
  frame: Frame | undefined,
): Promise<Uint8Array | undefined> {
  if (frame === undefined) return undefined
  const { records } = await reader.look(frame.offset, frame.firstIndex)
  return records?.at(-1)?.slice()
}
