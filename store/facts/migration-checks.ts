import type { Kysely } from 'kysely'
import type { SchemaDialect } from './dialect.ts'
import { createFactTable } from './fact-table.ts'

/** Migration 0006: who has looked at which place when. */
export async function placeChecks(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await createFactTable(db, dialect, 'place_check', ['id'], { id: 'text', place: 'text' })
  await db.schema.createIndex('place_check_act').on('place_check').column('act').execute()
  // the newest of each place is what a view starts with
  await db.schema
    .createIndex('place_check_place')
    .on('place_check')
    .columns(['place', 'valid_from', 'fact'])
    .execute()
}
