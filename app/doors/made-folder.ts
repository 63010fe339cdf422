import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { Problem, reasonOf } from '../../domain/index.ts'

/**
 * Makes folders hold these files and no others; paths are relative to `root`, and each lies in one of `folders`.
 * Anybody may read them. Throws `file-unreadable`.
 */
export async function writeFolders(
  root: string,
  folders: readonly string[],
  files: ReadonlyMap<string, string>,
): Promise<void> {
  try {
    for (const folder of folders) await rm(join(root, folder), { recursive: true, force: true })
    for (const [path, text] of files) {
      await mkdir(dirname(join(root, path)), { recursive: true })
      await writeFile(join(root, path), text, { mode: 0o644 })
    }
  } catch (thrown) {
    throw new Problem('file-unreadable', {
      what: `The files below ${root} cannot be written: ${reasonOf(thrown)}.`,
      remedy: 'Check that this account may write there.',
      cause: thrown,
    })
  }
}

/** The files of folders as text, by their path relative to `root`. Rejects with the system's error. */
export async function readFolders(
  root: string,
  folders: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const folder of folders) {
    for (const entry of await readdir(join(root, folder), { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue
      const path = join(entry.parentPath, entry.name)
      found.set(relative(root, path), await readFile(path, 'utf8'))
    }
  }
  return found
}
