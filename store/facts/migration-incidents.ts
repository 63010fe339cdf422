import type { Kysely } from 'kysely'
import type { SchemaDialect } from './dialect.ts'
import { createFactTable } from './fact-table.ts'

/** Key and columns of each fact table of migration 0004. */
const tables = {
  recipient: [
    ['id'],
    {
      id: 'text',
      place: 'text',
      name: 'text',
      channel: 'text',
      address: 'text',
      language: 'text',
      hours: 'text',
      state: 'text',
    },
  ],
  incident: [
    ['id'],
    {
      id: 'text',
      place: 'text',
      direction: 'text',
      state: 'text',
      grade: 'text',
      open: 'integer',
      seen_late: 'integer',
      told: 'integer',
      called_grade: 'text?',
      called_ms: 'integer?',
      call_due_ms: 'integer?',
      acknowledged_by: 'text?',
      acknowledged_ms: 'integer?',
      resolved_by: 'text?',
      resolved_ms: 'integer?',
      resolution: 'text?',
      muted_by: 'text?',
      muted_until_ms: 'integer?',
    },
  ],
  incident_finding: [['incident', 'finding'], { incident: 'text', finding: 'text' }],
  message: [
    ['id'],
    {
      id: 'text',
      decided_by: 'integer',
      incident: 'text?',
      recipient: 'text',
      recipient_fact: 'integer',
      channel: 'text',
      template: 'text',
      grade: 'text?',
      language: 'text',
      subject: 'text',
      text: 'text',
      variables: 'text',
      outside_hours: 'integer',
      state: 'text',
      sent_ms: 'integer?',
      receipt_ms: 'integer?',
      reference: 'text?',
      detail: 'text?',
    },
  ],
} as const

/** Columns, other than keys, that facts are found by. */
const walks = [
  ['recipient', 'place'],
  ['incident', 'place'],
  ['incident_finding', 'finding'],
  ['message', 'incident'],
] as const

/** Migration 0004: who is called, for what, and what was sent. */
export async function incidentsAndMessages(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  for (const [table, [key, columns]] of Object.entries(tables)) {
    await createFactTable(db, dialect, table, key, columns)
    await db.schema.createIndex(`${table}_act`).on(table).column('act').execute()
  }
  for (const [table, column] of walks) {
    await db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute()
  }
  const consumer = db.schema
    .createTable('consumer')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('next', dialect.integer, (column) => column.notNull())
  await dialect.finish(consumer).execute()
  const outbox = db.schema
    .createTable('outbox')
    .addColumn('message', 'text', (column) => column.primaryKey())
    .addColumn('due_ms', dialect.integer, (column) => column.notNull())
    .addColumn('attempts', dialect.integer, (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
  await dialect.finish(outbox).execute()
  await db.schema.createIndex('outbox_due').on('outbox').column('due_ms').execute()
}
