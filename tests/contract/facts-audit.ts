import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditEntry } from '../../domain/index.ts'
import type { Facts } from '../../store/index.ts'
import { act } from '../../store/facts/act.ts'
import { auditedColumns, factTables } from '../../store/facts/schema.ts'
import { LI, START_MS, TestClock } from '../store/facts/setup.ts'
import { everything, rowsOf } from './facts-places.ts'
import type { FactsDatabase } from './facts-promises.ts'

const appending = [...factTables, 'placement_change'] as const

/** Every act of a database, in batches of `limit`. */
export async function entriesOf(database: FactsDatabase, limit: number): Promise<AuditEntry[]> {
  const reads = database.reads()
  const entries: AuditEntry[] = []
  try {
    for (;;) {
      const batch = await reads.auditEntries(entries.at(-1)?.seq ?? 0, limit)
      expect(batch.length).toBeLessThanOrEqual(limit)
      if (batch.length === 0) return entries
      entries.push(...batch)
    }
  } finally {
    await reads.close()
  }
}

/** What is told of acts, whatever the facts are kept in. */
export function tellsActs(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`acts, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    beforeAll(async () => {
      database = await create()
      facts = await database.open(new TestClock())
      await everything(facts)
      // its number may be lost with it
      const failing = facts.transact(async (tx) => {
        await act(tx, { kind: 'test', actor: LI, subject: 'x', reason: '', old: null, new: null })
        throw new RangeError('half way')
      })
      await expect(failing).rejects.toThrow('half way')
      const last = { kind: 'test', actor: LI, subject: 'test:1', reason: '够了', old: null, new: { a: [] } }
      await facts.transact((tx) => act(tx, last))
    })
    afterAll(async () => {
      await facts.close()
      await database.remove()
    })

    test('are told once and in order, with versions that have no holes', async () => {
      const entries = await entriesOf(database, 1_000)
      const audit = await database.execute('select seq from audit order by seq')
      expect(entries.map(({ seq }) => seq)).toEqual(audit.map(({ seq }) => Number(seq)))
      expect(entries.map(({ version }) => version)).toEqual(entries.map((_, index) => index + 1))
      expect(entries.at(-1)).toEqual({
        seq: Number(audit.at(-1)?.['seq']),
        version: entries.length,
        at: START_MS,
        claimedAt: null,
        actor: 'user:u-li',
        kind: 'test',
        subject: 'test:1',
        reason: '够了',
        old: null,
        new: { a: [] },
        rows: [],
      })
    })

    test('carry every row of every table but private columns, by table and number', async () => {
      const entries = await entriesOf(database, 1_000)
      const all = await rowsOf(database)
      const told = new Map<string, unknown[]>(appending.map((table) => [table, []]))
      for (const { seq, rows } of entries) {
        const tables = rows.map(({ table }) => appending.findIndex((each) => each === table))
        expect(tables).toEqual(tables.toSorted((one, other) => one - other))
        for (const { table, row } of rows) told.get(table)?.push({ ...snake(row), act: seq })
      }
      for (const table of appending) {
        const columns = ['act', ...auditedColumns(table)].map(snakeName)
        const stored = all[table]?.map((row) =>
          Object.fromEntries(Object.entries(row as object).filter(([name]) => columns.includes(name))),
        )
        expect({ [table]: told.get(table) }).toEqual({ [table]: stored })
        expect(stored?.length).toBeGreaterThan(0)
      }
    })

    test('are the same in batches of any size', async () => {
      const whole = await entriesOf(database, 1_000)
      expect(whole.length).toBeGreaterThan(30)
      for (const limit of [1, 7]) expect(await entriesOf(database, limit)).toEqual(whole)
    })

    test('are looked through by kind, subject, actor and time', async () => {
      const reads = database.reads()
      const kinds = async (input: Parameters<typeof reads.auditWindow>[0]) =>
        (await reads.auditWindow(input)).acts.map(({ kind }) => kind)
      const device = { after: 0, subject: 'device:d-1' }
      expect(await kinds(device)).toEqual([
        'device.create',
        'device.accept-from',
        'device.issue-secret',
        'device.revoke',
        'held.readmit',
        'held.decide',
        'device.expected-interval',
        'sensor.register',
      ])
      expect(await kinds({ ...device, kind: 'device.revoke' })).toEqual(['device.revoke'])
      expect(await kinds({ after: 0, kind: 'duty.set', actor: 'user:u-li' })).toEqual(['duty.set'])
      expect(await kinds({ after: 0, actor: 'user:nobody' })).toEqual([])
      expect(await kinds({ after: 0, fromMs: START_MS + 1 })).toEqual([])
      expect(await kinds({ after: 0, toMs: START_MS })).toEqual([])
      const all = await reads.auditWindow({ after: 0, fromMs: START_MS, toMs: START_MS + 1 })
      const last = all.acts.at(-1)
      expect([last?.kind, last?.newJson, all.seenTo, all.isEnd]).toEqual([
        'test',
        '{"a":[]}',
        last?.seq,
        true,
      ])
      expect(await kinds({ after: (last?.seq ?? 0) - 1 })).toEqual(['test'])
      await reads.close()
    })
  })
}

function snakeName(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function snake(row: AuditEntry['rows'][number]['row']): Record<string, string | number | null> {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [snakeName(name), value]))
}
