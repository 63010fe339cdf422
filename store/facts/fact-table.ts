import type { CreateTableBuilder, Kysely } from 'kysely'
import { sql } from 'kysely'
import type { SchemaDialect } from './dialect.ts'

/** Columns of a fact table of its own: `?` may be null. */
export type OwnColumns = Readonly<Record<string, 'text' | 'text?' | 'integer' | 'integer?'>>

/**
 * Creates a fact table in the one shape they all have: the bitemporal columns, its own, an index on the key, and
 * the view `live_<table>` of what nobody superseded. Rows can be added, never changed or removed.
 */
export async function createFactTable(
  db: Kysely<unknown>,
  dialect: SchemaDialect,
  table: string,
  key: readonly string[],
  columns: OwnColumns,
): Promise<void> {
  await createColumns(db, dialect, table, columns)
  await db.schema
    .createIndex(`${table}_key`)
    .on(table)
    .columns([...key])
    .execute()
  // a row is superseded at most once
  await db.schema.createIndex(`${table}_supersedes`).on(table).column('supersedes').unique().execute()
  await createLiveView(db, table)
  for (const statement of dialect.appendOnly(table)) await statement.execute(db)
}

/** Gives a column another name; PostgreSQL keeps the old one in the view, so that is made anew. */
export async function renameFactColumn(
  db: Kysely<unknown>,
  table: string,
  from: string,
  to: string,
): Promise<void> {
  await db.schema.dropView(`live_${table}`).execute()
  await db.schema.alterTable(table).renameColumn(from, to).execute()
  await createLiveView(db, table)
}

/** Gives a fact table one more column, which is null in the rows there are; the view is made anew, as above. */
export async function addFactColumn(
  db: Kysely<unknown>,
  dialect: SchemaDialect,
  table: string,
  name: string,
  type: 'text' | 'integer',
): Promise<void> {
  await db.schema.dropView(`live_${table}`).execute()
  await db.schema
    .alterTable(table)
    .addColumn(name, type === 'integer' ? dialect.integer : 'text')
    .execute()
  await createLiveView(db, table)
}

async function createLiveView(db: Kysely<unknown>, table: string): Promise<void> {
  await db.schema
    .createView(`live_${table}`)
    .as(
      sql`select * from ${sql.table(table)} as this
        where not exists (select 1 from ${sql.table(table)} as later where later.supersedes = this.fact)`,
    )
    .execute()
}

async function createColumns(
  db: Kysely<unknown>,
  dialect: SchemaDialect,
  table: string,
  columns: OwnColumns,
): Promise<void> {
  let builder: CreateTableBuilder<string, string> = db.schema
    .createTable(table)
    .addColumn('fact', dialect.integer, (column) => dialect.identity(column))
    .addColumn('valid_from', dialect.integer, (column) => column.notNull())
    .addColumn('valid_to', dialect.integer)
    .addColumn('recorded_at', dialect.integer, (column) => column.notNull())
    .addColumn('recorded_by', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('supersedes', dialect.integer, (column) => column.references(`${table}.fact`))
    // no row without the audit row of the act that appended it
    .addColumn('act', dialect.integer, (column) => column.notNull().references('audit.seq'))
    .addCheckConstraint(`${table}_period`, sql`valid_to is null or valid_to > valid_from`)
  for (const [name, type] of Object.entries(columns)) {
    builder = builder.addColumn(name, type.startsWith('integer') ? dialect.integer : 'text', (column) =>
      type.endsWith('?') ? column : column.notNull(),
    )
  }
  await dialect.finish(builder).execute()
}
