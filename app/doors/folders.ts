import { chmod, readdir, realpath, rm, stat } from 'node:fs/promises'
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

/**
 * Bytes of a file, or of all files of a folder (not of folders in it); 0 when there is none. Rejects with the system's
 * error.
 */
export async function bytesOf(path: string): Promise<number> {
  try {
    const found = await stat(path)
    if (!found.isDirectory()) return found.size
    const sizes = await Promise.all((await readdir(path)).map((name) => fileBytes(join(path, name))))
    return sizes.reduce((sum, bytes) => sum + bytes, 0)
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return 0
    throw thrown
  }
}

async function fileBytes(path: string): Promise<number> {
  try {
    const found = await stat(path)
    return found.isFile() ? found.size : 0
  } catch (thrown) {
    // gone since the folder was read
    if (isCode(thrown, 'ENOENT')) return 0
    throw thrown
  }
}
