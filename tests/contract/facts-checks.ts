import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Facts, FactsView } from '../../store/index.ts'
import { createFactsView } from '../../store/index.ts'
import { type Doer, MINUTE_MS, START_MS, TestClock } from '../store/facts/setup.ts'
import { commandsOn } from './facts-places.ts'
import type { FactsDatabase } from './facts-promises.ts'
import { clinic } from './facts-recipients.ts'

/** What is known of who looked at a place, whatever the facts are kept in. */
export function keepsChecks(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`checks, kept in ${keptIn}`, () => {
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
      await clinic(commands)
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })
    const listed = async (scopes = ['root'], more: object = {}) => {
      const reads = database.reads()
      try {
        return await reads.checks({ scopes, limit: 10, ...more })
      } finally {
        await reads.close()
      }
    }

    test('two at once are two, and the one recorded last is the last', async () => {
      const both = await Promise.all([
        commands.do('place.check', { place: 'fridge', note: '温度计 4.1' }),
        commands.do('place.check', { place: 'fridge' }),
      ])
      expect(new Set(both.map(({ id }) => id)).size).toBe(2)
      expect(view.lastCheckOf('fridge')).toEqual(both[1])
      const at = new Date(START_MS).toISOString()
      const same = {
        place: 'fridge',
        site: 'ward',
        at,
        claimedAt: null,
        recordedAt: at,
        recordedBy: 'user:u-li',
      }
      expect(await listed()).toEqual({
        items: [
          { ...same, id: both[1].id, note: '' },
          { ...same, id: both[0].id, note: '温度计 4.1' },
        ],
        next: null,
      })
    })

    test('of each place a view keeps the last, as a fresh one does', async () => {
      await commands.do('place.create', { id: 'box', site: 'ward', parent: null, kind: 'box', name: '箱' })
      for (const place of ['fridge', 'box', 'fridge', 'fridge']) {
        clock.now += MINUTE_MS
        await commands.do('place.check', { place })
      }
      const instants = (from: FactsView) =>
        from
          .lastChecks()
          .map(({ place, validFrom }) => `${place} ${(validFrom - START_MS) / MINUTE_MS}`)
          .toSorted((one, other) => one.localeCompare(other))
      expect(instants(view)).toEqual(['box 2', 'fridge 4'])
      const fresh = createFactsView()
      fresh.load(await facts.snapshot())
      expect(fresh.lastChecks().toSorted((one, other) => one.fact - other.fact)).toEqual(
        view.lastChecks().toSorted((one, other) => one.fact - other.fact),
      )
    })

    test('are listed newest first, page by page, of one place and of places within reach', async () => {
      const ids: string[] = []
      for (let count = 0; count < 5; count += 1) {
        // two of them at one instant
        if (count !== 3) clock.now += MINUTE_MS
        ids.unshift((await commands.do('place.check', { place: 'fridge' })).id)
      }
      const seen: string[] = []
      for (let after: string | null | undefined; after !== null; ) {
        const page = await listed(['clinic'], { limit: 2, ...(after === undefined ? {} : { after }) })
        seen.push(...page.items.map(({ id }) => id))
        after = page.next
      }
      expect(seen).toEqual(ids)
      expect((await listed(['clinic'], { place: 'elsewhere' })).items).toEqual([])
      expect((await listed(['elsewhere'])).items).toEqual([])
      await expect(listed(['root'], { after: 'x/1' })).rejects.toMatchObject({ code: 'bad-request' })
    })

    test('leave an act that names who looked, at what, and what they noted', async () => {
      const { id } = await commands.do('place.check', { place: 'fridge', note: '冰箱有霜' })
      const reads = database.reads()
      const { acts } = await reads.auditWindow({ after: 0, kind: 'place.check' })
      await reads.close()
      expect(acts).toMatchObject([
        { actor: 'user:u-li', subject: 'place:fridge', reason: '冰箱有霜', at: START_MS, oldJson: null },
      ])
      expect(JSON.parse(acts[0]?.newJson ?? '')).toEqual({ id })
    })

    test('of a place that is retired or is not there, and notes without end, are refused', async () => {
      const check = (place: string, note?: string) =>
        commands.do('place.check', { place, ...(note === undefined ? {} : { note }) })
      await expect(check('nowhere')).rejects.toMatchObject({ code: 'not-found' })
      await expect(check('fridge', 'x'.repeat(501))).rejects.toMatchObject({ code: 'bad-request' })
      await commands.do('place.retire', { id: 'fridge', reason: 'old' })
      await expect(check('fridge')).rejects.toMatchObject({ code: 'conflict' })
      expect((await listed()).items).toEqual([])
      expect(view.lastCheckOf('fridge')).toBeUndefined()
    })
  })
}
