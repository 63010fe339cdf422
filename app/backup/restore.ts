import { dirname, join } from 'node:path'
import { Problem } from '../../domain/index.ts'
import { requireSameLog } from '../../ingest/index.ts'
import { openJournalReader } from '../../journal/index.ts'
import {
  type DataDirectoryLock,
  lockDataDirectory,
  type LockHolder,
  openCanonicalReads,
} from '../../store/index.ts'
import { isThere, makePrivateDirectory, replaceFile } from '../doors/files.ts'
import { namesIn, removeAll, truePath } from '../doors/folders.ts'
import type { DataLayout } from '../layout.ts'
import { openStores } from '../stores.ts'
import { copyFile, onDisk, requireRoom, sumOf } from './copy-file.ts'
import { type LogParts, settleLog } from './logs.ts'
import { damagedBackup, type Manifest, readManifest } from './manifest.ts'
import type { OnProgress } from './take.ts'
import { isInside } from './target.ts'

/** What a backup is restored with. */
export interface RestoreOptions extends LogParts {
  /** Where it is restored to: nothing may be there yet. */
  readonly layout: DataLayout
  /** The folder of the backup; it is only read. */
  readonly from: string
  readonly holder: LockHolder
  readonly onProgress: OnProgress
}

/** A restored data directory. */
export interface Restored {
  readonly manifest: Manifest
  /** Records that the readings do not have yet: the next start takes them from the journal. */
  readonly behind: number
  /** False when the counts of messages do not add up, which a backup inherits from where it was made. */
  readonly balanced: boolean
}

/** What a locked data directory holds while nothing else is in it. */
const lockFiles = /^(?:core|gateway)\.(?:lock|holder)/

/**
 * Restores a backup into a directory in which nothing is. All checksums are checked before anything is written, and the
 * restored directory is opened and looked through before it may be started: until then it holds a mark that every start
 * refuses, and a restore that is run again begins anew.
 */
export async function restoreBackup(options: RestoreOptions): Promise<Restored> {
  const { layout, from, holder, disk } = options
  const manifest = await readManifest(from)
  await refuseTarget(layout, from)
  await checkSums(options, manifest)
  await makePrivateDirectory(layout.root)
  const locks: DataDirectoryLock[] = []
  try {
    for (const role of ['core', 'gateway']) locks.push(lockDataDirectory({ path: layout.root, role, holder }))
    // once more: only now nobody else can write there any more
    await refuseTarget(layout, from)
    await replaceFile(layout.restoring, Buffer.from(`${from}\n`))
    await clear(layout)
    await copyAll(options, manifest)
    const seen = await lookThrough(options, manifest)
    await onDisk(layout.root, () => disk.remove(layout.restoring))
    await onDisk(layout.root, () => disk.syncDirectory(layout.root))
    return { manifest, ...seen }
  } finally {
    for (const lock of locks) lock.release()
  }
}

/** Throws `already-exists` unless nothing is there, or what a restore left that was interrupted. */
async function refuseTarget(layout: DataLayout, from: string): Promise<void> {
  const [root, source] = await onDisk(layout.root, async () => [
    await truePath(layout.root),
    await truePath(from),
  ])
  if (isInside(root, source)) {
    throw new Problem('bad-request', {
      what: `${layout.root} lies in the backup ${from}, which would be no backup any more.`,
      remedy: 'Name a data directory outside of it with --data-dir.',
    })
  }
  const names = await onDisk(layout.root, () => namesIn(layout.root))
  const others = names.filter((name) => !lockFiles.test(name))
  if (others.length === 0 || (await isThere(layout.restoring))) return
  throw new Problem('already-exists', {
    what: `The data directory ${layout.root} is not empty: ${others.slice(0, 3).join(', ')}.`,
    remedy: 'Move it away first, or restore into another directory with --data-dir. Nothing is written over.',
  })
}

/** Compares every file of the backup with the manifest. Throws `backup-damaged`. */
async function checkSums({ from, disk, onProgress }: RestoreOptions, { files }: Manifest): Promise<void> {
  const total = bytesOf(files)
  let done = 0
  for (const { path, bytes, sha256 } of files) {
    const whole = join(from, path)
    if (!(await isThere(whole))) throw damagedBackup(`${whole} is missing`)
    const sum = await sumOf(disk, whole, (count) => {
      onProgress('checking the backup', (done += count), total)
    })
    if (sum.bytes !== bytes || sum.sha256 !== sha256)
      throw damagedBackup(`${whole} is not what was written there`)
  }
}

/** Removes what a restore left that was interrupted. */
async function clear(layout: DataLayout): Promise<void> {
  for (const name of await onDisk(layout.root, () => namesIn(layout.root))) {
    const path = join(layout.root, name)
    if (lockFiles.test(name) || path === layout.restoring) continue
    await onDisk(path, () => removeAll(path))
  }
}

async function copyAll(options: RestoreOptions, { files }: Manifest): Promise<void> {
  const { layout, from, disk, onProgress } = options
  const total = bytesOf(files)
  await requireRoom(disk, layout.root, total)
  let done = 0
  for (const { path, bytes, sha256 } of files) {
    const [source, target] = [join(from, path), join(layout.root, path)]
    await onDisk(target, () => disk.makeDirectory(dirname(target)))
    const sum = await copyFile(disk, { from: source, to: target, bytes }, (count) => {
      onProgress('copying', (done += count), total)
    })
    if (sum.bytes !== bytes || sum.sha256 !== sha256)
      throw damagedBackup(`${source} was read differently the second time`)
    await onDisk(target, () => disk.syncDirectory(dirname(target)))
  }
}

/**
 * Opens everything as a start would, which brings an older format up to date: logs are read from begin to end, and the
 * consumers must stand in this journal.
 */
async function lookThrough(
  options: RestoreOptions,
  { positions }: Manifest,
): Promise<Omit<Restored, 'manifest'>> {
  const { layout, disk, clock, from, onProgress } = options
  for (const name of ['journal', 'audit'] as const) {
    const end = await settleLog(options, layout[name], (done, total) => {
      onProgress(`checking the log ${name}`, done, total)
    })
    if (end !== positions[name]) {
      throw damagedBackup(
        `The log ${name} in ${from} has ${end} records, and ${positions[name]} were written`,
      )
    }
  }
  const stores = await openStores(layout, clock)
  await stores.close()
  const reader = await openJournalReader({ directory: layout.journal, disk })
  const reads = openCanonicalReads({ path: layout.readings })
  try {
    reader.advance(positions.journal)
    await requireSameLog(reader, reads)
    return { behind: positions.journal - reads.cursor('ingest'), balanced: reads.totals().balanced }
  } finally {
    reads.close()
    reader.close()
  }
}

function bytesOf(files: Manifest['files']): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0)
}
