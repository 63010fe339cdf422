import type { Kysely } from 'kysely'
import type { SchemaDialect } from './dialect.ts'
import { createFactTable } from './fact-table.ts'

/** Migration 0003: which rule packs hold where, as somebody decided. */
export async function ruleActivations(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await createFactTable(db, dialect, 'rule_activation', ['pack', 'version', 'organisation'], {
    pack: 'text',
    version: 'integer',
    organisation: 'text',
    state: 'text',
  })
  await db.schema
    .createIndex('rule_activation_organisation')
    .on('rule_activation')
    .column('organisation')
    .execute()
}
