import { join, relative, sep } from 'node:path'
import { Problem } from '../../domain/index.ts'
import { type DataDirectoryLock, lockDataDirectory, type LockHolder } from '../../store/index.ts'
import { isThere, makePrivateDirectory } from '../doors/files.ts'
import { closeToOthers, namesIn, removeAll, truePath } from '../doors/folders.ts'
import { onDisk } from './copy-file.ts'
import { manifestPath } from './manifest.ts'

/** The lock of the folder a backup is written to; without a manifest it also says that the rest is unfinished. */
const ROLE = 'backup'
const lockFiles: readonly string[] = [`${ROLE}.lock`, `${ROLE}.holder`]

/** A folder that is this backup's alone. */
export interface BackupTarget {
  /** Lets go of a finished backup. */
  finish(): Promise<void>
  /** Removes what was written: what is half done must not look like anything. */
  discard(): Promise<void>
}

/**
 * Makes the folder for a backup, or takes one that is empty or holds nothing but a backup that was not finished, which
 * is removed. Throws `already-exists`, `bad-request` for a folder inside the data directory, `data-directory-locked`
 * while another backup is written to it.
 */
export async function openTarget(folder: string, dataDir: string, holder: LockHolder): Promise<BackupTarget> {
  const target = await onDisk(folder, () => truePath(folder))
  if (isInside(target, await onDisk(dataDir, () => truePath(dataDir)))) {
    throw new Problem('bad-request', {
      what: `${folder} lies in the data directory ${dataDir}: what destroys the one would destroy the other.`,
      remedy: 'Name a folder outside of it, best on another disk.',
    })
  }
  const isNew = !(await isThere(target))
  await refuseForeign(target)
  await makePrivateDirectory(target)
  const lock = lockDataDirectory({ path: target, role: ROLE, holder })
  try {
    // once more: only now nobody else can write it any more
    await refuseForeign(target)
    await onDisk(target, () => closeToOthers(target))
    await clear(target)
  } catch (thrown) {
    lock.release()
    throw thrown
  }
  return {
    finish: () => letGo(target, lock),
    discard: async () => {
      await clear(target)
      await letGo(target, lock)
      if (isNew) await onDisk(target, () => removeAll(target))
    },
  }
}

/** Throws `already-exists` unless a folder is empty or holds an unfinished backup and nothing else. */
async function refuseForeign(folder: string): Promise<void> {
  const names = await onDisk(folder, () => namesIn(folder))
  const isFinished = await isThere(manifestPath(folder))
  if (names.length === 0 || (lockFiles.every((each) => names.includes(each)) && !isFinished)) return
  throw new Problem('already-exists', {
    what: `${folder} is not empty${isFinished ? ': it holds a backup' : ''}.`,
    remedy: 'Name a folder that is not there yet, or an empty one. Nothing is written over.',
  })
}

/** Removes everything but the lock. */
async function clear(folder: string): Promise<void> {
  for (const name of await onDisk(folder, () => namesIn(folder))) {
    if (lockFiles.some((each) => name.startsWith(each))) continue
    await onDisk(folder, () => removeAll(join(folder, name)))
  }
}

/** The lock files go first: once the lock is free, nobody may take a finished backup for an unfinished one. */
async function letGo(folder: string, lock: DataDirectoryLock): Promise<void> {
  for (const name of await onDisk(folder, () => namesIn(folder))) {
    if (lockFiles.some((each) => name.startsWith(each)))
      await onDisk(folder, () => removeAll(join(folder, name)))
  }
  lock.release()
}

/** True when a path is a folder or lies in it; both without symbolic links. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`))
}
