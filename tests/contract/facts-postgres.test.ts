import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFactsView, openPostgresFacts, openPostgresFactsReads } from '../../store/index.ts'
import { type Postgres, postgresSkipReason, startPostgres } from '../support/postgres.ts'
import { TestClock } from '../store/facts/setup.ts'
import { keepsChecks } from './facts-checks.ts'
import { keepsRules } from './facts-rules.ts'
import { keepsClaims } from './facts-claims.ts'
import { keepsIncidents } from './facts-incidents.ts'
import { settlesMessages } from './facts-settling.ts'
import { keepsRecipients } from './facts-recipients.ts'
import { entriesOf, tellsActs } from './facts-audit.ts'
import { everything, keepsPlaces, rowsOf } from './facts-places.ts'
import { type FactsDatabase, keepsFacts } from './facts-promises.ts'
import { createSqlite } from './facts-sqlite.ts'

describe.skipIf(postgresSkipReason() !== undefined)('PostgreSQL 15', () => {
  let server: Postgres
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.remove())

  const createPostgres = async (): Promise<FactsDatabase> => databaseAt(await server.createDatabase())
  const databaseAt = (url: string): FactsDatabase => ({
    open: (clock) => openPostgresFacts({ url, clock }),
    reads: () => openPostgresFactsReads({ url }),
    execute: (statement) => server.execute(url, statement),
    // it goes with the server
    remove: async () => undefined,
  })
  const clock = new TestClock()

  keepsFacts('PostgreSQL', createPostgres)
  keepsPlaces('PostgreSQL', createPostgres)
  keepsChecks('PostgreSQL', createPostgres)
  keepsRules('PostgreSQL', createPostgres)
  keepsClaims('PostgreSQL', createPostgres)
  keepsIncidents('PostgreSQL', createPostgres)
  settlesMessages('PostgreSQL', createPostgres)
  keepsRecipients('PostgreSQL', createPostgres)
  tellsActs('PostgreSQL', createPostgres)

  test('the same commands leave the same rows as in SQLite', async () => {
    const [sqlite, postgres] = [await createSqlite(), await createPostgres()]
    const rows: unknown[] = []
    for (const database of [sqlite, postgres]) {
      const facts = await database.open(clock)
      await everything(facts)
      rows.push([await rowsOf(database), (await facts.snapshot()).version, await entriesOf(database, 10)])
      await facts.close()
      await database.remove()
    }
    expect(rows[1]).toEqual(rows[0])
  })

  test('a table cannot be emptied either', async () => {
    const database = await createPostgres()
    await (await database.open(clock)).close()
    await expect(database.execute('truncate placement_change')).rejects.toThrow(
      'placement_change is append-only',
    )
  })

  test('a second writer is refused until the first has closed', async () => {
    const database = await createPostgres()
    const facts = await database.open(clock)
    await expect(database.open(clock)).rejects.toMatchObject({ code: 'data-directory-locked' })
    await facts.close()
    await (await database.open(clock)).close()
  })

  test('a database of a later version is refused and left as it is', async () => {
    const database = await createPostgres()
    await (await database.open(clock)).close()
    await database.execute("insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')")
    await expect(database.open(clock)).rejects.toMatchObject({
      code: 'data-directory-version',
      message: expect.stringContaining('9999-later') as string,
    })
    await database.execute("delete from kysely_migration where name = '9999-later'")
    await (await database.open(clock)).close()
  })

  test('a migration that fails half way changes nothing', async () => {
    const database = await createPostgres()
    // in the way of the last table of the last migration
    await database.execute('create table placement_change (x int)')
    await expect(database.open(clock)).rejects.toMatchObject({ code: 'internal' })
    const tables =
      "select tablename from pg_tables where schemaname = 'public' and tablename not like 'kysely%'"
    expect(await database.execute(tables)).toEqual([{ tablename: 'placement_change' }])
    await database.execute('drop table placement_change')
    await (await database.open(clock)).close()
  })

  test('a server that is not there is named as such', async () => {
    const url = 'postgresql://nobody@localhost/none?host=/nowhere'
    await expect(openPostgresFacts({ url, clock })).rejects.toMatchObject({ code: 'core-unavailable' })
    const reads = openPostgresFactsReads({ url })
    const input = { scopes: ['root'], limit: 1 }
    await expect(reads.places(input)).rejects.toMatchObject({ code: 'core-unavailable' })
    await reads.close()
  })

  test('when the connection is lost everything is refused until the facts are opened again', async () => {
    const database = await createPostgres()
    const facts = await database.open(clock)
    await everything(facts)
    const before = await rowsOf(database)
    const cut = "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'"
    await database.execute(cut)
    for (let time = 0; time < 2; time += 1) {
      await expect(everything(facts)).rejects.toMatchObject({ code: 'core-unavailable' })
    }
    await facts.close()
    const again = await database.open(clock)
    expect(await rowsOf(database)).toEqual(before)
    const view = createFactsView()
    view.load(await again.snapshot())
    expect(view.place('room')?.state).toBe('retired')
    await again.close()
  })
})
