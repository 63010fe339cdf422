import { readdir, readFile } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import type { PageFile } from '../../api/index.ts'
import { Problem, reasonOf } from '../../domain/index.ts'
import { isCode } from './files.ts'

/** Where `bin/page.mjs` builds it. */
const folder = resolve(import.meta.dirname, '../../.runtime/page')

const media: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
}

/** The built files of the status board; none when it was not built. Throws `file-unreadable`. */
export async function readPage(): Promise<readonly PageFile[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true })
    const names = entries
      .filter((entry) => entry.isFile() && extname(entry.name) in media)
      .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    return await Promise.all(
      names.toSorted().map(async (name) => {
        return { name, media: media[extname(name)] ?? '', bytes: await readFile(join(folder, name)) }
      }),
    )
  } catch (thrown) {
    if (isCode(thrown, 'ENOENT')) return []
    throw new Problem('file-unreadable', {
      what: `The page in ${folder} cannot be read: ${reasonOf(thrown)}.`,
      remedy: 'Correct the rights of the folder, or remove it: the next start builds it again.',
      cause: thrown,
    })
  }
}
