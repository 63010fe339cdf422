import { constants } from 'node:fs'
import { link, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Problem, reasonOf } from '../../domain/index.ts'

/** The text of a small file; undefined when there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return undefined
    throw unreadable(path, thrown)
  }
}

/** The bytes of a file named on the command line. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (thrown) {
    throw unreadable(path, thrown)
  }
}

/** Writes a file that is not there yet, and never over one that is. */
export async function writeNewFile(path: string, bytes: Uint8Array): Promise<void> {
  try {
    await writeFile(path, bytes, { flag: 'wx' })
  } catch (thrown) {
    if (isCode(thrown, 'EEXIST')) throw taken(path)
    throw unwritable(path, thrown)
  }
}

/**
 * Writes a small file so that at every instant, power cuts included, either the old one is there whole or the new one
 * is. Its owner alone may read it.
 */
export async function replaceFile(path: string, bytes: Uint8Array): Promise<void> {
  const unfinished = `${path}.unfinished`
  try {
    await writeFile(unfinished, bytes, { mode: 0o600, flush: true })
  } catch (thrown) {
    throw unwritable(path, thrown)
  }
  await moveFile(unfinished, path)
}

/** Renames a finished file within its folder, over one of that name, and syncs the folder. */
export async function moveFile(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
    const folder = await open(dirname(to), constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await folder.sync()
    } finally {
      await folder.close()
    }
  } catch (thrown) {
    throw unwritable(to, thrown)
  }
}

/** Gives a file a second name in its folder, so that it stays when the first is taken by another. */
export async function nameAgain(path: string, name: string): Promise<void> {
  try {
    await link(path, name)
  } catch (thrown) {
    throw unwritable(name, thrown)
  }
}

/** Throws when there is a file of this name: what is there is not lost. */
export async function refuseTaken(path: string): Promise<void> {
  try {
    await stat(path)
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return
    throw unreadable(path, thrown)
  }
  throw taken(path)
}

function taken(path: string): Problem {
  return new Problem('already-exists', {
    what: `There is a file ${path} already.`,
    remedy: 'Name another file, or move that one away.',
  })
}

/** Creates a folder only its owner can enter, with its parents. */
export async function makePrivateDirectory(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (thrown) {
    throw new Problem('configuration-invalid', {
      what: `The data directory ${path} cannot be created: ${reasonOf(thrown)}.`,
      remedy: 'Name another folder with data_dir, or give this account the right to create it.',
      cause: thrown,
    })
  }
}

/** True when accounts other than its owner have any right on a folder; false when there is none. */
export async function isOpenToOthers(path: string): Promise<boolean> {
  try {
    return ((await stat(path)).mode & 0o077) !== 0
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return false
    throw unreadable(path, thrown)
  }
}

/** True when every account of the machine may read or write a file. Throws `file-unreadable` when there is none. */
export async function isOpenToAll(path: string): Promise<boolean> {
  try {
    return ((await stat(path)).mode & 0o006) !== 0
  } catch (thrown) {
    throw unreadable(path, thrown)
  }
}

/** True when there is something of this name. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return false
    throw unreadable(path, thrown)
  }
}

/** Removes a file if it is there. */
export async function removeIfThere(path: string): Promise<void> {
  await rm(path, { force: true })
}

function unwritable(path: string, cause: unknown): Problem {
  return new Problem('file-unreadable', {
    what: `${path} cannot be written: ${reasonOf(cause)}.`,
    remedy: 'Check the folder and that this account may write there.',
    cause,
  })
}

function unreadable(path: string, cause: unknown): Problem {
  return new Problem('file-unreadable', {
    what: `${path} cannot be read: ${reasonOf(cause)}.`,
    remedy: 'Check the name and that this account may read it.',
    cause,
  })
}

/** True when a thrown system error carries this code. */
export function isCode(thrown: unknown, code: string): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === code
}
