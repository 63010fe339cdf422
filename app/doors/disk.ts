import assert from 'node:assert/strict'
import { constants } from 'node:fs'
import { type FileHandle, mkdir, open, readdir, rename, rm, statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Disk, DiskFile } from '../../journal/index.ts'
import { isCode } from './files.ts'

/** Only the account of the service may read what devices sent. */
const FILE_MODE = 0o600
/** And only it may enter the folders. */
const DIRECTORY_MODE = 0o700

const openFlags = {
  create: constants.O_RDWR | constants.O_CREAT | constants.O_EXCL,
  read: constants.O_RDONLY,
  write: constants.O_RDWR,
} as const

/** The machine's disk. `sync` is fdatasync: it also makes a changed file size durable (POSIX, fdatasync). */
export function nodeDisk(): Disk {
  return {
    makeDirectory,
    list: async (path) => (await readdir(path)).toSorted(),
    open: async (path, mode) => openFile(await open(path, openFlags[mode], FILE_MODE)),
    remove: async (path) => rm(path),
    rename: async (from, to) => rename(from, to),
    syncDirectory,
    space: async (path) => {
      const { bavail, blocks, bsize } = await statfs(path)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    },
  }
}

/**
 * Creates the directory, then syncs it into its parent, and so on up to the root: a directory that exists
 * already may have been made by a process that died before it synced the entry.
 */
async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: DIRECTORY_MODE })
  for (let at = resolve(path); at !== dirname(at); at = dirname(at)) {
    try {
      await syncDirectory(dirname(at))
    } catch (thrown) {
      // A folder we may not read is not ours: whoever made what lies in it also made sure of it.
      if (!isCode(thrown, 'EACCES') && !isCode(thrown, 'EPERM')) throw thrown
      return
    }
  }
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

function openFile(handle: FileHandle): DiskFile {
  return {
    read: async (target, position) => {
      let count = 0
      while (count < target.length) {
        const { bytesRead } = await handle.read(target, count, target.length - count, position + count)
        if (bytesRead === 0) break
        count += bytesRead
      }
      return count
    },
    write: async (bytes, position) => {
      let count = 0
      while (count < bytes.length) {
        const { bytesWritten } = await handle.write(bytes, count, bytes.length - count, position + count)
        assert.notEqual(bytesWritten, 0, 'a write to a file takes bytes or fails')
        count += bytesWritten
      }
    },
    sync: async () => handle.datasync(),
    truncate: async (length) => handle.truncate(length),
    size: async () => (await handle.stat()).size,
    close: async () => handle.close(),
  }
}
