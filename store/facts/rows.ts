import assert from 'node:assert/strict'
import type { FactTable, FactTables } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'
import type { FactKey, FactValues } from './schema.ts'
import { columnsOf, factKeys } from './schema.ts'

/** All rows of a table nobody superseded, in the order they were recorded. */
export async function liveRows<T extends FactTable>(
  reader: FactsReader,
  table: T,
): Promise<readonly FactTables[T][]> {
  return (await reader.all(selectLive(reader, table).orderBy('fact'))) as unknown as FactTables[T][]
}

/** The live rows of one entity, earliest first: its history as it is known now. */
export async function history<T extends FactTable>(
  reader: FactsReader,
  table: T,
  key: FactKey<T>,
): Promise<readonly FactTables[T][]> {
  let query = selectLive(reader, table).orderBy('validFrom')
  for (const [column, value] of keyOf(table, key)) query = query.where(column, '=', value)
  return (await reader.all(query)) as unknown as FactTables[T][]
}

/** The live rows whose column has the value, earliest first. */
export async function liveBy<T extends FactTable>(
  reader: FactsReader,
  table: T,
  column: string & keyof FactValues<T>,
  value: string,
): Promise<readonly FactTables[T][]> {
  // the column is one of the table's own, and that it holds text is all the query's type is used for
  const query = selectLive(reader, table).where(column as unknown as 'name', '=', value)
  return (await reader.all(query.orderBy('validFrom'))) as unknown as FactTables[T][]
}

/** What holds for an entity from its last change on; undefined when there is no such entity. */
export async function present<T extends FactTable>(
  reader: FactsReader,
  table: T,
  key: FactKey<T>,
): Promise<FactTables[T] | undefined> {
  return (await history(reader, table, key)).find((row) => row.validTo === null)
}

/**
 * What held for an entity at instant `validAtMs`, as it was known at `knownAtMs` (both epoch ms, both
 * inclusive); undefined when nothing did.
 */
export async function asOf<T extends FactTable>(
  reader: FactsReader,
  table: T,
  key: FactKey<T>,
  validAtMs: number,
  knownAtMs: number,
): Promise<FactTables[T] | undefined> {
  const name = table as 'sensor'
  let query = reader.db
    .selectFrom(`${name} as this`)
    .select(columnsOf(table) as ['fact'])
    .where('this.recordedAt', '<=', knownAtMs)
    .where('this.validFrom', '<=', validAtMs)
    .where((eb) => eb.or([eb('this.validTo', 'is', null), eb('this.validTo', '>', validAtMs)]))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom(`${name} as later`)
            .select('later.fact')
            .whereRef('later.supersedes', '=', 'this.fact')
            .where('later.recordedAt', '<=', knownAtMs),
        ),
      ),
    )
  for (const [column, value] of keyOf(table, key)) query = query.where(column, '=', value)
  const rows = (await reader.all(query)) as unknown as FactTables[T][]
  assert(rows.length <= 1, `two rows of ${table} hold at one instant`)
  return rows[0]
}

// columnsOf(table) names exactly the columns of FactTables[T], which is what callers take the rows for
function selectLive(reader: FactsReader, table: FactTable) {
  return reader.db.selectFrom(`live_${table as 'sensor'}`).select(columnsOf(table) as ['fact', 'validFrom'])
}

// all key columns are text, and 'name' is one of them, which is all the query's type is used for
function keyOf<T extends FactTable>(table: T, key: FactKey<T>): ['name', string][] {
  const values = key as Readonly<Record<string, string>>
  return factKeys[table].map((column) => {
    const value = values[column]
    assert(value !== undefined, `${table} is found by ${column}`)
    return [column as 'name', value]
  })
}
