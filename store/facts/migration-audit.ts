import type { Kysely } from 'kysely'

/** Tables whose rows name the act that appended them, up to migration 0003; later ones make the index themselves. */
const tables = [
  'organisation',
  'site',
  'device',
  'device_secret',
  'sensor',
  'user',
  'password',
  'grant',
  'key',
  'supervises',
  'place',
  'duty',
  'point',
  'placement',
  'product',
  'lot',
  'custody',
  'rule_activation',
  'placement_change',
] as const

/** Migration 0005: acts are read with the rows they appended, by their time and by their subject. */
export async function auditLog(db: Kysely<unknown>): Promise<void> {
  for (const table of tables) {
    await db.schema.createIndex(`${table}_act`).on(table).column('act').execute()
  }
  await db.schema.createIndex('audit_at').on('audit').columns(['at', 'seq']).execute()
  await db.schema.createIndex('audit_subject').on('audit').columns(['subject', 'seq']).execute()
}
