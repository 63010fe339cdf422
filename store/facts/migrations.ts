import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { SchemaDialect } from './dialect.ts'
import { addFactColumn, createFactTable, renameFactColumn } from './fact-table.ts'
import { placeChecks } from './migration-checks.ts'
import { claimedActs } from './migration-claims.ts'
import { incidentsAndMessages } from './migration-incidents.ts'
import { auditLog } from './migration-audit.ts'
import { placesAndStock } from './migration-places.ts'
import { ruleActivations, ruleProposals } from './migration-rules.ts'

/**
 * Every change of the facts database, in order; names sort in that order and are never changed once released.
 * They spell out tables and columns instead of taking them from `schema.ts`, because they are history.
 */
export function factMigrations(dialect: SchemaDialect): Record<string, Migration> {
  return {
    '0001-facts-and-acts': { up: (db: Kysely<unknown>) => factsAndActs(db, dialect) },
    '0002-places-and-stock': { up: (db: Kysely<unknown>) => placesAndStock(db, dialect) },
    '0003-rule-activations': { up: (db: Kysely<unknown>) => ruleActivations(db, dialect) },
    '0004-incidents-and-messages': { up: (db: Kysely<unknown>) => incidentsAndMessages(db, dialect) },
    '0005-audit-log': { up: (db: Kysely<unknown>) => auditLog(db) },
    '0006-place-checks': { up: (db: Kysely<unknown>) => placeChecks(db, dialect) },
    '0007-claimed-acts': { up: (db: Kysely<unknown>) => claimedActs(db, dialect) },
    // people are called for more than the two sides of a temperature
    '0008-incident-causes': {
      up: (db: Kysely<unknown>) => renameFactColumn(db, 'incident', 'direction', 'cause'),
    },
    '0009-rule-proposals': { up: (db: Kysely<unknown>) => ruleProposals(db, dialect) },
    '0010-activation-energy': {
      up: (db: Kysely<unknown>) =>
        addFactColumn(db, dialect, 'product', 'activation_joules_per_mol', 'integer'),
    },
    '0011-labels-called-for': {
      up: async (db: Kysely<unknown>) => {
        for (const name of ['label_milli_c', 'called_label_milli_c']) {
          await addFactColumn(db, dialect, 'incident', name, 'integer')
        }
      },
    },
  }
}

/** Columns of each first fact table: `text`, `text?` (may be null) or `integer`; the first names are the key. */
const first = {
  organisation: [
    ['id'],
    { id: 'text', parent: 'text?', kind: 'text', demo: 'integer', name: 'text', name_en: 'text?' },
  ],
  site: [['id'], { id: 'text', organisation: 'text', name: 'text', name_en: 'text?', zone: 'text' }],
  device: [
    ['id'],
    {
      id: 'text',
      site: 'text',
      kind: 'text',
      state: 'text',
      accept_from: 'integer',
      expected_interval: 'integer',
      label: 'text?',
    },
  ],
  device_secret: [['device'], { device: 'text', sha256: 'text' }],
  sensor: [['device', 'name'], { device: 'text', name: 'text' }],
  user: [['id'], { id: 'text', name: 'text', state: 'text' }],
  password: [['user'], { user: 'text', hash: 'text' }],
  grant: [
    ['user', 'organisation', 'role'],
    { user: 'text', organisation: 'text', role: 'text', state: 'text' },
  ],
  key: [
    ['id'],
    { id: 'text', name: 'text', organisation: 'text', role: 'text', sha256: 'text', state: 'text' },
  ],
} as const

async function factsAndActs(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  await createAudit(db, dialect)
  for (const [table, [key, columns]] of Object.entries(first)) {
    await createFactTable(db, dialect, table, key, columns)
  }
  await db.schema.createIndex('user_name').on('user').column('name').execute()
  // walks of the tree and of what hangs on it
  await db.schema.createIndex('organisation_parent').on('organisation').column('parent').execute()
  await db.schema.createIndex('site_organisation').on('site').column('organisation').execute()
  await db.schema.createIndex('device_site').on('device').column('site').execute()
  await createState(db, dialect)
}

async function createAudit(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  const audit = db.schema
    .createTable('audit')
    .addColumn('seq', dialect.integer, (column) => dialect.identity(column))
    .addColumn('at', dialect.integer, (column) => column.notNull())
    .addColumn('actor', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('subject', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('old_json', 'text')
    .addColumn('new_json', 'text')
  await dialect.finish(audit).execute()
  const version = db.schema
    .createTable('fact_version')
    .addColumn('version', dialect.integer, (column) => column.primaryKey())
    .addColumn('act', dialect.integer, (column) => column.notNull().unique().references('audit.seq'))
  await dialect.finish(version).execute()
  for (const table of ['audit', 'fact_version']) {
    for (const statement of dialect.appendOnly(table)) await statement.execute(db)
  }
}

/** What may change in place: open sessions, and counters. */
async function createState(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  const session = db.schema
    .createTable('session')
    .addColumn('id', dialect.integer, (column) => dialect.identity(column))
    .addColumn('token_sha256', 'text', (column) => column.notNull().unique())
    .addColumn('user', 'text', (column) => column.notNull())
    .addColumn('created_at', dialect.integer, (column) => column.notNull())
    .addColumn('expires_at', dialect.integer, (column) => column.notNull())
    .addColumn('ended_at', dialect.integer)
  await dialect.finish(session).execute()
  await db.schema.createIndex('session_user').on('session').column('user').execute()
  const refusal = db.schema
    .createTable('refusal')
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('reason', 'text', (column) => column.notNull())
    .addColumn('hour_ms', dialect.integer, (column) => column.notNull())
    .addColumn('count', dialect.integer, (column) => column.notNull())
    .addPrimaryKeyConstraint('refusal_pk', ['device', 'reason', 'hour_ms'])
  await dialect.finish(refusal).execute()
}
