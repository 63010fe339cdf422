import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { FedRow } from '../../domain/index.ts'
import { createFactsView } from '../../store/index.ts'
import { asOf } from '../../store/facts/rows.ts'
import { factKeys, factTables } from '../../store/facts/schema.ts'
import { DAY_MS, FactsHarness, HASH, START_MS } from '../store/facts/setup.ts'
import { carryOut, type Step, steps } from './facts-steps.ts'

const RUNS = Number(process.env['RUNS'] ?? 12)
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

/** Which tables an act may add rows to, and how many: what makes a fact explainable by its audit row. */
const explained: Readonly<Record<string, Readonly<Record<string, readonly [least: number, most: number]>>>> =
  {
    'organisation.create': { organisation: [1, 1] },
    'site.create': { site: [1, 1] },
    'device.create': { device: [1, 1], device_secret: [1, 1] },
    // as many as the device's history has rows that the change touches
    'device.revoke': { device: [1, 100] },
    'device.accept-from': { device: [1, 100] },
    correct: { device: [1, 100] },
    'device.issue-secret': { device_secret: [1, 2] },
    'user.create': { user: [1, 1], password: [1, 1], grant: [0, 1] },
    'user.set-password': { password: [1, 2] },
    'user.deactivate': { user: [1, 2] },
    'user.grant': { grant: [1, 2] },
    'user.revoke-grant': { grant: [1, 2] },
    'key.create': { key: [1, 1] },
    'key.revoke': { key: [1, 2] },
    'session.open': {},
    'session.end': {},
    'setup.administrator': { user: [1, 1], password: [1, 1], grant: [1, 1] },
    'refusals.add': {},
    'sensor.register': { sensor: [1, 1] },
  }

function checkExplained(harness: FactsHarness): void {
  const acts = harness.rows('select seq, kind, at, actor from audit')
  for (const { seq, kind, at, actor } of acts) {
    const allowed = explained[String(kind)] ?? {}
    for (const table of factTables) {
      const rows = harness.rows(`select recorded_at, recorded_by from "${table}" where act = ${Number(seq)}`)
      const [least, most] = allowed[table] ?? [0, 0]
      expect([kind, table, rows.length >= least, rows.length <= most]).toEqual([kind, table, true, true])
      for (const row of rows) expect(row).toEqual({ recorded_at: at, recorded_by: actor })
    }
  }
}

/** Live rows of an entity follow each other without overlap and, as none of them ends, without a gap. */
function checkTimelines(harness: FactsHarness): void {
  for (const table of factTables) {
    const key = factKeys[table].map((column) => `"${column}"`).join(" || '/' || ")
    const rows = harness.rows(
      `select ${key} as entity, valid_from, valid_to from "live_${table}" order by valid_from`,
    )
    for (const [, periods] of Map.groupBy(rows, (row) => row['entity'])) {
      const ends = periods.map((row) => row['valid_to'])
      expect(ends).toEqual([...periods.slice(1).map((row) => row['valid_from']), null])
    }
  }
}

function everyRow(harness: FactsHarness): string[][] {
  return [...factTables, 'audit', 'fact_version'].map((table) =>
    harness.rows(`select * from "${table}" order by 1`).map((row) => JSON.stringify(row)),
  )
}

function sorted(rows: readonly FedRow[]): string[] {
  return rows.map((row) => JSON.stringify(row)).toSorted((one, other) => (one < other ? -1 : 1))
}

test('after any sequence of acts the facts are explained, orderly and the same in every view', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      const harness = await FactsHarness.open()
      try {
        const view = createFactsView()
        harness.facts.onChange((change) => view.apply(change))
        view.load(await harness.facts.snapshot())
        await harness.city()
        await harness.do('device.create', { id: 'd-1', site: 'ward', kind: 'real' })
        await harness.do('user.create', { name: 'li-1', passwordHash: HASH })
        const remembered: { validMs: number; knownMs: number; answer: unknown }[] = []
        for (const step of sequence) {
          const before = everyRow(harness)
          const acts = harness.count('audit')
          const done = await carryOut(harness, step)
          const after = everyRow(harness)
          for (const [table, rows] of before.entries())
            expect(after[table]?.slice(0, rows.length)).toEqual(rows)
          expect(harness.count('audit') - acts).toBeLessThanOrEqual(done ? 1 : 0)
          remembered.push(await ask(harness, step))
        }
        checkExplained(harness)
        checkTimelines(harness)
        const snapshot = await harness.facts.snapshot()
        expect(snapshot.version).toBe(harness.count('audit'))
        expect([view.version, sorted(view.rows())]).toEqual([snapshot.version, sorted(snapshot.rows)])
        for (const { validMs, knownMs, answer } of remembered) {
          expect(await heldAt(harness, validMs, knownMs)).toEqual(answer)
        }
      } finally {
        await harness.close()
      }
    }),
    { numRuns: RUNS, ...seed },
  )
}, 120_000)

/** What was known a moment before the last act can never be changed by a later one. */
async function ask(harness: FactsHarness, { amount }: Step) {
  const knownMs = Number(harness.rows('select max(at) as at from audit')[0]?.['at']) - 1
  const validMs = START_MS + amount * DAY_MS
  return { validMs, knownMs, answer: await heldAt(harness, validMs, knownMs) }
}

function heldAt(harness: FactsHarness, validMs: number, knownMs: number): Promise<unknown> {
  return harness.facts.transact((tx) => asOf(tx, 'device', { id: 'd-1' }, validMs, knownMs))
}
