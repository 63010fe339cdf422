import { afterEach, beforeEach, expect, test } from 'vitest'
import { openOutbox } from '../../store/index.ts'
import { deskOn } from './desk-stage.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, START_MS } from './judge-stage.ts'

const reason = 'tested'

let stage: JudgeStage
let settle: () => Promise<void>
beforeEach(async () => {
  stage = await openJudgeStage()
  settle = deskOn(stage).settle
  await stage.command('recipient.create', { place: 'room', name: '值班', channel: 'console' })
})
afterEach(() => stage.close())

/** The incidents in short, the oldest first: state, open or over, and what was said about each. */
async function incidents(): Promise<readonly string[]> {
  const { version } = await stage.facts.snapshot()
  expect(stage.view.version).toBe(version)
  const told = await said()
  return stage
    .allIncidents()
    .map(
      ({ id, state, open }) => `${state} ${open === 1 ? 'open' : 'over'}: ${(told.get(id) ?? []).join(', ')}`,
    )
}

async function said(): Promise<ReadonlyMap<string, readonly string[]>> {
  const rows = await stage.facts.transact((tx) =>
    tx.all(tx.db.selectFrom('live_message').select(['incident', 'template', 'grade']).orderBy('decidedBy')),
  )
  const byIncident = Map.groupBy(rows, ({ incident }) => incident ?? '')
  return new Map(
    [...byIncident].map(([id, each]) => [id, each.map((row) => row.template.replace('incident-', ''))]),
  )
}

/** Marks what waits as sent, as the notifier does. */
async function send(): Promise<void> {
  const outbox = openOutbox(stage.facts)
  for (const { message } of await outbox.due('console', stage.clock.nowMs(), 100)) {
    await outbox.settle(message.id, { kind: 'sent', reference: null })
  }
}

async function acknowledge(): Promise<void> {
  const [incident] = stage.view.unresolvedIncidents()
  await stage.command('incident.acknowledge', { id: incident?.id ?? '' })
}

test('two points of a place share an incident, and one call', async () => {
  stage.take('a', [[10, 9]])
  stage.take('b', [[12, 8.5]])
  await settle()
  expect(await incidents()).toEqual(['raised open: raised'])
  stage.take('a', [[20, 5]])
  await settle()
  expect(await incidents()).toEqual(['raised open: raised'])
  await send()
  stage.take('b', [[20, 5]])
  await settle()
  expect(await incidents()).toEqual(['raised over: raised, over'])
})

test('too warm and too cold are two incidents', async () => {
  stage.take('a', [[10, 9]])
  stage.take('b', [[10, 1]])
  await settle()
  expect(await incidents()).toEqual(['raised open: raised', 'raised open: raised'])
})

test('a finding that is open again after its incident was resolved is called for anew', async () => {
  stage.take('a', [
    [10, 9],
    [11, 9],
  ])
  await settle()
  await send()
  await acknowledge()
  stage.take('a', [[30, 5]])
  await settle()
  expect(await incidents()).toEqual(['resolved over: raised, over'])
  // the sensor had left by then: nothing says that it was in range again
  await stage.command('placement.correct', {
    device: 'd',
    sensor: 'a',
    atMs: START_MS,
    toMs: START_MS + 20 * MINUTE_MS,
    reason,
  })
  stage.advance(10 * MINUTE_MS)
  await settle()
  expect(await incidents()).toEqual(['resolved over: raised, over', 'raised open: raised'])
})

test('what a correction withdraws is told as such, and nobody has to take it', async () => {
  stage.take('a', [[10, 9]])
  await settle()
  await send()
  await stage.command('placement.correct', {
    device: 'd',
    sensor: 'a',
    atMs: START_MS,
    toMs: START_MS + 5 * MINUTE_MS,
    reason,
  })
  await settle()
  expect(await incidents()).toEqual(['resolved over: raised, withdrawn'])
})

test('what opens and ends before the desk looks calls nobody', async () => {
  stage.take('a', [
    [10, 9],
    [20, 5],
  ])
  await settle()
  expect(await incidents()).toEqual(['raised over: '])
})

test('a late value waits two minutes for a newer one; back in range, nobody is called', async () => {
  stage.takeLate('a', [[10, 9]])
  await settle()
  expect(await incidents()).toEqual(['raised open: '])
  stage.takeLate('a', [[20, 5]])
  await settle()
  stage.advance(3 * MINUTE_MS)
  await settle()
  expect(await incidents()).toEqual(['raised over: '])
  expect(stage.allIncidents()[0]).toMatchObject({ seenLate: 1 })
})

test('a late value without a newer one is called for after two minutes', async () => {
  stage.takeLate('a', [[10, 9]])
  await settle()
  stage.advance(2 * MINUTE_MS - 1)
  await settle()
  expect(await incidents()).toEqual(['raised open: '])
  stage.advance(1)
  await settle()
  expect(await incidents()).toEqual(['raised open: raised'])
})

test('nobody in their hours: everybody is called, and it is marked', async () => {
  const { id } = await stage.command('recipient.create', {
    place: 'room',
    name: '白班',
    channel: 'mail',
    address: 'day@example.org',
    hours: [{ days: ['mon'], from: '00:00', to: '00:01' }],
  })
  await stage.command('recipient.end', { id: stage.view.recipientsOf('room')[0]?.id ?? '', reason })
  stage.take('a', [[10, 9]])
  await settle()
  const rows = await stage.facts.transact((tx) =>
    tx.all(tx.db.selectFrom('live_message').select(['recipient', 'outsideHours'])),
  )
  expect(rows).toEqual([{ recipient: id, outsideHours: 1 }])
})

test('a place without recipients is said aloud, and its incident is there all the same', async () => {
  await stage.command('recipient.end', { id: stage.view.recipientsOf('room')[0]?.id ?? '', reason })
  stage.take('a', [[10, 9]])
  await settle()
  expect(await incidents()).toEqual(['raised open: '])
  const [error, ...again] = stage.errors.splice(0)
  expect(error).toMatchObject({ place: 'room' })
  expect(again.every((each) => JSON.stringify(each) === JSON.stringify(error))).toBe(true)
})
