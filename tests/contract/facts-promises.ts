import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Clock, FactChange } from '../../domain/index.ts'
import type { Facts, FactsReads } from '../../store/index.ts'
import { act, openFact } from '../../store/facts/act.ts'
import type { FactsTransaction } from '../../store/facts/port.ts'
import { liveRows } from '../../store/facts/rows.ts'
import { LI, TestClock } from '../store/facts/setup.ts'

/** A new, empty facts database, and ways into it. */
export interface FactsDatabase {
  open(clock: Clock): Promise<Facts>
  reads(): Omit<FactsReads, 'close'> & { close(): unknown }
  /** Runs a statement past everything the store does. */
  execute(statement: string): Promise<Record<string, unknown>[]>
  remove(): Promise<void>
}

/** What every facts database promises, whatever it is kept in. */
export function keepsFacts(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`facts kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    const open = () => database.open(new TestClock())
    beforeEach(async () => {
      database = await create()
      facts = await open()
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })

    test('what a job wrote is there after it was closed and opened again', async () => {
      await facts.transact((tx) => enter(tx, 'a'))
      await facts.close()
      facts = await open()
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
      facts = await open()
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
