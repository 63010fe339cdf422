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

/** Migration 0009: changes of rules that wait for a second person, and what became of them. */
export async function ruleProposals(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await createFactTable(db, dialect, 'rule_proposal', ['id'], {
    id: 'text',
    pack: 'text',
    version: 'integer',
    organisation: 'text',
    state: 'text',
    state_before: 'text?',
    effective_ms: 'integer?',
    emergency: 'integer',
    correction: 'integer',
    status: 'text',
    proposed_by: 'text',
  })
  await db.schema
    .createIndex('rule_proposal_organisation')
    .on('rule_proposal')
    .column('organisation')
    .execute()
}
