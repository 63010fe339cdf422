import { join } from 'node:path'
import { type Clock, Problem } from '../domain/index.ts'
import { copyDatabases } from '../store/index.ts'
import {
  isThere,
  makePrivateDirectory,
  moveFile,
  readTextIfThere,
  removeIfThere,
  replaceFile,
} from './doors/files.ts'
import { readSoftwareVersion } from './doors/version.ts'
import type { DataLayout } from './layout.ts'

/**
 * The format of data directories this release writes. It rises when the layout, a schema of the stores or the bytes
 * of the logs change; `tests/app/format.test.ts` holds it together with the versions of these.
 */
export const DATA_FORMAT = 1
/** The format of directories from before formats were written down. */
export const FIRST_FORMAT = 0

/** What `format.json` says. */
interface Written {
  readonly format: number
  /** The release that wrote it. */
  readonly product: string
}

/**
 * Refuses a data directory that this release must not touch, before anything of it is opened. Throws what
 * `refuseNewerFormat` throws, and `configuration-invalid` for one that an interrupted restore left.
 */
export async function requireFormat(layout: DataLayout): Promise<void> {
  if (await isThere(layout.restoring)) throw restoring(layout)
  await refuseNewerFormat(layout)
}

/** Throws `data-directory-version` for a newer format, `configuration-invalid` when the format cannot be read. */
export async function refuseNewerFormat(layout: DataLayout): Promise<void> {
  const found = await readFormat(layout)
  if (found === undefined || found.format <= DATA_FORMAT) return
  const own = await readSoftwareVersion()
  throw new Problem('data-directory-version', {
    what: `The data directory ${layout.root} is of format ${found.format}, written by Isotherm ${found.product}; this one (${own}) knows formats up to ${DATA_FORMAT}. Nothing was changed.`,
    remedy: `Start Isotherm ${found.product} or a later one. To go back to this one, restore a backup that it made.`,
  })
}

/** The format of a data directory; undefined where nothing says so. Throws `configuration-invalid` when damaged. */
export async function formatOf(layout: DataLayout): Promise<number | undefined> {
  return (await readFormat(layout))?.format
}

/**
 * Keeps the facts as they are before the stores of an older format are brought up to date: with them and the journal
 * one can go back to the release before. A copy that is there already is of an attempt that did not get further, and
 * is older. The caller holds the lock `core`.
 */
export async function keepFactsOfOlderFormat(layout: DataLayout, clock: Clock): Promise<void> {
  const format = (await formatOf(layout)) ?? FIRST_FORMAT
  if (format >= DATA_FORMAT || !(await isThere(layout.facts))) return
  const folder = join(layout.root, `before-format-${DATA_FORMAT}`)
  const kept = join(folder, 'facts.sqlite')
  if (await isThere(kept)) return
  await makePrivateDirectory(folder)
  const unfinished = `${kept}.unfinished`
  await removeIfThere(unfinished)
  await copyDatabases([{ from: layout.facts, to: unfinished }], { clock })
  await moveFile(unfinished, kept)
}

/** Writes down the format once the stores are of it. The caller holds the lock `core`. */
export async function settleFormat(layout: DataLayout): Promise<void> {
  if ((await formatOf(layout)) === DATA_FORMAT) return
  const written: Written = { format: DATA_FORMAT, product: await readSoftwareVersion() }
  await replaceFile(layout.format, Buffer.from(`${JSON.stringify(written)}\n`))
}

async function readFormat(layout: DataLayout): Promise<Written | undefined> {
  const text = await readTextIfThere(layout.format)
  if (text === undefined) return undefined
  let found: unknown
  try {
    found = JSON.parse(text)
  } catch (thrown) {
    throw damaged(layout, thrown)
  }
  if (!isWritten(found)) throw damaged(layout)
  return found
}

function isWritten(found: unknown): found is Written {
  if (typeof found !== 'object' || found === null) return false
  if (!('format' in found) || !('product' in found)) return false
  return Number.isSafeInteger(found.format) && Number(found.format) >= 1 && typeof found.product === 'string'
}

function damaged({ format }: DataLayout, cause?: unknown): Problem {
  return new Problem('configuration-invalid', {
    what: `${format} does not say which format the data directory is of. Nothing was changed.`,
    remedy: 'Put the file back from a backup of this data directory; it is one line of JSON.',
    cause,
  })
}

function restoring({ root }: DataLayout): Problem {
  return new Problem('configuration-invalid', {
    what: `A restore into ${root} was begun and not finished: not everything is there.`,
    remedy: 'Run `isotherm restore` into this directory again; it begins anew.',
  })
}
