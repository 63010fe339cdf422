import { readFile } from 'node:fs/promises'
import { arch, release, totalmem, type } from 'node:os'

/** Memory of the machine, or of the container this process is in, bytes. */
export interface Memory {
  readonly totalBytes: number
  /** What a program could still get without anybody swapping. */
  readonly availableBytes: number
}

/** Memory as it is now. */
export function memory(): Memory {
  const limit = process.constrainedMemory()
  // without a limit some systems say 0, others a number beyond any memory
  const totalBytes = limit > 0 && limit < totalmem() ? limit : totalmem()
  return { totalBytes, availableBytes: process.availableMemory() }
}

/** What a process has in memory, bytes; undefined where nobody can tell (not Linux, or no such process). */
export async function residentBytes(pid: number): Promise<number | undefined> {
  try {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kib === undefined ? undefined : Number(kib) * 1_024
  } catch {
    // nothing is lost: the caller says less
    return undefined
  }
}

/** Versions of what Isotherm runs on. */
export function platformVersions(): {
  readonly node: string
  readonly sqlite: string
  readonly system: string
} {
  const { node, sqlite = 'unknown' } = process.versions
  return { node, sqlite, system: `${type()} ${release()} ${arch()}` }
}
