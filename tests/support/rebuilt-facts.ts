import assert from 'node:assert/strict'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import { systemClock } from '../../app/doors/clock.ts'
import type { AuditRecord, FactTable } from '../../domain/index.ts'
import { openFacts } from '../../store/index.ts'
import { factTables, privateColumns } from '../../store/facts/schema.ts'

/** Everything of a facts file that can come back from the log: all but private columns, sessions and refusals. */
export type LastingRows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>

/** Makes a facts file from the records of an audit log alone. Private columns hold empty texts. */
export async function rebuildFacts(records: readonly AuditRecord[], path: string): Promise<void> {
  await (await openFacts({ path, clock: systemClock })).close()
  const database = new DatabaseSync(path)
  try {
    database.exec('begin')
    let open: AuditRecord | undefined
    for (const record of records) {
      if (open !== undefined) assert.equal(record.rowsFrom, open.rowsFrom + open.rows.length)
      else enterAct(database, record)
      if (open !== undefined) assert.equal(record.seq, open.seq)
      for (const { table, row } of record.rows) {
        insert(database, table, { ...emptyTexts(database, table), ...snake(row), act: record.seq })
      }
      open = record.rowsFrom + record.rows.length < record.rowsTotal ? record : undefined
    }
    assert.equal(open, undefined, 'the last act is whole')
    database.exec('commit')
  } finally {
    database.close()
  }
}

/** Every row that can come back, of a facts file. */
export function lastingRows(path: string): LastingRows {
  const database = new DatabaseSync(path, { readOnly: true })
  try {
    const tables = [...factTables, 'audit', 'fact_version', 'placement_change']
    return Object.fromEntries(
      tables.map((table) => {
        const hidden = privateNames(table)
        const rows = database.prepare(`select * from "${table}" order by 1`).all()
        return [
          table,
          rows.map((row) =>
            Object.fromEntries(Object.entries(row).filter(([name]) => !hidden.includes(name))),
          ),
        ]
      }),
    )
  } finally {
    database.close()
  }
}

function privateNames(table: string): readonly string[] {
  return Object.hasOwn(privateColumns, table) ? privateColumns[table as FactTable] : []
}

function enterAct(database: DatabaseSync, record: AuditRecord): void {
  assert.equal(record.rowsFrom, 0, 'an act begins with its first row')
  const { seq, at, claimedAt, actor, kind, subject, reason, version } = record
  const [oldJson, newJson] = [record.old, record.new].map((told) =>
    told === null ? null : JSON.stringify(told),
  )
  insert(database, 'audit', {
    seq,
    at,
    actor,
    kind,
    subject,
    reason,
    old_json: oldJson ?? null,
    new_json: newJson ?? null,
    claimed_at: claimedAt,
  })
  insert(database, 'fact_version', { version, act: seq })
}

function insert(database: DatabaseSync, table: string, row: Readonly<Record<string, SQLInputValue>>): void {
  const names = Object.keys(row).map((name) => `"${name}"`)
  const sql = `insert into "${table}" (${names.join(', ')}) values (${names.map(() => '?').join(', ')})`
  database.prepare(sql).run(...Object.values(row))
}

/** What the log does not tell and the table demands. */
function emptyTexts(database: DatabaseSync, table: string): Record<string, string> {
  const hidden = privateNames(table)
  const columns = database.prepare(`select name from pragma_table_info('${table}') where "notnull" = 1`).all()
  return Object.fromEntries(
    columns
      .map(({ name }) => String(name))
      .filter((name) => hidden.includes(name))
      .map((name) => [name, '']),
  )
}

function snake(row: AuditRecord['rows'][number]['row']): Record<string, string | number | null> {
  const renamed = Object.entries(row).map(([name, value]) => {
    return [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value] as const
  })
  return Object.fromEntries(renamed)
}
