import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type Clock, Problem, reasonOf } from '../domain/index.ts'

/** Who holds a role of a data directory. */
export interface LockHolder {
  readonly pid: number
  readonly host: string
  /** Start of the process, epoch ms. */
  readonly startedAt: number
}

/** A held lock. */
export interface DataDirectoryLock {
  /** Gives the role back. Idempotent; the end of the process, however it ends, does the same. */
  release(): void
}

/** SQLite's primary result codes for "another connection holds the lock". */
const BUSY = new Set([5, 6])
/** SQLite's primary result code for a file that is not there, when it may not be made. */
const CANNOT_OPEN = new Set([14])

/** SQLite's primary result code for a disk that takes no more. */
const FULL = new Set([13])

/**
 * Takes one role (`core`, `gateway`, ...) of a data directory for the life of this process, without waiting. The
 * lock is an open exclusive transaction on `<role>.lock`: the kernel drops it with the process, even after
 * `kill -9`. Who holds it stands in `<role>.holder`, for the message only. Nothing in this process may open
 * `<role>.lock` by other means, since closing it would drop the lock (POSIX fcntl).
 *
 * Throws `data-directory-locked`, naming the holder, or `configuration-invalid` when the directory cannot be used.
 */
export function lockDataDirectory(options: {
  readonly path: string
  readonly role: string
  readonly holder: LockHolder
}): DataDirectoryLock {
  const { path, role, holder } = options
  const lock = takeLock(path, role)
  try {
    writeHolder(path, role, holder)
  } catch (thrown) {
    // on a full disk only the name in a message is lost, or an earlier one stays; the start can then say what is wrong
    if (!hasCode(thrown, FULL)) {
      lock.close()
      throw unusable(path, role, thrown)
    }
  }
  return {
    release: () => {
      if (lock.isOpen) lock.close()
    },
  }
}

/** How long to wait before trying again to take a role. */
const LOOK_INTERVAL_MS = 100

/**
 * The same, but waits up to `waitMs` for the holder to let go: it may be a command of the command line, which is
 * done soon.
 */
export async function lockDataDirectoryWithin(
  options: { readonly path: string; readonly role: string; readonly holder: LockHolder },
  clock: Clock,
  waitMs: number,
): Promise<DataDirectoryLock> {
  const untilMs = clock.monotonicMs() + waitMs
  for (;;) {
    try {
      return lockDataDirectory(options)
    } catch (thrown) {
      if (!isHeld(thrown) || clock.monotonicMs() >= untilMs) throw thrown
    }
    await clock.sleep(LOOK_INTERVAL_MS)
  }
}

function isHeld(thrown: unknown): boolean {
  return thrown instanceof Problem && thrown.code === 'data-directory-locked'
}

/**
 * True while somebody holds the role. Asks for a shared lock only, so that two who ask do not see each other.
 * Throws `configuration-invalid` when the lock cannot be looked at.
 */
export function isDataDirectoryLocked(options: { readonly path: string; readonly role: string }): boolean {
  const { path, role } = options
  let file: DatabaseSync | undefined
  try {
    file = new DatabaseSync(join(path, `${role}.lock`), { readOnly: true, timeout: 0 })
    file.prepare('select count(*) from sqlite_schema').get()
    return false
  } catch (thrown) {
    if (hasCode(thrown, BUSY)) return true
    // nobody has ever held it
    if (hasCode(thrown, CANNOT_OPEN)) return false
    throw unusable(path, role, thrown)
  } finally {
    file?.close()
  }
}

function takeLock(path: string, role: string): DatabaseSync {
  let lock: DatabaseSync | undefined
  try {
    lock = new DatabaseSync(join(path, `${role}.lock`), { timeout: 0 })
    lock.exec('begin exclusive')
    return lock
  } catch (thrown) {
    lock?.close()
    if (!hasCode(thrown, BUSY)) throw unusable(path, role, thrown)
    throw new Problem('data-directory-locked', {
      what: `The data directory ${path} is in use as ${role} by ${holderText(path, role)}.`,
      remedy: 'Stop that process first, or give this one a data directory of its own.',
      cause: thrown,
    })
  }
}

/** The holder's details lie in a file of their own: the lock file itself cannot be read while it is held. */
function writeHolder(path: string, role: string, holder: LockHolder): void {
  const file = new DatabaseSync(join(path, `${role}.holder`), { timeout: 1_000 })
  try {
    file.exec(
      'create table if not exists holder (one integer primary key, pid integer, host text, started_at integer)',
    )
    file
      .prepare('insert or replace into holder (one, pid, host, started_at) values (1, ?, ?, ?)')
      .run(holder.pid, holder.host, holder.startedAt)
  } finally {
    file.close()
  }
}

/** Who holds a role; undefined when nobody does, or it is not written down. Throws as `isDataDirectoryLocked`. */
export function lockHolder(options: {
  readonly path: string
  readonly role: string
}): LockHolder | undefined {
  return isDataDirectoryLocked(options) ? writtenHolder(options.path, options.role) : undefined
}

function holderText(path: string, role: string): string {
  const holder = writtenHolder(path, role)
  if (holder === undefined) return 'another process'
  return `process ${holder.pid} on ${holder.host} since ${new Date(holder.startedAt).toISOString()}`
}

/** What is written of the last holder; undefined when that cannot be read, or a first one is just starting. */
function writtenHolder(path: string, role: string): LockHolder | undefined {
  try {
    const file = new DatabaseSync(join(path, `${role}.holder`), { readOnly: true, timeout: 1_000 })
    try {
      const row = file.prepare('select pid, host, started_at from holder').get()
      if (row === undefined) return undefined
      return { pid: Number(row['pid']), host: String(row['host']), startedAt: Number(row['started_at']) }
    } finally {
      file.close()
    }
  } catch {
    // only the name in a message is lost; that the directory is locked is known already
    return undefined
  }
}

function hasCode(thrown: unknown, codes: ReadonlySet<number>): boolean {
  return (
    thrown instanceof Error &&
    'errcode' in thrown &&
    typeof thrown.errcode === 'number' &&
    codes.has(thrown.errcode & 0xff)
  )
}

function unusable(path: string, role: string, cause: unknown): Problem {
  return new Problem('configuration-invalid', {
    what: `The data directory ${path} cannot be locked as ${role}: ${reasonOf(cause)}.`,
    remedy: 'Create the directory and give this user the right to write there.',
    cause,
  })
}
