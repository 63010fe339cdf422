import { DatabaseSync } from 'node:sqlite'
import { Problem, reasonOf } from '../../domain/index.ts'

/** What a column of ours holds; SQLite hands integers beyond 2^53 over as an error, never as a wrong number. */
export type ColumnValue = number | string | Uint8Array | null

/** A prepared statement whose rows are `Row`. */
export interface Statement<Row> {
  /** Runs it and tells how many rows it changed. */
  run(...values: ColumnValue[]): number
  get(...values: ColumnValue[]): Row | undefined
  all(...values: ColumnValue[]): Row[]
}

/**
 * Prepares `sql`; the caller says which columns come back, by name or as tuples in their order. Tuples cost half as
 * much: for what is read row by row of everything that is stored.
 */
export type Prepare = <Row>(sql: string, shape?: 'objects' | 'tuples') => Statement<Row>

/**
 * Statements of one connection to the file at `path`. `check` runs before each use and may throw; what SQLite
 * throws becomes a `Problem`.
 */
export function preparing(database: DatabaseSync, path: string, check: () => void): Prepare {
  return <Row>(sql: string, shape: 'objects' | 'tuples' = 'objects'): Statement<Row> => {
    const prepared = database.prepare(sql)
    if (shape === 'tuples') prepared.setReturnArrays(true)
    // our tables are strict, so a column holds the type its definition and the caller's Row both name. What is common
    // to the three is written out in each: a closure for each call costs as much as a small statement
    return {
      run: (...values) => {
        check()
        try {
          return Number(prepared.run(...values).changes)
        } catch (thrown) {
          throw sqliteProblem(thrown, path)
        }
      },
      get: (...values) => {
        check()
        try {
          return prepared.get(...values) as Row | undefined
        } catch (thrown) {
          throw sqliteProblem(thrown, path)
        }
      },
      all: (...values) => {
        check()
        try {
          return prepared.all(...values) as Row[]
        } catch (thrown) {
          throw sqliteProblem(thrown, path)
        }
      },
    }
  }
}

/** A connection waits this long for a lock; only a checkpoint or a backup can hold one, and briefly. */
const BUSY_TIMEOUT_MS = 5_000

/** Opens one connection; what SQLite says against it becomes a `Problem` that names the file. */
export function connect(path: string, readOnly: boolean): DatabaseSync {
  try {
    return new DatabaseSync(path, { readOnly, timeout: BUSY_TIMEOUT_MS })
  } catch (thrown) {
    throw sqliteProblem(thrown, path)
  }
}

/** SQLite's primary result codes that have a remedy of their own (sqlite.org/rescode.html). */
const CORRUPT = 11
const FULL = 13
const CANNOT_OPEN = 14
const CONSTRAINT = 19
const NOT_A_DATABASE = 26

/** Turns an error of SQLite into a `Problem` that names the file; anything else comes back as it is. */
export function sqliteProblem(thrown: unknown, path: string): unknown {
  const code = sqliteCode(thrown)
  if (code === undefined) return thrown
  const what = `The readings in ${path} cannot be used: ${reasonOf(thrown)}.`
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    const remedy = 'Stop the service and make the readings anew with `isotherm rebuild`, or restore a backup.'
    return new Problem('store-damaged', { what, remedy, cause: thrown })
  }
  if (code === CONSTRAINT) {
    const remedy = 'This is a mistake of Isotherm itself: report it with this message. Nothing was stored.'
    return new Problem('internal', { what, remedy, cause: thrown })
  }
  return new Problem('core-unavailable', { what, remedy: remedyOf(code), cause: thrown })
}

function remedyOf(code: number): string {
  if (code === FULL) return 'Free space on the disk of the data directory; ingest goes on by itself.'
  if (code === CANNOT_OPEN)
    return 'Start the core, which makes the file, and check the path and its permissions.'
  return 'Check the disk and the permissions of the data directory; the operation can be tried again.'
}

/** The primary result code of an error of node:sqlite; undefined for any other error. */
function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown)) return undefined
  return typeof thrown.errcode === 'number' ? thrown.errcode & 0xff : undefined
}
