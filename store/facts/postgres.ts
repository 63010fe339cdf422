import {
  CamelCasePlugin,
  type Compilable,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresDialect,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import { Migrator } from 'kysely/migration'
import { Client, type ClientBase, type ClientConfig, Pool, TypeOverrides } from 'pg'
import type { Clock } from '../../domain/index.ts'
import { Problem, reasonOf } from '../../domain/index.ts'
import { camelRows } from './camel-rows.ts'
import { postgresSchema } from './dialect.ts'
import { factsOn } from './facts.ts'
import { factMigrations } from './migrations.ts'
import type { Facts, FactsReader, FactsWriter } from './port.ts'
import { postgresProblem } from './postgres-problem.ts'
import { type FactsReads, readsOn } from './reads.ts'
import type { FactsSchema } from './schema.ts'

/** A server in the same city answers within milliseconds; one that does not within this is not there. */
const CONNECT_TIMEOUT_MS = 10_000
/** Far longer than any statement of ours; what takes longer waits for a lock nobody will give back. */
const STATEMENT_TIMEOUT_MS = 60_000
/** Lists asked for at once by one query worker. */
const READ_CONNECTIONS_MAX = 4
/** What the one writer of a facts database holds as long as it is connected; the number only has to be ours. */
const WRITER_LOCK = 1_769_172_846
/** PostgreSQL's number for the type bigint; ours fit a double, because they are times and counts. */
const BIGINT_OID = 20

const compiler = new Kysely<FactsSchema>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  },
  plugins: [new CamelCasePlugin()],
})

/** Where the facts are kept: a connection string, `postgresql://user:password@host:port/database`. */
export interface PostgresPlace {
  readonly url: string
}

/**
 * Opens the facts in a PostgreSQL database (15 or later) for writing, brings its schema up to date, and keeps every
 * other writer out as long as it is connected. A lost connection is not opened again: whether the last commit
 * arrived is not known then, so everything is refused with `core-unavailable` until the facts are opened anew.
 * Rejects with `core-unavailable`, `data-directory-locked` (another writer), `data-directory-version`.
 */
export async function openPostgresFacts(options: PostgresPlace & { readonly clock: Clock }): Promise<Facts> {
  const writer = await openWriter(options.url)
  try {
    return await factsOn(writer, options.clock)
  } catch (thrown) {
    await writer.close()
    throw thrown
  }
}

/** Opens the facts in a PostgreSQL database for the lists; see `openFactsReads`. Connects when first asked. */
export function openPostgresFactsReads({
  url,
}: PostgresPlace): Omit<FactsReads, 'close'> & { close(): Promise<void> } {
  const pool = new Pool({ ...configuration(url), max: READ_CONNECTIONS_MAX })
  // an idle connection that breaks is replaced by the next read, which tells if it cannot be
  pool.on('error', () => undefined)
  const reader: FactsReader = { db: compiler, all: (query) => allOn(pool, query) }
  return { ...readsOn(reader), close: () => pool.end() }
}

function configuration(url: string): ClientConfig {
  const types = new TypeOverrides()
  types.setTypeParser(BIGINT_OID, Number)
  return {
    connectionString: url,
    types,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'isotherm',
  }
}

async function openWriter(url: string): Promise<FactsWriter> {
  const client = new Client(configuration(url))
  let lost = false
  client.on('error', () => {
    lost = true
  })
  await connect(client, url)
  return {
    db: compiler,
    all: (query) => allOn(client, query),
    run: async (query) => {
      const { sql, parameters } = query.compile()
      return { changedRows: (await executed(client, sql, parameters)).rowCount ?? 0 }
    },
    begin: async () => {
      if (lost) throw connectionLost()
      await executed(client, 'begin')
    },
    commit: async () => {
      try {
        await executed(client, 'commit')
      } catch (thrown) {
        // it may have arrived; what came after would be told to the views without it
        lost = true
        throw thrown
      }
    },
    rollback: async () => {
      try {
        if (!lost) await executed(client, 'rollback')
      } catch {
        // the server rolls back what it hears no more of; the job tells its own reason
        lost = true
      }
    },
    hasWritten: async () => {
      const asked = 'select pg_current_xact_id_if_assigned() is not null as written'
      return (await executed(client, asked)).rows[0]?.['written'] === true
    },
    problem: (thrown) => thrown,
    close: () => client.end(),
  }
}

/** Connects, takes the writer's lock and brings the schema up to date. */
async function connect(client: Client, url: string): Promise<void> {
  try {
    await client.connect()
  } catch (thrown) {
    throw postgresProblem(thrown)
  }
  try {
    // whatever the server's own setting is, what we acknowledge is synced
    await executed(client, 'set synchronous_commit = on')
    const { rows } = await executed(client, 'select pg_try_advisory_lock($1) as taken', [WRITER_LOCK])
    if (rows[0]?.['taken'] !== true) throw inUse(client)
    await migrate(url)
  } catch (thrown) {
    await client.end()
    throw thrown
  }
}

/** Runs the migrations that are missing, all in one transaction, which kysely opens on PostgreSQL. */
async function migrate(url: string): Promise<void> {
  const pool = new Pool({ ...configuration(url), max: 1 })
  pool.on('error', () => undefined)
  const db = new Kysely<unknown>({ dialect: new PostgresDialect({ pool }) })
  try {
    const provider = { getMigrations: async () => factMigrations(postgresSchema) }
    const { error } = await new Migrator({ db, provider }).migrateToLatest()
    if (error === undefined) return
    // an error of the database has a code, one of the migrator (an unknown migration) has none
    if (error instanceof Error && 'code' in error) throw postgresProblem(error)
    throw new Problem('data-directory-version', {
      what: `The facts in PostgreSQL cannot be brought to this version: ${reasonOf(error)}.`,
      remedy: 'Start the version of Isotherm that wrote this database, or a later one.',
      cause: error,
    })
  } finally {
    await db.destroy()
  }
}

async function executed(on: Pick<ClientBase, 'query'>, text: string, values: readonly unknown[] = []) {
  try {
    return await on.query<Record<string, unknown>>(text, [...values])
  } catch (thrown) {
    throw postgresProblem(thrown)
  }
}

async function allOn<R>(on: Pick<ClientBase, 'query'>, query: Compilable<R>): Promise<readonly R[]> {
  const { sql, parameters } = query.compile()
  // the query's own type says which columns come back
  return camelRows((await executed(on, sql, parameters)).rows) as R[]
}

function connectionLost(): Problem {
  return new Problem('core-unavailable', {
    what: 'The connection to PostgreSQL was lost, and with it whether the last commit arrived.',
    remedy: 'Check the server and start the core again.',
  })
}

function inUse({ database, host }: Client): Problem {
  return new Problem('data-directory-locked', {
    what: `Another core writes to the database ${String(database)} on ${host}.`,
    remedy: 'Stop that one first, or give this one a database of its own.',
  })
}
