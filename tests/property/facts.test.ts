import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type FedRow, Problem } from '../../domain/index.ts'
import { type CommandName, createFactsView, registerSensors } from '../../store/index.ts'
import { act } from '../../store/facts/act.ts'
import { asOf } from '../../store/facts/rows.ts'
import { factKeys, factTables } from '../../store/facts/schema.ts'
import { changeFrom } from '../../store/facts/timeline.ts'
import { DAY_MS, FactsHarness, HASH, HOUR_MS, LI, OTHER_HASH, START_MS } from '../store/facts/setup.ts'

const RUNS = Number(process.env['RUNS'] ?? 12)
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) }

/** One thing somebody does; `index` picks among the ids there are, so that most of it makes sense. */
interface Step {
  readonly name: (typeof names)[number]
  readonly index: number
  readonly amount: number
}

const names = [
  'organisation.create',
  'site.create',
  'device.create',
  'device.create',
  'device.revoke',
  'device.accept-from',
  'device.issue-secret',
  'user.create',
  'user.set-password',
  'user.deactivate',
  'user.grant',
  'user.revoke-grant',
  'key.create',
  'key.revoke',
  'session.open',
  'session.open',
  'session.end',
  'setup.administrator',
  'user.password-hash',
  'refusals.add',
  'sensors',
  'correct',
  'correct',
  'clock',
  'clock',
  'clock',
] as const satisfies readonly (CommandName | 'sensors' | 'correct' | 'clock')[]

const steps = fc.array(
  fc.record({
    name: fc.constantFrom(...names),
    index: fc.nat(3),
    amount: fc.integer({ min: -30, max: 30 }),
  }),
  { minLength: 10, maxLength: 60, size: 'max' },
)

/** Carries out a step; true when it was carried out, false when it was refused. */
async function carryOut(harness: FactsHarness, { name, index, amount }: Step): Promise<boolean> {
  const reason = 'because'
  const pick = (table: string, column = 'id'): string => {
    const all = harness.rows(`select distinct "${column}" as id from "${table}" order by rowid`)
    const found = all[index % Math.max(all.length, 1)]?.['id']
    return typeof found === 'string' ? found : 'none'
  }
  const organisations = ['cdc', 'clinic', 'show', 'none']
  const organisation = organisations[index] ?? 'none'
  const site = ['depot', 'ward', 'stage', 'none'][index] ?? 'none'
  const role = amount < 0 ? 'viewer' : 'keeper'
  const carry = {
    'organisation.create': () =>
      harness.do('organisation.create', {
        id: `o-${amount}`,
        parent: organisation,
        kind: 'clinic',
        demo: amount % 2 === 0,
        name: '新',
      }),
    'site.create': () =>
      harness.do('site.create', { id: `s-${amount % 4}`, organisation, name: '点', zone: 'Asia/Shanghai' }),
    'device.create': () =>
      harness.do('device.create', {
        id: `d-${amount % 4}`,
        site,
        kind: site === 'stage' ? 'simulated' : 'real',
      }),
    'device.revoke': () => harness.do('device.revoke', { id: pick('device'), reason }),
    'device.accept-from': () =>
      harness.do('device.accept-from', {
        id: pick('device'),
        acceptFromMs: START_MS + amount * HOUR_MS,
        reason,
      }),
    'device.issue-secret': () => harness.do('device.issue-secret', { id: pick('device'), reason }),
    'user.create': () =>
      harness.do('user.create', {
        name: `li-${amount % 4}`,
        passwordHash: HASH,
        ...(amount % 2 === 0 ? {} : { grant: { organisation, role } }),
      }),
    'user.set-password': () =>
      harness.do('user.set-password', { id: pick('user'), passwordHash: OTHER_HASH }),
    'user.deactivate': () => harness.do('user.deactivate', { id: pick('user'), reason }),
    'user.grant': () => harness.do('user.grant', { id: pick('user'), organisation, role }),
    'user.revoke-grant': () =>
      harness.do('user.revoke-grant', { id: pick('user'), organisation, role, reason }),
    'key.create': () => harness.do('key.create', { name: '钥', organisation, role }),
    'key.revoke': () => harness.do('key.revoke', { id: pick('key'), reason }),
    'session.open': () => harness.do('session.open', { user: pick('user') }),
    'session.end': () => harness.do('session.end', { tokenSha256: pick('session', 'token_sha256') }),
    'setup.administrator': () => harness.do('setup.administrator', { passwordHash: HASH }),
    'user.password-hash': () => harness.do('user.password-hash', { name: 'li-1' }),
    'refusals.add': () =>
      harness.do('refusals.add', {
        rows: [{ device: pick('device'), reason: 'wrong-secret', hourMs: 0, count: 1 + index }],
      }),
    sensors: () =>
      registerSensors(harness.facts, LI, [
        { device: pick('device'), name: `n-${amount % 3}`, sinceMs: START_MS },
      ]),
    correct: () => correct(harness, pick('device'), harness.clock.now + amount * DAY_MS, 1_000 + index),
    clock: async () => (harness.clock.now += amount * 3 * HOUR_MS),
  }[name]
  try {
    await carry()
    return true
  } catch (thrown) {
    if (thrown instanceof Problem && thrown.code !== 'internal') return false
    throw thrown
  }
}

/** A change from any instant, past or to come; commands only make changes from now on. */
async function correct(
  harness: FactsHarness,
  id: string,
  fromMs: number,
  expectedInterval: number,
): Promise<void> {
  const known = harness.rows(
    `select 1 from live_device where id = '${id}' and coalesce(valid_to, 9e15) > ${fromMs}`,
  )
  if (known.length === 0) return
  await harness.facts.transact(async (tx) => {
    const done = await act(tx, { kind: 'correct', actor: LI, subject: id, reason: '', old: null, new: null })
    await changeFrom(done, 'device', { id }, fromMs, { expectedInterval })
  })
}

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
