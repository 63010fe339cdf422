import type { FactChange, FactTable, FedRow, FedTable } from '../../domain/index.ts'
import { unfedTables } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'
import { factTables } from './schema.ts'
import { newestChecks } from './newest-checks.ts'
import { liveRows } from './rows.ts'

/** Tables whose rows are fed to views. */
export const fedTables: readonly FedTable[] = factTables.filter(isFed)

/** True for tables whose rows are fed to views. */
export function isFed(table: FactTable): table is FedTable {
  return unfedTables.every((unfed) => table !== unfed)
}

/** Pairs a row with its table. */
export function fedRow(table: FedTable, row: object): FedRow {
  // the caller read or wrote the row in this very table
  return { table, row } as FedRow
}

/** Version of the facts: the number of acts so far. */
export async function latestVersion(reader: FactsReader): Promise<number> {
  const [latest] = await reader.all(
    reader.db.selectFrom('fact_version').select((query) => query.fn.max('version').as('version')),
  )
  return latest?.version ?? 0
}

/** When the last act was recorded, epoch ms; 0 before the first. */
export async function lastActAtMs(reader: FactsReader): Promise<number> {
  const [last] = await reader.all(reader.db.selectFrom('audit').select('at').orderBy('seq', 'desc').limit(1))
  return last?.at ?? 0
}

/**
 * Everything a view needs to start: live rows of the fed tables in the order they were recorded, of checks the newest
 * of each place (there are two a day for as long as the system runs), and open sessions.
 */
export async function snapshotOf(reader: FactsReader, version: number): Promise<FactChange> {
  const rows: FedRow[] = []
  for (const table of fedTables) {
    const live = table === 'place_check' ? await newestChecks(reader) : await liveRows(reader, table)
    for (const row of live) rows.push(fedRow(table, row))
  }
  const sessions = await reader.all(
    reader.db
      .selectFrom('session')
      .select(['tokenSha256', 'user', 'createdAt', 'expiresAt', 'endedAt'])
      .where('endedAt', 'is', null)
      .orderBy('id'),
  )
  for (const row of sessions) rows.push({ table: 'session', row })
  return { version, rows }
}
