import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { IncidentFact, IncidentStep, Outbox, RecipientFact } from '../../domain/index.ts'
import { createFactsView, type Facts, type NewMessage, openDeskStore, openOutbox } from '../../store/index.ts'
import { countingRandom, type Doer, MINUTE_MS, START_MS, TestClock } from '../store/facts/setup.ts'
import { commandsOn } from './facts-places.ts'
import type { FactsDatabase } from './facts-promises.ts'
import { clinic } from './facts-recipients.ts'

const reason = 'because'
/** A fridge is too warm. */
export const raiseWarm = {
  kind: 'raise',
  place: 'fridge',
  cause: 'warm',
  grade: 'alarm',
  labelMilliC: null,
  open: true,
  findings: ['f-1'],
} as const
/** Those who are called for it are. */
export const call: IncidentStep = {
  kind: 'call',
  grade: 'alarm',
  labelMilliC: null,
  template: 'incident-raised',
}
const over: IncidentStep = { kind: 'over', tell: true, seenLate: false }

/** What incidents and messages promise, whatever the facts are kept in. */
export function keepsIncidents(keptIn: string, create: () => Promise<FactsDatabase>): void {
  describe(`incidents, kept in ${keptIn}`, () => {
    let database: FactsDatabase
    let facts: Facts
    let commands: Doer
    let outbox: Outbox
    const clock = new TestClock()
    const view = createFactsView()
    const random = countingRandom()
    let people: readonly RecipientFact[]

    beforeEach(async () => {
      clock.now = START_MS
      database = await create()
      facts = await database.open(clock)
      view.load(await facts.snapshot())
      facts.onChange((change) => view.apply(change))
      commands = commandsOn(facts, clock)
      outbox = openOutbox(facts)
      people = await clinic(commands)
    })
    afterEach(async () => {
      await facts.close()
      await database.remove()
    })

    const apply = (steps: readonly IncidentStep[], told: readonly RecipientFact[] = people) =>
      openDeskStore(facts, random).step(async (tx) => {
        let incident: IncidentFact | undefined = view.unresolvedIncident('fridge', 'warm')
        for (const step of steps) {
          const says = step.kind === 'call' || step.kind === 'over'
          incident = await tx.apply(incident, step, says ? told.map((to) => messageTo(to, step)) : [])
        }
        if (incident === undefined) throw new Error('no step, no incident')
        return incident
      })
    /** What is due, in the order of the numbers. */
    const waiting = async (channel: 'http' | 'mail') =>
      (await outbox.due(channel, clock.now, 10)).toSorted((a, b) => (a.message.to < b.message.to ? -1 : 1))
    const due = async (channel: 'http' | 'mail' = 'http') =>
      (await waiting(channel)).map(({ message, attempts }) => [message.to, message.text, attempts])
    const idsDue = async () => (await waiting('http')).map(({ message }) => message.id)
    const messages = async () => {
      const rows = await database.execute(
        `select it.state, detail from live_message it join recipient on recipient.fact = it.recipient_fact
         order by decided_by, address`,
      )
      return rows.map((row) => [row['state'], row['detail']])
    }

    test('a call is an incident, its messages and the outbox in one', async () => {
      const incident = await apply([raiseWarm, call])
      expect(incident).toMatchObject({
        state: 'raised',
        open: 1,
        told: 1,
        calledGrade: 'alarm',
        calledMs: START_MS,
      })
      expect(view.unresolvedIncident('fridge', 'warm')).toEqual(incident)
      expect(view.unresolvedIncident('fridge', 'cold')).toBeUndefined()
      expect(await due()).toEqual([
        ['+8613800138000', 'call', 0],
        ['+8613900139000', 'call', 0],
      ])
      expect(await due('mail')).toEqual([])
      const kinds = await database.execute(
        "select kind from audit where subject like 'incident:%' order by seq",
      )
      expect(kinds.map((row) => row['kind'])).toEqual(['incident.raise', 'incident.call'])
    })

    test('a step that fails half way leaves nothing, not even the cursor', async () => {
      const desk = openDeskStore(facts, random)
      const failing = desk.step(async (tx) => {
        await tx.setCursor(5)
        const incident = await tx.apply(undefined, raiseWarm, [])
        await tx.apply(incident, call, [messageTo(people[0], call)])
        throw new RangeError('half way')
      })
      await expect(failing).rejects.toThrow('half way')
      expect(await desk.step((tx) => tx.cursor())).toBe(0)
      expect(view.unresolvedIncidents()).toEqual([])
      expect(await due()).toEqual([])
    })

    test('the cursor moves without an act, and is not lost', async () => {
      const desk = openDeskStore(facts, random)
      const { version } = await facts.snapshot()
      await desk.step((tx) => tx.setCursor(5))
      await desk.step((tx) => tx.setCursor(9))
      expect(await desk.step((tx) => tx.cursor())).toBe(9)
      expect((await facts.snapshot()).version).toBe(version)
    })

    test('of two who acknowledge at once one wins, and the other is told who', async () => {
      const { id } = await apply([raiseWarm, call])
      const ends = await Promise.allSettled([
        commands.do('incident.acknowledge', { id }),
        commands.do('incident.acknowledge', { id }),
      ])
      expect(ends[0]).toMatchObject({ status: 'fulfilled', value: { acknowledgedBy: 'user:u-li' } })
      expect(ends[1]).toMatchObject({
        status: 'rejected',
        reason: {
          code: 'conflict',
          message: `Incident ${id} was acknowledged by user:u-li at ${new Date(START_MS).toISOString()}.`,
        },
      })
    })

    test('acknowledging takes back the calls that wait, and no others', async () => {
      const { id } = await apply([raiseWarm, call])
      const [first = ''] = await idsDue()
      await outbox.settle(first, { kind: 'sent', reference: 'ref-1' })
      await commands.do('incident.acknowledge', { id })
      expect(await due()).toEqual([])
      expect(await messages()).toEqual([
        ['sent', null],
        ['superseded', 'acknowledged by user:u-li'],
      ])
      // the attempt that was under way comes too late to matter
      await outbox.settle(first, { kind: 'failed', reason: 'gone' })
      expect((await messages())[0]).toEqual(['sent', null])
    })

    test('taken while out, it is resolved when it is over; taken when over, at once', async () => {
      const { id } = await apply([raiseWarm, call])
      const taken = await commands.do('incident.acknowledge', { id })
      expect(taken).toMatchObject({ state: 'acknowledged', open: 1, resolution: null })
      await apply([over, { kind: 'resolve', resolution: 'recovered' }])
      expect(view.incident(id)).toMatchObject({ state: 'resolved', resolvedBy: 'system:incident-desk' })
      const second = await apply([{ ...raiseWarm, open: false }])
      expect(second).toMatchObject({ seenLate: 1, open: 0, state: 'raised' })
      expect(await commands.do('incident.acknowledge', { id: second.id })).toMatchObject({
        state: 'resolved',
        acknowledgedBy: 'user:u-li',
        resolvedBy: 'user:u-li',
        resolution: 'recovered',
      })
    })

    test('what is still out is not resolved by hand, what is over is, once', async () => {
      const { id } = await apply([raiseWarm, call])
      await expect(commands.do('incident.resolve', { id, reason })).rejects.toMatchObject({
        code: 'conflict',
      })
      await apply([over])
      expect(await commands.do('incident.resolve', { id, reason })).toMatchObject({ resolution: 'by-hand' })
      for (const name of ['incident.acknowledge', 'incident.mute'] as const) {
        await expect(commands.do(name, { id })).rejects.toMatchObject({ code: 'conflict' })
      }
      await expect(commands.do('incident.mute', { id: 'i-none' })).rejects.toMatchObject({
        code: 'not-found',
      })
    })

    test('muting says who and until when, and changes nothing else', async () => {
      const before = await apply([raiseWarm, call])
      const after = await commands.do('incident.mute', { id: before.id })
      expect(after).toMatchObject({ mutedBy: 'user:u-li', mutedUntilMs: START_MS + 5 * MINUTE_MS })
      expect(after).toMatchObject({ state: 'raised', told: 1, callDueMs: null })
      expect(await due()).toHaveLength(2)
    })

    test('those who were reached are told that it is over, those who still waited are not called at all', async () => {
      await apply([raiseWarm, call])
      const [first = ''] = await idsDue()
      await outbox.settle(first, { kind: 'sent', reference: null })
      const told = await openDeskStore(facts, random).step((tx) =>
        tx.toldFor(view.unresolvedIncident('fridge', 'warm')?.id ?? ''),
      )
      expect(told).toEqual([people[0]?.id])
      await apply([over], people.slice(0, 1))
      expect(await due()).toEqual([['+8613800138000', 'over', 0]])
      expect(await messages()).toEqual([
        ['sent', null],
        ['superseded', 'over before it was sent'],
        ['waiting', null],
      ])
    })

    test('a message is tried again when it is due, and only the oldest of each recipient', async () => {
      await apply([raiseWarm, call])
      clock.now += 1
      await apply(
        [{ kind: 'call', grade: 'alarm', labelMilliC: null, template: 'incident-worse' }],
        people.slice(0, 1),
      )
      const [first = '', second = ''] = await idsDue()
      expect(await due()).toHaveLength(2)
      clock.now += 1
      await outbox.settle(first, { kind: 'later', dueMs: clock.now + 5_000, reason: 'busy' })
      await outbox.settle(second, { kind: 'sent', reference: null })
      const [newer = ''] = await idsDue()
      expect(newer).not.toBe(first)
      await outbox.settle(newer, { kind: 'sent', reference: null })
      expect(await due()).toEqual([])
      expect(await outbox.nextDueMs('http', clock.now)).toBe(clock.now + 5_000)
      expect(await outbox.nextDueMs('mail', clock.now)).toBeNull()
      clock.now += 5_000
      expect(await idsDue()).toEqual([first])
      expect(await due()).toEqual([['+8613800138000', 'call', 1]])
    })

    test('a receipt says what became of a message, also when it is faster than its acknowledgement', async () => {
      await apply([raiseWarm, call])
      const [first = '', second = ''] = await idsDue()
      const receipt = { state: 'delivered', atMs: START_MS + 1 } as const
      await commands.do('message.receipt', { message: first, ...receipt })
      await outbox.settle(first, { kind: 'sent', reference: 'ref-1' })
      await outbox.settle(second, { kind: 'failed', reason: 'no such number' })
      expect(await messages()).toEqual([
        ['delivered', null],
        ['failed', 'no such number'],
      ])
      const { version } = await facts.snapshot()
      await commands.do('message.receipt', { message: first, ...receipt })
      await commands.do('message.receipt', { message: first, ...receipt, state: 'undelivered' })
      expect((await facts.snapshot()).version).toBe(version)
      await expect(commands.do('message.receipt', { message: 'm-none', ...receipt })).rejects.toMatchObject({
        code: 'not-found',
      })
    })

    test('an incident is listed where its place is, and tells all that was done', async () => {
      const { id } = await apply([raiseWarm, call])
      await commands.do('incident.acknowledge', { id, reason: 'on my way' })
      const reads = database.reads()
      const list = (scope: string) => reads.incidents({ scopes: [scope], limit: 10, state: 'acknowledged' })
      expect((await list('clinic')).items).toMatchObject([
        { id, site: 'ward', findings: ['f-1'], open: true },
      ])
      expect((await list('elsewhere')).items).toEqual([])
      const story = await reads.incident(id)
      expect(story?.acts.map(({ kind, actor, reason: why }) => [kind, actor, why])).toEqual([
        ['incident.raise', 'system:incident-desk', ''],
        ['incident.call', 'system:incident-desk', ''],
        ['incident.acknowledge', 'user:u-li', 'on my way'],
      ])
      expect(
        story?.messages.map(({ recipientName, state }) => `${recipientName} ${state}`).toSorted(),
      ).toEqual(['李 superseded', '王 superseded'])
      expect((await reads.incidentsOf(['f-1', 'f-9'])).get('f-1')?.incident.id).toBe(id)
      expect((await reads.recipients({ scopes: ['clinic'], limit: 10, place: 'fridge' })).items).toHaveLength(
        2,
      )
      await reads.close()
    })
  })
}

/** A message to somebody for a step. */
export function messageTo(recipient: RecipientFact | undefined, { kind }: IncidentStep): NewMessage {
  if (recipient === undefined) throw new Error('no recipient')
  const said = { subject: kind, text: kind, variables: {}, outsideHours: false }
  return {
    recipient,
    template: kind === 'over' ? 'incident-over' : 'incident-raised',
    grade: 'alarm',
    ...said,
  }
}
