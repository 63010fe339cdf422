import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { compareReadings, openCanonicalStore } from '../../store/index.ts'
import { rebuiltTables } from '../../store/readings/rebuilding.ts'
import { T0 } from './readings-fixture.ts'

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

/** Takes used numbers, each with its instant, and silences, in transactions of their own, into a file. */
function take(
  name: string,
  stretches: readonly (readonly (readonly [seq: number, atMs: number])[])[],
  silences: readonly (readonly (readonly [fromMs: number, toMs: number])[])[],
): void {
  const store = openCanonicalStore({ path: join(folder, name) })
  for (const numbers of stretches)
    store.transact((tx) => {
      for (const [seq, atMs] of numbers) tx.putSeqUse('d', 0, seq, atMs)
    })
  for (const times of silences)
    store.transact((tx) => {
      const own = times.map(([fromMs, toMs]) => ({ fromMs: T0 + fromMs, toMs: T0 + toMs, index: 0 }))
      tx.putSilences(1, own)
    })
  store.close()
}

test('used numbers and silences are compared one by one, wherever their runs are cut', () => {
  const [a, b, c, d] = [
    [1, T0],
    [2, T0 + 7],
    [3, T0 + 5],
    [4, T0 + 9],
  ] as const
  const [first, second, third] = [
    [0, 400_000],
    [400_000, 900_000],
    [900_001, 1_300_000],
  ] as const
  take('before', [[a, b, c], [d]], [[first, second, third]])
  take('after', [[a], [b], [c, d]], [[first], [second, third]])
  expect(compared()).toEqual([])
  const path = join(folder, 'after')
  rmSync(path)
  take(
    'after',
    [
      [a, [2, T0 + 8], c],
      [
        [5, T0],
        [6, T0],
      ],
    ],
    [[first, [400_000, 900_001]]],
  )
  expect(compared()).toEqual([
    { table: 'seq_use', changed: 1, added: 2, missing: 1 },
    { table: 'silence', changed: 1, added: 0, missing: 1 },
  ])
})
