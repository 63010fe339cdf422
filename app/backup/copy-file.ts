import { createHash } from 'node:crypto'
import { Problem, reasonOf } from '../../domain/index.ts'
import type { Disk, DiskFile } from '../../journal/index.ts'
import { isCode } from '../doors/files.ts'

/** Read and written at a time. */
const CHUNK_BYTES = 1024 * 1024

/** A file, or its first bytes: how many, and their SHA-256 in hexadecimal. */
export interface FileSum {
  readonly bytes: number
  readonly sha256: string
}

/** Called with bytes done since the last call. */
export type OnBytes = (bytes: number) => void

/** The sum of a file as it is on disk. Throws `file-unreadable`. */
export async function sumOf(disk: Disk, path: string, onBytes: OnBytes): Promise<FileSum> {
  return throughFile(disk, path, Number.MAX_SAFE_INTEGER, onBytes)
}

/**
 * Copies the first `bytes` bytes of a file into a new one, synced. Answers the sum of what was copied: fewer bytes when
 * the file has fewer. Throws `disk-full` or `file-unreadable`.
 */
export async function copyFile(
  disk: Disk,
  { from, to, bytes }: { readonly from: string; readonly to: string; readonly bytes: number },
  onBytes: OnBytes,
): Promise<FileSum> {
  const target = await onDisk(to, () => disk.open(to, 'create'))
  try {
    const sum = await throughFile(disk, from, bytes, onBytes, (chunk, at) =>
      onDisk(to, () => target.write(chunk, at)),
    )
    await onDisk(to, () => target.sync())
    return sum
  } finally {
    await target.close()
  }
}

async function throughFile(
  disk: Disk,
  path: string,
  bytesMax: number,
  onBytes: OnBytes,
  take?: (chunk: Uint8Array, at: number) => Promise<void>,
): Promise<FileSum> {
  const hash = createHash('sha256')
  const file: DiskFile = await onDisk(path, () => disk.open(path, 'read'))
  try {
    const buffer = new Uint8Array(CHUNK_BYTES)
    let at = 0
    while (at < bytesMax) {
      const wanted = buffer.subarray(0, Math.min(CHUNK_BYTES, bytesMax - at))
      const position = at
      const chunk = wanted.subarray(0, await onDisk(path, () => file.read(wanted, position)))
      if (chunk.length === 0) break
      hash.update(chunk)
      await take?.(chunk, at)
      at += chunk.length
      onBytes(chunk.length)
    }
    return { bytes: at, sha256: hash.digest('hex') }
  } finally {
    await file.close()
  }
}

/** Runs an operation on a file; what the system says against it becomes a `Problem` that names the file. */
export async function onDisk<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (thrown) {
    if (thrown instanceof Problem) throw thrown
    if (isCode(thrown, 'ENOSPC') || isCode(thrown, 'EDQUOT')) throw diskFull(path, thrown)
    throw new Problem('file-unreadable', {
      what: `${path} cannot be read or written: ${reasonOf(thrown)}.`,
      remedy: 'Check the disk, the name and that this account may use it.',
      cause: thrown,
    })
  }
}

/** The disk of a file takes no more. */
export function diskFull(path: string, cause?: unknown): Problem {
  return new Problem('disk-full', {
    what: `There is no room for ${path} on its disk.`,
    remedy: 'Free space there, or name a folder on another disk, then try again.',
    cause,
  })
}

/** Throws `disk-full` when the disk of a folder has less free than will be written. */
export async function requireRoom(disk: Disk, folder: string, bytes: number): Promise<void> {
  const { freeBytes } = await onDisk(folder, () => disk.space(folder))
  if (freeBytes >= bytes) return
  const inMiB = (each: number): number => Math.ceil(each / 1024 / 1024)
  throw new Problem('disk-full', {
    what: `${folder} needs ${inMiB(bytes)} MiB; its disk has ${inMiB(freeBytes)} free.`,
    remedy: 'Free space there, or name a folder on another disk, then try again.',
  })
}
