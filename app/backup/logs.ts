import { join } from 'node:path'
import type { Clock, Log, Random } from '../../domain/index.ts'
import { Problem } from '../../domain/index.ts'
import { type Disk, openJournal, parseSegmentName, TRIM_NOTE_NAME } from '../../journal/index.ts'
import { namesIn } from '../doors/folders.ts'
import { copyFile, onDisk, type OnBytes } from './copy-file.ts'

/** A log as far as it is written at an instant: whatever is in it later lies behind these bytes. */
export type LogExtent = readonly { readonly name: string; readonly bytes: number }[]

/** What copying and checking a log works with. */
export interface LogParts {
  readonly disk: Disk
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
}

/** The segments of a log and how long they are; none when there is no log yet. */
export async function extentOf(disk: Disk, folder: string): Promise<LogExtent> {
  const names = await onDisk(folder, () => namesIn(folder))
  const extent: { name: string; bytes: number }[] = []
  for (const name of names.filter((each) => parseSegmentName(each) !== undefined)) {
    const bytes = await onDisk(join(folder, name), async () => {
      const file = await disk.open(join(folder, name), 'read')
      try {
        return await file.size()
      } finally {
        await file.close()
      }
    })
    extent.push({ name, bytes })
  }
  return extent
}

/**
 * Copies a log up to an extent, while somebody may be appending to it, and then the note of what was removed of it. A
 * log only ever grows behind what is durable, so the copy is what a power cut at the instant of the extent could have
 * left, and is recovered in the same way.
 */
export async function copyLog(
  disk: Disk,
  extent: LogExtent,
  folders: { readonly from: string; readonly to: string },
  onBytes: OnBytes,
): Promise<void> {
  if (extent.length === 0) return
  await onDisk(folders.to, () => disk.makeDirectory(folders.to))
  for (const { name, bytes } of extent) {
    const paths = { from: join(folders.from, name), to: join(folders.to, name) }
    await copyFile(disk, { ...paths, bytes }, onBytes)
  }
  // last, so that no segment is missing of which the note does not tell
  if ((await onDisk(folders.from, () => namesIn(folders.from))).includes(TRIM_NOTE_NAME)) {
    const paths = { from: join(folders.from, TRIM_NOTE_NAME), to: join(folders.to, TRIM_NOTE_NAME) }
    await copyFile(disk, { ...paths, bytes: Number.MAX_SAFE_INTEGER }, () => undefined)
  }
  await onDisk(folders.to, () => disk.syncDirectory(folders.to))
}

/**
 * Recovers the end of a copied log and reads all of it, so that every checksum is checked. Answers how many records
 * there are, counted from the first the log ever had. Throws `journal-damaged` and what else the journal refuses.
 */
export async function settleLog(
  parts: LogParts,
  folder: string,
  onRecords: (done: number, total: number) => void = () => undefined,
): Promise<number> {
  const names = await onDisk(folder, () => namesIn(folder))
  const first = names.map(parseSegmentName).find((each) => each !== undefined)
  if (first === undefined) return 0
  const journal = await openJournal({ ...parts, directory: folder })
  const stopping = new AbortController()
  try {
    const end = journal.durableEnd
    let next = first
    if (next < end) {
      for await (const batch of journal.follow(next, stopping.signal)) {
        next += batch.length
        onRecords(next - first, end - first)
        if (next >= end) break
      }
    }
    return end
  } finally {
    stopping.abort()
    await journal.close()
  }
}

/** Says of what was found in a copy that the log it was made of is damaged. */
export function damagedSource(thrown: unknown, copy: string, source: string): unknown {
  if (!(thrown instanceof Problem) || thrown.code !== 'journal-damaged') return thrown
  return new Problem(thrown.code, {
    what: thrown.message.replaceAll(copy, source),
    remedy: thrown.remedy,
    cause: thrown,
  })
}
