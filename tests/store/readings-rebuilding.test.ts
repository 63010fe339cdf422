import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compareReadings, openCanonicalStore } from '../../store/index.ts'
import { rebuiltTables } from '../../store/readings/rebuilding.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'iso-rebuilding-'))
  for (const name of ['before', 'after']) openCanonicalStore({ path: join(folder, name) }).close()
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

function change(name: string, sql: string): void {
  const database = new DatabaseSync(join(folder, name), { enableForeignKeyConstraints: false })
  database.exec(sql)
  database.close()
}

const compared = () => compareReadings({ before: join(folder, 'before'), after: join(folder, 'after') })

test('a rebuild knows of every table what becomes of it', () => {
  const database = new DatabaseSync(join(folder, 'after'), { readOnly: true })
  const tables = database.prepare("select name from sqlite_schema where type = 'table'").all()
  database.close()
  const names = tables.map((row) => String(row['name'])).filter((name) => !name.startsWith('sqlite_'))
  expect(Object.values(rebuiltTables).flat().toSorted()).toEqual(names.toSorted())
})

test('rows are compared by key and then column by column, also where a column is empty', () => {
  expect(compared()).toEqual([])
  const row = (t: number, celsius: string) => `insert into reading
    (series, t, sub, received_ms, idx, item, marks, changed_idx, temperature_milli_c)
    values (1, ${t}, 0, 5, 1, 0, 0, 1, ${celsius});`
  change('before', `${row(1, '4000')} ${row(2, '5000')} ${row(3, 'null')} ${row(4, '1')}`)
  change('after', `${row(1, '4000')} ${row(2, 'null')} ${row(3, '6000')} ${row(5, '1')} ${row(6, '1')}`)
  change('after', "insert into device (no, id) values (1, 'a')")
  expect(compared()).toEqual([
    { table: 'device', changed: 0, added: 1, missing: 0 },
    { table: 'reading', changed: 2, added: 2, missing: 1 },
  ])
})
