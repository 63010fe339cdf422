import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Actor, Problem } from '../../domain/index.ts'
import type { CommandName, Commands, Facts } from '../../store/index.ts'
import { createCommands, createFactsView, registerSensors } from '../../store/index.ts'
import { act, openFact } from '../../store/facts/act.ts'
import { asOf, history } from '../../store/facts/rows.ts'
import { factTables } from '../../store/facts/schema.ts'
import { changeFrom, changeUntilNext } from '../../store/facts/timeline.ts'
import { furnish, reason } from '../store/facts/rooms.ts'
import { countingRandom, DAY_MS, type Doer, HOUR_MS, LI, START_MS, TestClock } from '../store/facts/setup.ts'
import { prepareWalk } from '../store/facts/walk-places.ts'
import { walk } from '../store/facts/walk.ts'
import type { FactsDatabase } from './facts-promises.ts'

/** Tables whose rows are added and never changed. */
const appended: readonly string[] = [...factTables, 'audit', 'fact_version', 'placement_change']

/** The commands on open facts, as the harness of the store's own tests gives them. */
export function commandsOn(facts: Facts, clock: TestClock): Doer {
  const commands = createCommands({ facts, clock, random: countingRandom() })
  return {
    do: <N extends CommandName>(name: N, input: Commands[N]['input'], actor?: Actor) =>
      commands.command(name, actor ?? LI, input),
  }
}

/** Carries out every command there is once, and registers a sensor. */
export async function everything(facts: Facts): Promise<void> {
  const commands = commandsOn(facts, new TestClock())
  await prepareWalk(commands, facts)
  for (const carryOut of Object.values(walk(commands, new Map()))) await carryOut()
  await registerSensors(facts, LI, [{ device: 'd-1', name: 'main', sinceMs: START_MS }])
}

/** Every row of every table that is only added to, in order. */
export async function rowsOf(database: FactsDatabase): Promise<Record<string, unknown[]>> {
  const all: Record<string, unknown[]> = {}
  for (const table of appended) {
    const rows = await database.execute(`select * from "${table}" order by 1`)
    // bigint comes as text from PostgreSQL past our own reader
    all[table] = rows.map((row) => JSON.parse(JSON.stringify(row, plain)) as unknown)
  }
  return all
}

function plain(key: string, value: unknown): unknown {
  const isNumber = typeof value === 'string' && /^-?\d{1,15}$/.test(value)
  return isNumber && key !== 'number' ? Number(value) : value
}

/** What places and everything else in the facts promise, whatever they are kept in. */
export function keepsPlaces(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`every command, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    const view = createFactsView()
    beforeAll(async () => {
      database = await create()
      facts = await database.open(new TestClock())
      facts.onChange((change) => view.apply(change))
      view.load(await facts.snapshot())
      await everything(facts)
    })
    afterAll(async () => {
      await facts.close()
      await database.remove()
    })

    test('leaves one audit row and one version of the facts for each act', async () => {
      const [audit, versions] = await Promise.all(
        ['audit', 'fact_version'].map((table) => database.execute(`select * from ${table} order by 1`)),
      )
      expect(audit?.map((row) => Number(row['seq']))).toEqual(audit?.map((_, index) => index + 1))
      expect(versions?.map((row) => [Number(row['version']), Number(row['act'])])).toEqual(
        audit?.map((_, index) => [index + 1, index + 1]),
      )
    })

    test('shows in a view fed by changes as in a fresh one', async () => {
      const fresh = createFactsView()
      fresh.load(await facts.snapshot())
      const sorted = (shown: typeof view) =>
        shown
          .rows()
          .map((row) => JSON.stringify(row))
          .toSorted()
      expect([view.version, sorted(view)]).toEqual([fresh.version, sorted(fresh)])
      expect(view.rows().length).toBeGreaterThan(20)
    })

    test.each(appended)('adds to %s, which is never changed or cleared', async (table) => {
      const before = await database.execute(`select * from "${table}" order by 1`)
      const column = Object.keys(before[0] ?? {}).at(-1)
      const refused = `${table} is append-only`
      await expect(database.execute(`update "${table}" set ${column} = ${column}`)).rejects.toThrow(refused)
      await expect(database.execute(`delete from "${table}"`)).rejects.toThrow(refused)
      expect(await database.execute(`select * from "${table}" order by 1`)).toEqual(before)
    })

    test('is listed', async () => {
      const reads = database.reads()
      const root = { scopes: ['root'], limit: 1 }
      const first = async (list: Promise<{ items: readonly object[] }>) => (await list).items[0]
      expect(await first(reads.places({ ...root, scopes: ['clinic'] }))).toMatchObject({
        id: 'box',
        kind: 'box',
      })
      const placements = await reads.placements(root)
      expect(placements.items[0]).toMatchObject({
        point: 'room-1',
        validTo: new Date(START_MS).toISOString(),
      })
      const legs = await reads.custody({ ...root, scopes: ['clinic'], lot: 'l-1' })
      expect(legs.items).toMatchObject([{ place: 'box', quantity: 4 }])
      expect(await reads.lotArrivals()).toEqual([{ lot: 'l-1', fromMs: START_MS, expiresOn: '2028-10-31' }])
      const supervisions = await reads.supervisions({ ...root, after: `regulator/cdc/${START_MS - 1}` })
      expect(supervisions.items).toMatchObject([{ supervised: 'cdc', state: 'ended' }])
      expect(await first(reads.devices(root))).toMatchObject({ id: 'd-1', expectedIntervalSeconds: 60 })
      expect((await reads.placementChanges(1)).map((row) => row.seq)).toEqual([2, 3])
      await reads.close()
    })
  })

  describe(`periods, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    const clock = new TestClock()
    beforeEach(async () => {
      clock.now = START_MS
      database = await create()
      facts = await database.open(clock)
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })
    const entry = { kind: 'test', actor: LI, subject: 'test', reason: '', old: null, new: null }

    test('what held on a day, as known on a day', async () => {
      const user = { id: 'u', name: 'u' }
      await facts.transact(async (tx) => openFact(await act(tx, entry), 'user', { ...user, state: 'active' }))
      clock.now += 10 * DAY_MS
      await facts.transact(async (tx) =>
        changeFrom(await act(tx, entry), 'user', { id: 'u' }, START_MS + 5 * DAY_MS, {
          state: 'deactivated',
        }),
      )
      const held = (validDay: number, knownDay: number) =>
        facts.transact(async (tx) => {
          const at = (day: number) => START_MS + day * DAY_MS
          return (await asOf(tx, 'user', { id: 'u' }, at(validDay), at(knownDay)))?.state
        })
      const asked = [
        [-1, 20],
        [0, -1],
        [6, 9],
        [4, 10],
        [5, 10],
        [6, 10],
      ] as const
      const answers: unknown[] = []
      for (const [valid, known] of asked) answers.push(await held(valid, known))
      const expected = [undefined, undefined, 'active', 'active', 'deactivated', 'deactivated']
      expect(answers).toEqual(expected)
    })

    test('what is said of a stretch of time holds until the next change', async () => {
      const duties = [
        ['defrost', 0],
        ['loading', 2],
        ['empty', 1],
        ['on-trip', -1],
      ] as const
      for (const [duty, hour] of duties) {
        await facts.transact(async (tx) =>
          changeUntilNext(await act(tx, entry), 'duty', { place: 'p', duty }, START_MS + hour * HOUR_MS),
        )
      }
      const rows = await facts.transact((tx) => history(tx, 'duty', { place: 'p' }))
      const hourOf = (ms: number | null) => (ms === null ? null : (ms - START_MS) / HOUR_MS)
      expect(rows.map((row) => [row.duty, hourOf(row.validFrom), hourOf(row.validTo)])).toEqual([
        ['on-trip', -1, 0],
        ['defrost', 0, 1],
        ['empty', 1, 2],
        ['loading', 2, null],
      ])
    })

    test('a command that is refused and a job that fails half way leave nothing', async () => {
      const commands = commandsOn(facts, clock)
      await city(commands)
      await commands.do('custody.receive', { lot: 'l-1', place: 'room', quantity: 5, reason })
      const before = await rowsOf(database)
      const tooMuch = { lot: 'l-1', from: 'room', to: 'fridge', quantity: 6 }
      await expect(commands.do('custody.move', tooMuch)).rejects.toBeInstanceOf(Problem)
      const failing = facts.transact(async (tx) => {
        await openFact(await act(tx, entry), 'duty', { place: 'room', duty: 'defrost' })
        throw new RangeError('half way')
      })
      await expect(failing).rejects.toThrow('half way')
      expect(await rowsOf(database)).toEqual(before)
    })

    test('a job that writes without an act is rolled back', async () => {
      const session = { tokenSha256: 'x', user: 'u', createdAt: 0, expiresAt: 1, endedAt: null }
      const writing = facts.transact((tx) => tx.run(tx.db.insertInto('session').values(session)))
      await expect(writing).rejects.toThrow('a job wrote without an act')
      expect(await database.execute('select * from session')).toEqual([])
    })

    test('the database itself refuses a fact without an act, a period without length, a row superseded twice', async () => {
      const columns = 'valid_from, valid_to, recorded_at, recorded_by, reason, act, supersedes, place, duty'
      const insert = (act: string, to: string, supersedes: string) =>
        database.execute(
          `insert into duty (${columns}) values (5, ${to}, 0, '', '', ${act}, ${supersedes}, 'p', 'empty')`,
        )
      await facts.transact(async (tx) => {
        await openFact(await act(tx, entry), 'duty', { place: 'p', duty: 'empty' })
      })
      await expect(insert('null', 'null', 'null')).rejects.toThrow(/null/i)
      await expect(insert('99', 'null', 'null')).rejects.toThrow(/foreign key/i)
      await expect(insert('1', '5', 'null')).rejects.toThrow('duty_period')
      await insert('1', '6', '1')
      await expect(insert('1', '6', '1')).rejects.toThrow(/unique/i)
    })
  })
}

/** Three organisations, one of them a demonstration, with their sites and rooms. */
export async function city(commands: Doer): Promise<void> {
  const zone = 'Asia/Shanghai'
  for (const [organisation, site, demo] of [
    ['cdc', 'depot', false],
    ['clinic', 'ward', false],
    ['show', 'stage', true],
  ] as const) {
    await commands.do('organisation.create', {
      id: organisation,
      parent: null,
      kind: 'cdc',
      demo,
      name: '市',
    })
    await commands.do('site.create', { id: site, organisation, name: '点', zone })
  }
  await furnish(commands)
}
