import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { loadRulePack } from '../../alerts/index.ts'
import { Problem, reasonOf, type RulePack } from '../../domain/index.ts'

const folder = resolve(import.meta.dirname, '../../alerts/rules/packs')

/** They come with the version that runs, so that one reading is enough. */
let known: Promise<readonly RulePack[]> | undefined

/**
 * The rule packs that come with this version, by id and version. Throws `file-unreadable`, and
 * `file-not-understood` for a pack that cannot be judged; then the next call reads again.
 */
export function readRulePacks(): Promise<readonly RulePack[]> {
  known ??= readAll().catch((thrown: unknown) => {
    known = undefined
    throw thrown
  })
  return known
}

async function readAll(): Promise<readonly RulePack[]> {
  const names = await reading(folder, () => readdir(folder))
  const packs: RulePack[] = []
  for (const name of names.filter((each) => each.endsWith('.yaml'))) {
    const path = join(folder, name)
    packs.push(loadRulePack(await reading(path, () => readFile(path, 'utf8')), name))
  }
  return packs.toSorted((a, b) => (a.id === b.id ? a.version - b.version : a.id < b.id ? -1 : 1))
}

/** The rule pack of a file somebody names. Throws as `readRulePacks` does. */
export async function readRulePack(path: string): Promise<RulePack> {
  const remedy = 'Name a rule-pack file that can be read.'
  return loadRulePack(await reading(path, () => readFile(path, 'utf8'), remedy), basename(path))
}

async function reading<T>(
  path: string,
  read: () => Promise<T>,
  remedy = 'Install this version of Isotherm again.',
): Promise<T> {
  try {
    return await read()
  } catch (thrown) {
    throw new Problem('file-unreadable', {
      what: `The rule packs of ${path} cannot be read: ${reasonOf(thrown)}.`,
      remedy,
      cause: thrown,
    })
  }
}
