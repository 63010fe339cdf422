import type { Kysely } from 'kysely'
import type { SchemaDialect } from './dialect.ts'

/** Migration 0007: when an act of a demonstration's past is claimed to have been done; null for all others. */
export async function claimedActs(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await db.schema.alterTable('audit').addColumn('claimed_at', dialect.integer).execute()
}
