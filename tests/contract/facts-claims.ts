import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Actor, DEMO_SCRIPT, type IncidentFact } from '../../domain/index.ts'
import type { CommandName, Commands, Facts } from '../../store/index.ts'
import { createCommands, createFactsView, openDeskStore } from '../../store/index.ts'
import { BUILT_MS } from '../store/facts/rooms.ts'
import { countingRandom, HOUR_MS, LI, MINUTE_MS, START_MS, TestClock } from '../store/facts/setup.ts'
import { city, commandsOn } from './facts-places.ts'
import type { FactsDatabase } from './facts-promises.ts'

const reason = 'demonstration'
const claimedAtMs = START_MS - 3 * HOUR_MS

/** What may be claimed of the past, whatever the facts are kept in. */
export function keepsClaims(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`claimed times, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    const clock = new TestClock()
    beforeEach(async () => {
      clock.now = START_MS
      database = await create()
      facts = await database.open(clock)
      await city(commandsOn(facts, clock))
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })
    const as = <N extends CommandName>(actor: Actor, name: N, input: Commands[N]['input']) =>
      createCommands({ facts, clock, random: countingRandom() }).command(name, actor, input)
    const acts = async () => {
      const reads = database.reads()
      const told = await reads.auditEntries(0, 1_000)
      const { acts: shown } = await reads.auditWindow({ after: 0 })
      await reads.close()
      expect(shown.map(({ claimedAt }) => claimedAt)).toEqual(told.map(({ claimedAt }) => claimedAt))
      return told
    }
    const claimed = async () => (await acts()).filter(({ claimedAt }) => claimedAt !== null)
    const raise = (place: string): Promise<IncidentFact> =>
      openDeskStore(facts, countingRandom()).step((tx) => {
        const step = {
          kind: 'raise',
          place,
          cause: 'cold',
          grade: 'alarm',
          labelMilliC: null,
          open: false,
        } as const
        return tx.apply(undefined, { ...step, findings: [`f-${place}`] }, [])
      })

    test('stand beside the time of entry in the act of the script', async () => {
      const toy = { place: 'toy', claimedAtMs }
      const check = await as(DEMO_SCRIPT, 'place.check', toy)
      expect([check.validFrom, check.recordedAt]).toEqual([claimedAtMs, START_MS])
      await as(DEMO_SCRIPT, 'duty.set', { ...toy, duty: 'empty', fromMs: claimedAtMs, reason })
      const stock = { lot: 'l-1', quantity: 3, atMs: claimedAtMs, reason }
      await as(DEMO_SCRIPT, 'custody.receive', { ...stock, ...toy })
      await as(DEMO_SCRIPT, 'custody.issue', { ...stock, ...toy })
      const incident = await raise('toy')
      const taken = await as(DEMO_SCRIPT, 'incident.acknowledge', { id: incident.id, claimedAtMs })
      expect([taken.state, taken.acknowledgedMs]).toEqual(['resolved', START_MS])
      const told = (await claimed()).map(({ kind, at, claimedAt }) => [kind, at, claimedAt])
      expect(told).toEqual(
        ['place.check', 'duty.set', 'custody.receive', 'custody.issue', 'incident.acknowledge'].map(
          (kind) => [kind, START_MS, claimedAtMs],
        ),
      )
      // that it is resolved follows by itself, now
      expect((await acts()).at(-1)).toMatchObject({ kind: 'incident.resolve', claimedAt: null })
    })

    test('a check of the past is the last only until a later one, in whatever order they are entered', async () => {
      const view = createFactsView()
      facts.onChange((change) => view.apply(change))
      view.load(await facts.snapshot())
      const at = (minutes: number) => START_MS - minutes * MINUTE_MS
      for (const minutes of [40, 10, 30]) {
        await as(DEMO_SCRIPT, 'place.check', { place: 'toy', claimedAtMs: at(minutes) })
      }
      expect(view.lastCheckOf('toy')?.validFrom).toBe(at(10))
      const reads = database.reads()
      const { items } = await reads.checks({ scopes: ['show'], limit: 10 })
      await reads.close()
      expect(items.map((item) => [Date.parse(item.at), item.claimedAt])).toEqual(
        [10, 30, 40].map((minutes) => [at(minutes), new Date(at(minutes)).toISOString()]),
      )
      const fresh = createFactsView()
      fresh.load(await facts.snapshot())
      expect(fresh.lastChecks()).toEqual(view.lastChecks())
    })

    test.each([LI, { kind: 'local', id: 'root' }, { kind: 'system', id: 'desk' }] as const)(
      '%j may claim nothing',
      async (actor) => {
        const check = as(actor, 'place.check', { place: 'toy', claimedAtMs })
        await expect(check).rejects.toMatchObject({ code: 'demo-only' })
        expect(await claimed()).toEqual([])
      },
    )

    test('nothing is claimed of what is real, not even in part', async () => {
      const refused = async (done: Promise<unknown>) =>
        expect(await done.catch((thrown: unknown) => thrown)).toMatchObject({ code: 'demo-only' })
      await refused(as(DEMO_SCRIPT, 'place.check', { place: 'room', claimedAtMs }))
      await refused(as(DEMO_SCRIPT, 'duty.set', { place: 'room', duty: 'defrost', claimedAtMs }))
      const stock = { lot: 'l-1', quantity: 3, claimedAtMs }
      await refused(as(DEMO_SCRIPT, 'custody.receive', { ...stock, place: 'room' }))
      const { id } = await raise('room')
      await refused(as(DEMO_SCRIPT, 'incident.acknowledge', { id, claimedAtMs }))
      expect(await claimed()).toEqual([])
    })

    test('nothing is claimed of the future, of before the place, or by other commands', async () => {
      const check = (atMs: number) => as(DEMO_SCRIPT, 'place.check', { place: 'toy', claimedAtMs: atMs })
      await expect(check(START_MS + 1)).rejects.toMatchObject({ code: 'bad-request' })
      await expect(check(Number.NaN)).rejects.toMatchObject({ code: 'bad-request' })
      await expect(check(BUILT_MS - 1)).rejects.toMatchObject({ code: 'conflict' })
      const retire = { id: 'toy', reason, claimedAtMs }
      await expect(as(DEMO_SCRIPT, 'place.retire', retire)).rejects.toMatchObject({
        code: 'bad-request',
        message: expect.stringContaining('place.retire') as string,
      })
      await check(START_MS)
      expect((await claimed()).map(({ claimedAt }) => claimedAt)).toEqual([START_MS])
    })
  })
}
