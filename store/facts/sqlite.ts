import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import type { Compilable, CompiledQuery } from 'kysely'
import {
  CamelCasePlugin,
  DummyDriver,
  Kysely,
  SqliteAdapter,
  SqliteDialect,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import { Migrator } from 'kysely/migration'
import { Problem, reasonOf } from '../../domain/index.ts'
import { sqliteSchema } from './dialect.ts'
import { factMigrations } from './migrations.ts'
import type { FactsReader, FactsTransaction } from './port.ts'
import type { FactsSchema } from './schema.ts'

/** The writer waits this long for a lock: only a backup or a checkpoint of another process can hold one. */
const BUSY_TIMEOUT_MS = 5_000

const compiler = new Kysely<FactsSchema>({
  dialect: {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  },
  plugins: [new CamelCasePlugin()],
})

/** A connection that compiles with kysely and executes synchronously. */
export interface SqliteFacts extends FactsReader {
  readonly connection: DatabaseSync
  readonly run: FactsTransaction['run']
  /** Turns an error of SQLite into a `Problem` that names the file; anything else stays as it is. */
  readonly problem: (thrown: unknown) => unknown
}

/**
 * Opens the facts for writing (WAL, every commit synced) and brings the schema up to date in one transaction.
 * Rejects with `data-directory-version` when a newer Isotherm wrote the file, `store-damaged` when it cannot
 * be read.
 */
export async function openSqliteWriter(path: string): Promise<SqliteFacts> {
  const facts = open(path, false)
  try {
    facts.connection.exec('pragma journal_mode = wal; pragma synchronous = full')
    await migrate(facts.connection, path)
    return facts
  } catch (thrown) {
    facts.connection.close()
    throw facts.problem(thrown)
  }
}

/** Opens the facts for reading only. Throws `core-unavailable` when the writer has not made the file yet. */
export function openSqliteReader(path: string): SqliteFacts {
  return open(path, true)
}

function open(path: string, readOnly: boolean): SqliteFacts {
  const problem = (thrown: unknown): unknown => problemOf(thrown, path)
  let connection: DatabaseSync
  try {
    connection = new DatabaseSync(path, {
      readOnly,
      timeout: BUSY_TIMEOUT_MS,
      enableForeignKeyConstraints: true,
    })
  } catch (thrown) {
    throw problem(thrown)
  }
  return {
    connection,
    problem,
    db: compiler,
    all: async <R>(query: Compilable<R>) => {
      const compiled = query.compile()
      try {
        // the query's own type says which columns come back
        return camelRows(connection.prepare(compiled.sql).all(...valuesOf(compiled))) as R[]
      } catch (thrown) {
        throw problem(thrown)
      }
    },
    run: async (query) => {
      const compiled = query.compile()
      try {
        const { changes } = connection.prepare(compiled.sql).run(...valuesOf(compiled))
        return { changedRows: Number(changes) }
      } catch (thrown) {
        throw problem(thrown)
      }
    },
  }
}

function valuesOf(query: CompiledQuery): (string | number | null)[] {
  return query.parameters.map((value) => {
    const known = value === null || typeof value === 'string' || typeof value === 'number'
    assert(known, `columns are text and integers, not ${typeof value}`)
    return value
  })
}

/** Plain objects with camelCase keys of rows that all have the same columns. */
function camelRows(rows: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const names = Object.keys(rows[0] ?? {}).map((column) => {
    const name = column.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
    return [column, name] as const
  })
  return rows.map((row) => {
    const camel: Record<string, unknown> = {}
    for (const [column, name] of names) camel[name] = row[column]
    return camel
  })
}

/**
 * Runs the migrations that are missing. kysely's migrator does not wrap them in a transaction on SQLite, so we
 * do: a crash in the middle leaves the file as it was.
 */
async function migrate(connection: DatabaseSync, path: string): Promise<void> {
  const db = new Kysely<unknown>({
    dialect: new SqliteDialect({
      database: {
        close: () => undefined,
        prepare: (sql) => {
          const statement = connection.prepare(sql)
          return {
            reader: statement.columns().length > 0,
            all: (values) => statement.all(...(values as string[])),
            run: (values) => statement.run(...(values as string[])),
            iterate: (values) => statement.iterate(...(values as string[])),
          }
        },
      },
    }),
  })
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => factMigrations(sqliteSchema) },
  })
  connection.exec('begin immediate')
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) {
    connection.exec('commit')
    return
  }
  if (connection.isTransaction) connection.exec('rollback')
  if (sqliteCode(error) !== undefined) throw error
  throw new Problem('data-directory-version', {
    what: `The facts in ${path} cannot be brought to this version: ${reasonOf(error)}.`,
    remedy: 'Start the version of Isotherm that wrote this data directory, or a later one.',
    cause: error,
  })
}

function sqliteCode(thrown: unknown): number | undefined {
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number')
    return undefined
  return thrown.errcode & 0xff
}

/** Primary result codes of SQLite (sqlite.org/rescode.html) that mean the file itself is not usable. */
const damage = new Set([11, 26])
/** Codes that pass, or that the operator can end: busy, locked, no memory, read-only, I/O, full, cannot open. */
const trouble = new Set([5, 6, 7, 8, 10, 13, 14])

function problemOf(thrown: unknown, path: string): unknown {
  const code = sqliteCode(thrown)
  if (code === undefined) return thrown
  if (damage.has(code)) {
    return new Problem('store-damaged', {
      what: `The facts in ${path} cannot be read: ${reasonOf(thrown)}.`,
      remedy: 'Stop the service and restore the facts from a backup; keep the damaged file.',
      cause: thrown,
    })
  }
  if (trouble.has(code)) {
    return new Problem('core-unavailable', {
      what: `The facts in ${path} cannot be used at the moment: ${reasonOf(thrown)}.`,
      remedy: 'Check that the core runs, that its disk has space, and that the file may be written.',
      cause: thrown,
    })
  }
  return new Problem('internal', {
    what: `A statement on the facts in ${path} failed: ${reasonOf(thrown)}.`,
    remedy: 'Report this with the log; nothing was written.',
    cause: thrown,
  })
}
