import { backup, DatabaseSync } from 'node:sqlite'
import { type Clock, Problem, reasonOf } from '../domain/index.ts'

/** A database file, and where its copy is made; there is nothing yet. */
export interface DatabaseCopy {
  readonly from: string
  readonly to: string
}

/** What copying works with. */
export interface CopyOptions {
  readonly clock: Clock
  /** Called once, when it is fixed of which instant the copies will be, before anything is copied. */
  readonly onInstant?: () => Promise<void>
  /** Called with bytes copied so far and in all, of one file after the other. */
  readonly onProgress?: (bytes: number, totalBytes: number) => void
}

/** Pages copied in one go: a few MiB, between which progress is told. */
const PAGES_PER_STEP = 1_000
/** A writer commits some hundred times a second at most, and fixing the instant takes less than a millisecond. */
const ATTEMPTS_MAX = 1_000
/** A lock on a file is held by recovery of its write-ahead log only, and briefly. */
const BUSY_TIMEOUT_MS = 5_000

/**
 * Copies database files that others may be writing, all as they stood at one instant between two commits: what a power
 * cut at that instant would have left. It only reads, and no writer waits for it; but until it is done, their
 * write-ahead logs cannot be emptied and grow. The copies need no other file beside them and are synced. Throws
 * `store-damaged` or `core-unavailable`, naming the file, and whatever the disk of the copies says.
 */
export async function copyDatabases(copies: readonly DatabaseCopy[], options: CopyOptions): Promise<void> {
  const open: DatabaseSync[] = []
  try {
    const watching = copies.map(({ from }) => kept(open, connect(from)))
    const reading = copies.map(({ from }) => kept(open, connect(from)))
    await holdOneInstant(copies, watching, reading, options.clock)
    await options.onInstant?.()
    for (const [at, { from, to }] of copies.entries()) {
      const source = reading[at]
      if (source !== undefined) await copy(source, from, to, options)
    }
  } finally {
    for (const database of open) database.close()
  }
}

/** Begins a read of every file such that nothing was committed to any between the first begin and the last. */
async function holdOneInstant(
  copies: readonly DatabaseCopy[],
  watching: readonly DatabaseSync[],
  reading: readonly DatabaseSync[],
  clock: Clock,
): Promise<void> {
  const names = copies.map(({ from }) => from).join(' and ')
  try {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const before = versions(watching)
      for (const database of reading) {
        database.exec('begin')
        // a transaction sees what is committed by its first statement
        database.prepare('select count(*) from sqlite_schema').get()
      }
      if (before === versions(watching)) return
      for (const database of reading) database.exec('rollback')
      await clock.sleep(1)
    }
  } catch (thrown) {
    throw unreadable(names, thrown)
  }
  throw new Problem('core-unavailable', {
    what: `${names} are written so often that no instant between two commits was found.`,
    remedy: 'Try again when less is going on.',
  })
}

/** Changes whenever another connection has committed. */
function versions(watching: readonly DatabaseSync[]): string {
  return watching.map((each) => String(each.prepare('pragma data_version').get()?.['data_version'])).join(' ')
}

async function copy(source: DatabaseSync, from: string, to: string, options: CopyOptions): Promise<void> {
  const pageBytes = Number(source.prepare('pragma page_size').get()?.['page_size'])
  try {
    await backup(source, to, {
      rate: PAGES_PER_STEP,
      progress: ({ totalPages, remainingPages }) => {
        options.onProgress?.((totalPages - remainingPages) * pageBytes, totalPages * pageBytes)
      },
    })
  } catch (thrown) {
    throw unreadable(from, thrown, to)
  }
  const made = new DatabaseSync(to)
  try {
    // one file without a log beside it, that is read without making any
    made.exec('pragma synchronous = full; pragma journal_mode = delete')
    const found = made.prepare('pragma quick_check(1)').get()?.['quick_check']
    if (found !== 'ok') throw damaged(from, String(found))
  } catch (thrown) {
    throw thrown instanceof Problem ? thrown : unreadable(from, thrown, to)
  } finally {
    made.close()
  }
}

function kept(open: DatabaseSync[], database: DatabaseSync): DatabaseSync {
  open.push(database)
  return database
}

function connect(path: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
    // only now the file is read: what is wrong with it is told of this file and no other
    database.prepare('select count(*) from sqlite_schema').get()
    return database
  } catch (thrown) {
    database?.close()
    throw unreadable(path, thrown)
  }
}

/** SQLite's primary result codes for a file that is damaged, or is no database. */
const DAMAGE: ReadonlySet<number> = new Set([11, 26])
/** SQLite's primary result code for a disk that takes no more. */
const FULL = 13

function unreadable(path: string, thrown: unknown, to = path): Problem {
  const code = thrown instanceof Error && 'errcode' in thrown ? Number(thrown.errcode) & 0xff : undefined
  if (code === FULL) {
    return new Problem('disk-full', {
      what: `There is no room for ${to} on its disk.`,
      remedy: 'Free space there, or name a folder on another disk, then try again.',
      cause: thrown,
    })
  }
  if (code !== undefined && DAMAGE.has(code)) return damaged(path, reasonOf(thrown), thrown)
  return new Problem('core-unavailable', {
    what: `${path} cannot be copied: ${reasonOf(thrown)}.`,
    remedy: 'Check the disks and the permissions of the data directory, then try again.',
    cause: thrown,
  })
}

function damaged(path: string, reason: string, cause?: unknown): Problem {
  return new Problem('store-damaged', {
    what: `${path} is damaged: ${reason}.`,
    remedy:
      'Keep the file. Readings are made again from the journal by `isotherm rebuild`; facts come back from a backup only.',
    cause,
  })
}

/** How far a copy of the readings is: the next record of each consumer. Throws `store-damaged` | `core-unavailable`. */
export function consumersIn(path: string): Readonly<Record<string, number>> {
  const rows = ask(path, 'select name, next from cursor order by name')
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['next'])]))
}

/** The version of the facts in a copy: acts so far. Throws `store-damaged` | `core-unavailable`. */
export function factVersionIn(path: string): number {
  const [row] = ask(path, 'select max(version) as version from fact_version')
  return Number(row?.['version'] ?? 0)
}

function ask(path: string, sql: string): readonly Readonly<Record<string, unknown>>[] {
  const database = connect(path)
  try {
    return database.prepare(sql).all()
  } catch (thrown) {
    throw unreadable(path, thrown)
  } finally {
    database.close()
  }
}
