import { chmod, readdir, realpath, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isCode } from './files.ts'

/** Names in a folder, sorted; empty when there is none. Rejects with the system's error. */
export async function namesIn(path: string): Promise<readonly string[]> {
  try {
    return (await readdir(path)).toSorted()
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return []
    throw thrown
  }
}

/** Removes a file, or a folder with everything in it, if it is there. Rejects with the system's error. */
export async function removeAll(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

/** Makes a folder its owner's alone. Rejects with the system's error. */
export async function closeToOthers(path: string): Promise<void> {
  await chmod(path, 0o700)
}

/** The path with every symbolic link on it followed, also when its last parts do not exist yet. */
export async function truePath(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (thrown) {
    if (!isCode(thrown, 'ENOENT') || dirname(path) === path) throw thrown
    return join(await truePath(dirname(path)), basename(path))
  }
}
