import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Problem, reasonOf } from '../../domain/index.ts'

/** Version of this software, as its package says. Throws `file-unreadable`. */
export async function readSoftwareVersion(): Promise<string> {
  const path = resolve(import.meta.dirname, '../../package.json')
  try {
    const { version } = JSON.parse(await readFile(path, 'utf8')) as { readonly version: string }
    return version
  } catch (thrown) {
    throw new Problem('file-unreadable', {
      what: `The version in ${path} cannot be read: ${reasonOf(thrown)}.`,
      remedy: 'Install this version of Isotherm again.',
      cause: thrown,
    })
  }
}
