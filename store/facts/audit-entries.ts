import assert from 'node:assert/strict'
import type { AuditEntry, AuditedRow, FactTable } from '../../domain/index.ts'
import type { FactsReader } from './port.ts'
import { auditedColumns, factTables } from './schema.ts'

/**
 * Acts with a `seq` above `after`, ascending, at most `limit`, each with every row it appended: by table, then by
 * number. Private columns are left out. One query for the acts and one per table, however many acts there are.
 */
export async function auditEntries(
  reader: FactsReader,
  after: number,
  limit: number,
): Promise<readonly AuditEntry[]> {
  const acts = await reader.all(
    reader.db
      .selectFrom('audit')
      .innerJoin('fact_version', 'fact_version.act', 'audit.seq')
      .select([
        'audit.seq',
        'fact_version.version',
        'audit.at',
        'audit.claimedAt',
        'audit.actor',
        'audit.kind',
      ])
      .select(['audit.subject', 'audit.reason', 'audit.oldJson', 'audit.newJson'])
      .where('audit.seq', '>', after)
      .orderBy('audit.seq')
      .limit(limit),
  )
  const last = acts.at(-1)
  if (last === undefined) return []
  const rows = new Map<number, AuditedRow[]>(acts.map(({ seq }) => [seq, []]))
  for (const table of [...factTables, 'placement_change'] as const) {
    for (const { act, ...row } of await rowsOf(reader, table, after, last.seq)) {
      const appended = rows.get(act)
      assert(appended !== undefined, `a row of ${table} names act ${act}, which has no version`)
      appended.push({ table, row })
    }
  }
  return acts.map(({ oldJson, newJson, ...told }) => ({
    ...told,
    old: details(oldJson),
    new: details(newJson),
    rows: rows.get(told.seq) ?? [],
  }))
}

type StoredRow = AuditedRow['row'] & { readonly act: number }

/** The rows of a table that acts in (after, to] appended, by number. */
async function rowsOf(
  reader: FactsReader,
  table: FactTable | 'placement_change',
  after: number,
  to: number,
): Promise<readonly StoredRow[]> {
  const [number, ...more] = auditedColumns(table)
  return reader.all(
    reader.db
      // all these tables have an act and are numbered by their first column
      .selectFrom(table as 'sensor')
      .select(['act', number as 'fact', ...(more as ['name'])])
      .where('act', '>', after)
      .where('act', '<=', to)
      .orderBy(number as 'fact'),
  )
}

function details(json: string | null): object | null {
  return json === null ? null : (JSON.parse(json) as object)
}
