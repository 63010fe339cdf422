import { expect, test } from 'vitest'
import { openHeldDesk } from '../../app/core/held.ts'
import { type MessageRecord, publishTopic } from '../../domain/index.ts'
import type { HeldItem } from '../../store/index.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const START_MS = Date.UTC(2026, 10, 23)
/** The record that is held, and the one that has it judged again. */
const [HELD, BY] = [3, 9]
const actor = { kind: 'local', id: 'test' } as const
const record: MessageRecord = {
  receivedAtMs: START_MS,
  deviceId: 'logger',
  channel: 'mqtt',
  topic: publishTopic('logger', 'readings'),
  qos: 1,
  payload: Buffer.from('{"temperature":4}'),
}
const item: HeldItem = {
  position: { log: 'readings', index: HELD, item: 0 },
  device: 'logger',
  receivedAtMs: START_MS,
  reason: 'conflict',
  detail: '',
  excerpt: '',
  decidedBy: null,
}

/** A desk whose ingest is level with the log so long after the start, and nothing is held from there on. */
function deskBehind(waitMs: number) {
  const clock = new SimulatedClock(START_MS)
  const isLevel = () => clock.nowMs() >= START_MS + waitMs
  const desk = openHeldDesk({
    reads: {
      cursor: () => (isLevel() ? BY + 1 : HELD + 1),
      heldPage: () => ({ items: isLevel() ? [] : [item], next: null }),
    },
    commands: { command: () => Promise.resolve({ act: 1 } as never) },
    clock,
    record: () => Promise.resolve(record),
  })
  desk.gateway({
    closed: false,
    call: () => Promise.resolve(BY),
    notify: () => undefined,
    onClose: () => undefined,
    close: () => undefined,
  })
  return { clock, desk }
}

const asked = { device: 'logger', index: HELD, reason: 'mended' }

test('who has a record judged again is told what came of it, also behind two stretches of seconds', async () => {
  const { clock, desk } = deskBehind(12_000)
  const readmitted = desk.readmit(actor, asked)
  await clock.runTo(clock.nowMs() + 12_100)
  expect(await readmitted).toEqual({ act: 1, index: BY, heldBefore: 1, heldNow: 0 })
})

test('behind more than ingest takes in 15 s nobody is kept waiting, and is told that it is not done', async () => {
  const { clock, desk } = deskBehind(60_000)
  const readmitted = desk.readmit(actor, asked)
  await clock.runTo(clock.nowMs() + 15_100)
  expect(await readmitted).toEqual({ act: 1, index: BY, heldBefore: 1, heldNow: null })
  const decided = desk.decide(actor, { ...asked, item: 0, stands: 'held' })
  await clock.runTo(clock.nowMs() + 15_100)
  expect(await decided).toEqual({ act: 1, index: BY, stands: 'held', done: false })
})
