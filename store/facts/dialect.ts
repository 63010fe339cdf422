import type { ColumnDefinitionBuilder, CreateTableBuilder, RawBuilder } from 'kysely'
import { sql } from 'kysely'

/**
 * What the migrations cannot say alike on SQLite and PostgreSQL. A migration takes everything else from
 * kysely, so a second database is a second value of this type and nothing more.
 */
export interface SchemaDialect {
  /** Type of 53-bit integers: epoch ms, counts, row numbers. */
  readonly integer: 'integer' | 'bigint'
  /** Makes a column the primary key, numbered by the database, ascending and never reused. */
  identity(column: ColumnDefinitionBuilder): ColumnDefinitionBuilder
  /** Last words of every `create table`. */
  finish<Table extends string, Column extends string>(
    table: CreateTableBuilder<Table, Column>,
  ): CreateTableBuilder<Table, Column>
  /** Statements that make any update or delete of a row of the table fail. */
  appendOnly(table: string): readonly RawBuilder<unknown>[]
}

/** SQLite: strict tables, and triggers that abort. */
export const sqliteSchema: SchemaDialect = {
  integer: 'integer',
  identity: (column) => column.primaryKey().autoIncrement(),
  finish: (table) => table.modifyEnd(sql`strict`),
  appendOnly: (table) =>
    ['update', 'delete'].map(
      (event) => sql`
        create trigger ${sql.id(`${table}_no_${event}`)} before ${sql.raw(event)} on ${sql.table(table)}
        begin select raise(abort, ${sql.lit(`${table} is append-only`)}); end`,
    ),
}

/** PostgreSQL: numbers the database gives and nobody else may, and triggers that raise, for `truncate` too. */
export const postgresSchema: SchemaDialect = {
  integer: 'bigint',
  identity: (column) => column.generatedAlwaysAsIdentity().primaryKey(),
  finish: (table) => table,
  appendOnly: (table) => [
    sql`
      create or replace function refuse_change() returns trigger language plpgsql as $$
      begin raise exception '% is append-only', tg_table_name; end $$`,
    sql`
      create trigger ${sql.id(`${table}_no_change`)} before update or delete on ${sql.table(table)}
      for each row execute function refuse_change()`,
    sql`
      create trigger ${sql.id(`${table}_no_truncate`)} before truncate on ${sql.table(table)}
      for each statement execute function refuse_change()`,
  ],
}
