import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FactChange } from '../../domain/index.ts'
import { type Facts, openFacts } from '../../store/index.ts'
import { act, openFact } from '../../store/facts/act.ts'
import type { FactsTransaction } from '../../store/facts/port.ts'
import { liveRows } from '../../store/facts/rows.ts'
import { LI, TestClock } from '../store/facts/setup.ts'

/** What every facts database promises, whatever it is kept in. */
function keepsFacts(keptIn: string, open: (directory: string) => Promise<Facts>): void {
  describe(`facts kept in ${keptIn}`, () => {
    let directory: string
    let facts: Facts
    beforeEach(async () => {
      directory = mkdtempSync(join(tmpdir(), 'isotherm-facts-'))
      facts = await open(directory)
    })
    afterEach(async () => {
      await facts.close()
      rmSync(directory, { recursive: true, force: true })
    })

    test('what a job wrote is there after it was closed and opened again', async () => {
      await facts.transact((tx) => enter(tx, 'a'))
      await facts.close()
      facts = await open(directory)
      expect(await users(facts)).toEqual(['a'])
      expect((await facts.snapshot()).version).toBe(1)
    })

    test('a job that fails leaves nothing, and the next one is not harmed', async () => {
      const failing = facts.transact(async (tx) => {
        await enter(tx, 'a')
        throw new RangeError('half way')
      })
      const next = facts.transact((tx) => enter(tx, 'b'))
      await expect(failing).rejects.toThrow(new RangeError('half way'))
      await next
      expect(await users(facts)).toEqual(['b'])
    })

    test('a transaction is of no use after its end', async () => {
      const leaked = await facts.transact(async (tx) => ({ tx }))
      await expect(enter(leaked.tx, 'a')).rejects.toThrow('a transaction was used after its end')
      expect(await users(facts)).toEqual([])
    })

    test('a statement that fails takes the whole job with it', async () => {
      const failing = facts.transact(async (tx) => {
        const entry = await enter(tx, 'a')
        await tx.run(tx.db.insertInto('fact_version').values({ version: 1, act: entry }))
      })
      await expect(failing).rejects.toMatchObject({ code: 'internal' })
      expect(await users(facts)).toEqual([])
    })

    test('jobs run one after the other, in the order they were asked for', async () => {
      const steps: string[] = []
      const job = (id: string) => async (tx: FactsTransaction) => {
        steps.push(`${id} begins`)
        await enter(tx, id)
        await enter(tx, `${id}2`)
        steps.push(`${id} ends`)
      }
      await Promise.all(['a', 'b', 'c'].map((id) => facts.transact(job(id))))
      expect(steps).toEqual(['a', 'b', 'c'].flatMap((id) => [`${id} begins`, `${id} ends`]))
      expect(await users(facts)).toEqual(['a', 'a2', 'b', 'b2', 'c', 'c2'])
    })

    test('changes are told after the commit, in version order, and before the caller goes on', async () => {
      const told: FactChange[] = []
      const stop = facts.onChange((change) => told.push(change))
      await facts.transact((tx) => enter(tx, 'a'))
      expect(told).toHaveLength(1)
      await Promise.all([
        facts.transact(async (tx) => {
          await enter(tx, 'b')
          await enter(tx, 'c')
        }),
        facts.transact((tx) => enter(tx, 'd')),
      ])
      expect(
        told.map(({ version, rows }) => [version, ...rows.map(({ row }) => 'id' in row && row.id)]),
      ).toEqual([
        [1, 'a'],
        [3, 'b', 'c'],
        [4, 'd'],
      ])
      stop()
      await facts.transact((tx) => enter(tx, 'e'))
      expect(told).toHaveLength(3)
    })

    test('a job that failed or only read is not told', async () => {
      const told: FactChange[] = []
      facts.onChange((change) => told.push(change))
      await users(facts)
      await facts.transact(async (tx) => Promise.reject(await enter(tx, 'a'))).catch(() => undefined)
      expect(told).toEqual([])
      expect((await facts.snapshot()).version).toBe(0)
    })

    test('the snapshot stands in line with the jobs', async () => {
      const first = facts.transact((tx) => enter(tx, 'a'))
      const snapshot = facts.snapshot()
      const second = facts.transact((tx) => enter(tx, 'b'))
      await Promise.all([first, second])
      const { version, rows } = await snapshot
      expect([version, rows.length]).toEqual([1, 1])
    })

    test('closing waits for the jobs under way and refuses later ones', async () => {
      const job = facts.transact((tx) => enter(tx, 'a'))
      const closing = facts.close()
      await expect(facts.transact((tx) => enter(tx, 'b'))).rejects.toMatchObject({ code: 'core-unavailable' })
      await Promise.all([job, closing])
      await facts.close()
      facts = await open(directory)
      expect(await users(facts)).toEqual(['a'])
    })

    test('too many waiting jobs are refused instead of piling up', async () => {
      const jobs = Array.from({ length: 10_001 }, () => facts.transact(async () => 'done'))
      const ends = await Promise.allSettled(jobs)
      expect(ends.filter((end) => end.status === 'fulfilled')).toHaveLength(10_000)
      expect(ends.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'core-unavailable' } })
      expect(await facts.transact(async () => 'again')).toBe('again')
    })
  })
}

async function enter(tx: FactsTransaction, id: string): Promise<number> {
  const entry = await act(tx, {
    kind: 'test',
    actor: LI,
    subject: `user:${id}`,
    reason: '',
    old: null,
    new: null,
  })
  await openFact(entry, 'user', { id, name: id, state: 'active' })
  return entry.seq
}

function users(facts: Facts): Promise<string[]> {
  return facts.transact(async (tx) => (await liveRows(tx, 'user')).map((row) => row.id))
}

const fileIn = (directory: string): string => join(directory, 'facts.sqlite')

keepsFacts('SQLite', (directory) => openFacts({ path: fileIn(directory), clock: new TestClock() }))

describe('the SQLite file', () => {
  let directory: string
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'isotherm-facts-'))
  })
  afterEach(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  const open = (): Promise<Facts> => openFacts({ path: fileIn(directory), clock: new TestClock() })

  test('is in WAL mode, and every table is strict', async () => {
    const facts = await open()
    const raw = new DatabaseSync(fileIn(directory))
    expect(raw.prepare('pragma journal_mode').get()).toMatchObject({ journal_mode: 'wal' })
    const loose = raw
      .prepare("select name from pragma_table_list where schema = 'main' and type = 'table' and strict = 0")
      .all()
      .map((row) => String(row['name']))
    expect(loose.toSorted((one, other) => one.localeCompare(other))).toEqual([
      'kysely_migration',
      'kysely_migration_lock',
      'sqlite_schema',
      'sqlite_sequence',
    ])
    raw.close()
    await facts.close()
  })

  test('of a later version is refused and left as it is', async () => {
    await (await open()).close()
    const raw = new DatabaseSync(fileIn(directory))
    raw.exec("insert into kysely_migration values ('9999-later', '2030-01-01T00:00:00.000Z')")
    await expect(open()).rejects.toMatchObject({
      code: 'data-directory-version',
      message: expect.stringContaining('9999-later') as string,
    })
    raw.exec("delete from kysely_migration where name = '9999-later'")
    raw.close()
    await (await open()).close()
  })

  test('that is not a database is refused and left as it is', async () => {
    writeFileSync(fileIn(directory), 'not a database, but long enough to be looked at '.repeat(20))
    await expect(open()).rejects.toMatchObject({ code: 'store-damaged' })
  })

  test('in a directory that is not there is refused with its path', async () => {
    const path = join(directory, 'none', 'facts.sqlite')
    await expect(openFacts({ path, clock: new TestClock() })).rejects.toMatchObject({
      code: 'core-unavailable',
      message: expect.stringContaining(path) as string,
    })
  })

  test('is not changed by a migration that fails half way', async () => {
    const raw = new DatabaseSync(fileIn(directory))
    // in the way of the last table of the first migration
    raw.exec('create table refusal (x)')
    await expect(open()).rejects.toThrow('already exists')
    expect(raw.prepare("select name from sqlite_schema where type = 'table'").all()).toHaveLength(1)
    raw.exec('drop table refusal')
    raw.close()
    await (await open()).close()
  })
})
