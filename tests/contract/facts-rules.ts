import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Problem } from '../../domain/index.ts'
import type { CommandName, Commands, Facts, FactsView } from '../../store/index.ts'
import { createFactsView } from '../../store/index.ts'
import { type Doer, HOUR_MS, LI, OTHER, START_MS, TestClock } from '../store/facts/setup.ts'
import { commandsOn } from './facts-places.ts'
import type { FactsDatabase } from './facts-promises.ts'

const reason = 'agreed'
const wanted = { pack: 'who', version: 1, organisation: 'root', state: 'active', reason } as const

/** Changes of rules wait for a second person, whatever the facts are kept in. */
export function keepsRules(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`rules, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    let commands: Doer
    let view: FactsView
    const clock = new TestClock()
    beforeEach(async () => {
      clock.now = START_MS
      database = await create()
      facts = await database.open(clock)
      commands = commandsOn(facts, clock)
      view = createFactsView()
      facts.onChange((change) => view.apply(change))
      view.load(await facts.snapshot())
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })
    const held = () => view.ruleActivationsOf('root').map(({ state, validFrom }) => ({ state, validFrom }))
    const refused = async <N extends CommandName>(name: N, input: Commands[N]['input'], actor = LI) => {
      const before = held()
      const problem = (await commands.do(name, input, actor).catch((thrown: unknown) => thrown)) as Problem
      expect(held()).toEqual(before)
      expect(problem.remedy).not.toBe('')
      return problem.code
    }
    const listed = async (more: object = {}) => {
      const reads = database.reads()
      try {
        const { items } = await reads.ruleProposals({ scopes: ['root'], limit: 10, ...more })
        return items.map(({ id, status }) => [id, status])
      } finally {
        await reads.close()
      }
    }

    test('a proposal holds when a second person has approved it, and not before', async () => {
      const { id, status } = await commands.do('rules.propose', wanted)
      expect([status, held()]).toEqual(['proposed', []])
      expect(await listed({ waiting: true })).toEqual([[id, 'proposed']])
      const verdict = { proposal: id, organisation: 'root', reason }
      expect(await refused('rules.approve', verdict)).toBe('not-allowed')
      expect(await refused('rules.approve', verdict, { kind: 'key', id: 'k' })).toBe('not-allowed')
      expect(await refused('rules.approve', { ...verdict, organisation: 'cdc' }, OTHER)).toBe('not-found')
      clock.now += HOUR_MS
      expect(await commands.do('rules.approve', verdict, OTHER)).toMatchObject({
        status: 'approved',
        proposedBy: 'user:u-li',
        recordedBy: 'user:u-wang',
      })
      expect(held()).toEqual([{ state: 'active', validFrom: START_MS + HOUR_MS }])
      expect(await refused('rules.approve', verdict, OTHER)).toBe('conflict')
      expect(await refused('rules.refuse', verdict, OTHER)).toBe('conflict')
      expect([await listed(), await listed({ waiting: true })]).toEqual([[[id, 'approved']], []])
    })

    test('of two who decide at once, one does', async () => {
      const { id } = await commands.do('rules.propose', wanted)
      const verdict = { proposal: id, organisation: 'root', reason }
      const said = await Promise.allSettled([
        commands.do('rules.approve', verdict, OTHER),
        commands.do('rules.refuse', verdict),
      ])
      expect(said.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    })

    test('what is refused never held, and may be proposed again', async () => {
      const { id } = await commands.do('rules.propose', wanted)
      expect(await refused('rules.propose', wanted, OTHER)).toBe('already-exists')
      clock.now += HOUR_MS
      await commands.do('rules.refuse', { proposal: id, organisation: 'root', reason: 'not yet' })
      expect(held()).toEqual([])
      clock.now += HOUR_MS
      const again = await commands.do('rules.propose', wanted)
      expect(await listed()).toEqual([
        [again.id, 'proposed'],
        [id, 'refused'],
      ])
    })

    const verdictOn = (proposal: string) => ({ proposal, organisation: 'root', reason })

    test('an emergency holds at once, and a second person says whether it was right', async () => {
      const { id, status } = await commands.do('rules.propose', { ...wanted, emergency: true })
      expect([status, held()]).toEqual(['in-force', [{ state: 'active', validFrom: START_MS }]])
      expect(await refused('rules.approve', verdictOn(id))).toBe('not-allowed')
      expect(await refused('rules.refuse', verdictOn(id))).toBe('not-allowed')
      expect(await refused('rules.refuse', verdictOn(id), { kind: 'key', id: 'k' })).toBe('not-allowed')
      expect(await refused('rules.approve', verdictOn(id), { kind: 'local', id: 'x' })).toBe('not-allowed')
      clock.now += HOUR_MS
      expect(await commands.do('rules.approve', verdictOn(id), OTHER)).toMatchObject({ status: 'reviewed' })
      expect(held()).toEqual([{ state: 'active', validFrom: START_MS }])
    })

    test('when an emergency is ended, that is said which was said before', async () => {
      const first = await commands.do('rules.propose', { ...wanted, emergency: true })
      clock.now += HOUR_MS
      await commands.do('rules.refuse', verdictOn(first.id), OTHER)
      // nothing was said before
      expect(view.ruleActivationsOf('root').map(({ validTo }) => validTo)).toEqual([START_MS + HOUR_MS])
      await commands.do('rules.activate', wanted)
      clock.now += HOUR_MS
      const second = await commands.do('rules.propose', { ...wanted, state: 'inactive', emergency: true })
      clock.now += HOUR_MS
      await commands.do('rules.refuse', verdictOn(second.id), OTHER)
      expect(held().slice(-2)).toEqual([
        { state: 'inactive', validFrom: START_MS + 2 * HOUR_MS },
        { state: 'active', validFrom: START_MS + 3 * HOUR_MS },
      ])
    })

    test('an emergency is not ended when two persons have decided something else since', async () => {
      const { id } = await commands.do('rules.propose', { ...wanted, emergency: true })
      clock.now += HOUR_MS
      const off = await commands.do('rules.propose', { ...wanted, state: 'inactive' })
      await commands.do('rules.approve', verdictOn(off.id), OTHER)
      clock.now += HOUR_MS
      expect(await refused('rules.refuse', verdictOn(id), OTHER)).toBe('conflict')
    })

    test('who made the key that proposed is no second person', async () => {
      const { key } = await commands.do('key.create', { name: 'k', organisation: 'root', role: 'approver' })
      const { id } = await commands.do('rules.propose', wanted, { kind: 'key', id: key.id })
      expect(await refused('rules.approve', verdictOn(id))).toBe('not-allowed')
      await commands.do('rules.approve', verdictOn(id), OTHER)
    })

    test('approved late, a change holds from then on, and no earlier', async () => {
      const { id } = await commands.do('rules.propose', { ...wanted, fromMs: START_MS })
      clock.now += 60 * 24 * HOUR_MS
      await commands.do('rules.approve', verdictOn(id), OTHER)
      expect(held()).toEqual([{ state: 'active', validFrom: clock.now }])
    })

    test('a past instant only as a correction, which the audit trail tells', async () => {
      const past = { ...wanted, fromMs: START_MS - HOUR_MS }
      expect(await refused('rules.propose', past)).toBe('bad-request')
      const both = { ...past, correction: true, emergency: true }
      expect(await refused('rules.propose', both)).toBe('bad-request')
      const { id } = await commands.do('rules.propose', { ...past, correction: true })
      await commands.do('rules.approve', { proposal: id, organisation: 'root', reason }, OTHER)
      expect(held()).toEqual([{ state: 'active', validFrom: START_MS - HOUR_MS }])
      const reads = database.reads()
      const { acts } = await reads.auditWindow({ after: 0, kind: 'rules.propose' })
      await reads.close()
      expect(acts.map(({ newJson }) => JSON.parse(newJson ?? '') as unknown)).toMatchObject([
        { correction: 1 },
      ])
    })
  })
}
