import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Outbox, RecipientFact } from '../../domain/index.ts'
import { type Facts, openDeskStore, openOutbox } from '../../store/index.ts'
import { countingRandom, type Doer, START_MS, TestClock } from '../store/facts/setup.ts'
import { call, messageTo, raiseWarm } from './facts-incidents.ts'
import { commandsOn } from './facts-places.ts'
import type { FactsDatabase } from './facts-promises.ts'
import { clinic } from './facts-recipients.ts'

/** What becomes of a message on whose way something came in between, whatever the facts are kept in. */
export function settlesMessages(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`messages on their way, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    let commands: Doer
    let outbox: Outbox
    let people: readonly RecipientFact[]
    const clock = new TestClock()
    const random = countingRandom()

    beforeEach(async () => {
      clock.now = START_MS
      database = await create()
      facts = await database.open(clock)
      commands = commandsOn(facts, clock)
      outbox = openOutbox(facts)
      people = await clinic(commands)
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })

    /** Calls somebody for a fridge; answers the incident and the ids of the messages. */
    const callThem = async (told: readonly RecipientFact[] = people) => {
      const raised = await openDeskStore(facts, random).step(async (tx) => {
        const incident = await tx.apply(undefined, raiseWarm, [])
        return tx.apply(
          incident,
          call,
          told.map((to) => messageTo(to, call)),
        )
      })
      const rows = await database.execute('select id from live_message order by fact')
      return { id: raised.id, incident: raised, messages: rows.map((row) => String(row['id'])) }
    }
    const due = () => outbox.due('http', clock.now, 10)
    const states = async () =>
      (await database.execute('select state from live_message')).map((row) => row['state'])

    test('a call that went out while it was taken back is known as sent', async () => {
      const { id, messages } = await callThem()
      const [first = '', second = ''] = messages
      await commands.do('incident.acknowledge', { id })
      clock.now += 1
      await outbox.settle(first, { kind: 'sent', reference: 'ref-1' })
      await outbox.settle(first, { kind: 'sent', reference: 'ref-1' })
      await outbox.settle(second, { kind: 'later', dueMs: clock.now, reason: 'busy' })
      expect(new Set(await states())).toEqual(new Set(['sent', 'superseded']))
      const told = await database.execute(
        `select sent_ms, reference from live_message where id = '${first}' and state = 'sent'`,
      )
      expect(told).toMatchObject([{ reference: 'ref-1' }])
      expect(Number(told[0]?.['sent_ms'])).toBe(clock.now)
      expect(await due()).toEqual([])
    })

    test('messages are counted by what was entered since an instant, and those that wait whenever it was', async () => {
      const reads = database.reads()
      const counts = async (sinceMs: number) => {
        const { messages, oldestWaitingMs } = await reads.numbers(sinceMs)
        return { ...Object.fromEntries(messages.map(({ state, count }) => [state, count])), oldestWaitingMs }
      }
      expect(await counts(0)).toEqual({ waiting: 0, oldestWaitingMs: null })
      const [first = '', second = ''] = (await callThem()).messages
      expect(await counts(0)).toEqual({ waiting: 2, oldestWaitingMs: START_MS })
      clock.now += 1
      await outbox.settle(first, { kind: 'sent', reference: 'ref-1' })
      expect(await counts(START_MS + 1)).toEqual({ waiting: 1, sent: 1, oldestWaitingMs: START_MS })
      clock.now += 1
      // its receipt is there before the answer to its sending
      await commands.do('message.receipt', { message: second, state: 'delivered', atMs: clock.now })
      expect(await counts(START_MS + 1)).toEqual({ waiting: 0, sent: 1, delivered: 1, oldestWaitingMs: null })
      expect(await counts(START_MS + 2)).toEqual({ waiting: 0, delivered: 1, oldestWaitingMs: null })
      expect(await counts(START_MS + 3)).toEqual({ waiting: 0, oldestWaitingMs: null })
      await reads.close()
    })

    test('what a receipt says was delivered is not sent again, and never failed', async () => {
      const { messages } = await callThem()
      const [first = '', second = ''] = messages
      const receipt = { state: 'delivered', atMs: START_MS + 1 } as const
      for (const message of [first, second]) await commands.do('message.receipt', { message, ...receipt })
      expect(await due()).toEqual([])
      await outbox.settle(first, { kind: 'later', dueMs: clock.now, reason: 'no answer within 10 s' })
      await outbox.settle(second, { kind: 'failed', reason: 'refused' })
      expect(await due()).toEqual([])
      expect(await states()).toEqual(['delivered', 'delivered'])
    })

    test('a receipt of a message that went another way is refused', async () => {
      const mail = { place: 'fridge', name: '赵', channel: 'mail', address: 'zhao@example.org' } as const
      const { messages } = await callThem([await commands.do('recipient.create', mail)])
      const receipt = { message: messages[0] ?? '', state: 'delivered', atMs: START_MS } as const
      await expect(commands.do('message.receipt', receipt)).rejects.toMatchObject({ code: 'bad-request' })
    })

    test('an incident that nobody takes for months shows its newest findings', async () => {
      const { id, incident } = await callThem()
      const findings = Array.from({ length: 600 }, (_, no) => `more-${no}`)
      const newest = findings.slice(-500)
      const found = await openDeskStore(facts, random).step(async (tx) => {
        await tx.apply(incident, { kind: 'join', grade: 'alarm', labelMilliC: null, findings }, [])
        return tx.findingsOf(id)
      })
      expect(found.toReversed()).toEqual(newest)
      const reads = database.reads()
      expect((await reads.incidents({ scopes: ['root'], limit: 10 })).items[0]?.findings).toEqual(newest)
      await reads.close()
    })

    test('somebody who is entered twice hides nobody', async () => {
      const again = { place: 'fridge', name: '李', channel: 'http', address: '138 0013 8000' } as const
      const twice = await commands.do('recipient.create', again)
      await callThem([twice, ...people])
      expect((await outbox.due('http', clock.now, 2)).map(({ message }) => message.to).toSorted()).toEqual([
        '+8613800138000',
        '+8613900139000',
      ])
    })
  })
}
