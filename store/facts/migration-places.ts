import type { Kysely } from 'kysely'
import type { SchemaDialect } from './dialect.ts'
import { createFactTable } from './fact-table.ts'

/** Key and columns of each fact table of migration 0002. */
const tables = {
  supervises: [['supervisor', 'supervised'], { supervisor: 'text', supervised: 'text', state: 'text' }],
  place: [
    ['id'],
    {
      id: 'text',
      site: 'text',
      parent: 'text?',
      kind: 'text',
      name: 'text',
      name_en: 'text?',
      capacity_litres: 'integer?',
      state: 'text',
    },
  ],
  duty: [['place'], { place: 'text', duty: 'text' }],
  point: [['id'], { id: 'text', place: 'text', name: 'text', name_en: 'text?', role: 'text' }],
  placement: [['device', 'sensor'], { device: 'text', sensor: 'text', point: 'text', standing: 'text' }],
  product: [
    ['id'],
    {
      id: 'text',
      name: 'text',
      name_en: 'text?',
      code: 'text?',
      range_min_milli_c: 'integer',
      range_max_milli_c: 'integer',
      freeze_sensitive: 'integer',
      light_sensitive: 'integer',
    },
  ],
  lot: [['id'], { id: 'text', product: 'text', number: 'text', maker: 'text', expires_on: 'text' }],
  custody: [['lot', 'place'], { lot: 'text', place: 'text', quantity: 'integer' }],
} as const

/** Columns, other than keys, that facts are found by. */
const walks = [
  ['supervises', 'supervised'],
  ['place', 'site'],
  ['place', 'parent'],
  ['point', 'place'],
  ['placement', 'point'],
  ['product', 'code'],
  ['lot', 'product'],
  ['custody', 'place'],
] as const

/** Migration 0002: supervision, places, points and what is in them. */
export async function placesAndStock(db: Kysely<unknown>, dialect: SchemaDialect): Promise<void> {
  for (const [table, [key, columns]] of Object.entries(tables)) {
    await createFactTable(db, dialect, table, key, columns)
  }
  for (const [table, column] of walks) {
    await db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute()
  }
  const change = db.schema
    .createTable('placement_change')
    .addColumn('seq', dialect.integer, (column) => dialect.identity(column))
    .addColumn('device', 'text', (column) => column.notNull())
    .addColumn('sensor', 'text', (column) => column.notNull())
    .addColumn('from_ms', dialect.integer, (column) => column.notNull())
    .addColumn('to_ms', dialect.integer)
    .addColumn('act', dialect.integer, (column) => column.notNull().references('audit.seq'))
  await dialect.finish(change).execute()
  for (const statement of dialect.appendOnly('placement_change')) await statement.execute(db)
}
