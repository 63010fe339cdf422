import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'
import { expect, test } from 'vitest'
import { postgresSchema } from '../../store/facts/dialect.ts'
import { factMigrations } from '../../store/facts/migrations.ts'

async function postgresStatements(): Promise<string[]> {
  const statements: string[] = []
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (inner) => new PostgresIntrospector(inner),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
    log: ({ query }: { query: CompiledQuery }) => void statements.push(query.sql),
  })
  for (const migration of Object.values(factMigrations(postgresSchema))) await migration.up(db)
  return statements
}

// needs no server, so that a word only SQLite understands is found on every machine
test('the migrations can be told to PostgreSQL', async () => {
  const statements = await postgresStatements()
  const tables = statements.filter((statement) => statement.startsWith('create table'))
  expect(tables).toHaveLength(31)
  expect(tables[0]).toBe(
    'create table "audit" ("seq" bigint generated always as identity primary key, "at" bigint not null, ' +
      '"actor" text not null, "kind" text not null, "subject" text not null, "reason" text not null, ' +
      '"old_json" text, "new_json" text)',
  )
  for (const statement of statements)
    expect(statement).not.toMatch(/autoincrement|strict|pragma|raise\(|\binteger\b/i)
})
