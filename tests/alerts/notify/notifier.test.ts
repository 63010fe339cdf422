import { beforeEach, describe, expect, test } from 'vitest'
import { type Channels, type SendOutcome, startNotifier } from '../../../alerts/index.ts'
import { SimulatedClock } from '../../support/simulated-clock.ts'
import { sample } from './gateway.ts'
import { logInto, SimulatedOutbox, simulatedChannel, type Trouble } from './simulated-outbox.ts'

const startMs = Date.UTC(2026, 10, 23, 19)
const S = 1_000
const HOUR = 3_600 * S
const sent: SendOutcome = { kind: 'sent', reference: 'gw-1' }
const busy: SendOutcome = { kind: 'retry', reason: 'the gateway answered 503' }

let clock: SimulatedClock
let stop: AbortController
let lines: string[]
beforeEach(() => {
  clock = new SimulatedClock(startMs)
  stop = new AbortController()
  lines = []
})

function outboxWith(trouble: Trouble = {}) {
  return new SimulatedOutbox(clock, trouble)
}

function start(outbox: SimulatedOutbox, channels: Channels) {
  return startNotifier({ outbox, channels, clock, log: logInto(lines), signal: stop.signal })
}

const always = (outcome: SendOutcome, ms = S) => simulatedChannel(clock, () => ({ ms, outcome }))
const seconds = (attempts: readonly { readonly startMs: number }[]): number[] =>
  attempts.map((attempt) => (attempt.startMs - startMs) / S)

describe('a message', () => {
  test('is sent once, and what became of it is kept', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'a' })
    const http = always(sent)
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    expect(seconds(http.attempts)).toEqual([0])
    expect(outbox.row('a').settlements).toEqual([{ kind: 'sent', reference: 'gw-1' }])
  })

  test('that is refused has failed, with the reason', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'a' })
    start(outbox, { http: always({ kind: 'refused', reason: 'no such number' }) })
    await clock.runTo(startMs + HOUR)
    expect(outbox.row('a').settlements).toEqual([{ kind: 'failed', reason: 'no such number' }])
  })

  test('is tried again after 5 s, 10 s, 20 s, ..., 5 min, and given up within 24 h', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'a' })
    const http = always(busy, 0)
    start(outbox, { http })
    await clock.runTo(startMs + 30 * HOUR)
    const at = seconds(http.attempts)
    expect(at.slice(0, 10)).toEqual([0, 5, 15, 35, 75, 155, 315, 615, 915, 1215])
    expect(at.length).toBe(293)
    expect(at.at(-1)).toBe(315 + 286 * 300)
    expect(outbox.row('a').settlements.at(-1)).toEqual({
      kind: 'failed',
      reason: 'given up after 293 attempts within 24 h; at last the gateway answered 503',
    })
  })

  test.each([
    [60_000, 60],
    [1, 5],
    [7 * 24 * HOUR, 15 * 60],
  ])('waits as the receiver asks, %i ms, within 5 s and 15 min', async (afterMs, second) => {
    const outbox = outboxWith()
    outbox.add({ id: 'a' })
    const http = simulatedChannel(clock, (_, before) => ({
      ms: 0,
      outcome: before === 0 ? { kind: 'retry', reason: 'later', afterMs } : sent,
    }))
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    expect(seconds(http.attempts)).toEqual([0, second])
  })

  test('that is a day old is not sent any more', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'old', createdMs: startMs - 24 * HOUR })
    outbox.add({ id: 'young', to: 'b', createdMs: startMs - 24 * HOUR + 1 })
    const http = always(sent)
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    expect(http.attempts.map(({ id }) => id)).toEqual(['young'])
    expect(outbox.row('old').settlements).toEqual([
      { kind: 'failed', reason: 'it was not sent within 24 h of its creation, and is not sent any more' },
    ])
  })

  test('for a channel that is not configured has failed at once, with a remedy', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'a', channel: 'mail', to: 'a@b.example' })
    start(outbox, { http: always(sent) })
    await clock.runTo(startMs)
    expect(outbox.row('a').settlements).toEqual([
      {
        kind: 'failed',
        reason: 'the channel mail is not configured; set smtp_url and smtp_from, or choose another channel',
      },
    ])
  })

  test('whose channel throws is tried again', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'a' })
    start(outbox, { http: { send: () => Promise.reject(new Error('a mistake')) } })
    await clock.runTo(startMs + S)
    expect(outbox.row('a').settlements).toEqual([
      { kind: 'later', dueMs: startMs + 5 * S, reason: 'the channel failed: a mistake' },
    ])
  })
})

describe('many messages', () => {
  test('four of a channel are under way at once', async () => {
    const outbox = outboxWith()
    for (let at = 0; at < 10; at += 1) outbox.add({ id: `m${at}`, to: `person ${at}` })
    const http = always(sent, 10 * S)
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    expect(seconds(http.attempts)).toEqual([0, 0, 0, 0, 10, 10, 10, 10, 20, 20])
  })

  test('to one person go one after the other, oldest first, and nobody else waits for them', async () => {
    const outbox = outboxWith()
    for (let at = 0; at < 20; at += 1)
      outbox.add({ id: `flood ${at}`, to: 'a', createdMs: startMs - 100 + at })
    outbox.add({ id: 'other', to: 'b' })
    const http = always(sent, S)
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    const flood = http.attempts.filter(({ id }) => id.startsWith('flood'))
    expect(flood.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, at) => `flood ${at}`))
    expect(seconds(flood)).toEqual(Array.from({ length: 20 }, (_, at) => at))
    expect(seconds(http.attempts.filter(({ id }) => id === 'other'))).toEqual([0])
  })

  test('a dead channel delays no other', async () => {
    const outbox = outboxWith()
    for (let at = 0; at < 50; at += 1) outbox.add({ id: `dead ${at}`, to: `p${at}`, createdMs: startMs - 1 })
    outbox.add({ id: 'mail', channel: 'mail', to: 'a@b.example' })
    outbox.add({ id: 'line', channel: 'console', to: '' })
    const [mail, screen] = [always(sent), always(sent)]
    start(outbox, { http: always(busy, 100 * HOUR), mail, console: screen })
    await clock.runTo(startMs)
    expect([seconds(mail.attempts), seconds(screen.attempts)]).toEqual([[0], [0]])
  })

  test('a new one is taken when the notifier is woken, and within 30 s when it is not', async () => {
    const outbox = outboxWith()
    const http = always(sent, 0)
    const notifier = start(outbox, { http })
    await clock.runTo(startMs + 7 * S)
    outbox.add({ id: 'woken' })
    notifier.wake()
    await clock.runTo(startMs + 8 * S)
    outbox.add({ id: 'forgotten' })
    await clock.runTo(startMs + HOUR)
    expect(seconds(http.attempts)).toEqual([7, 37])
  })

  test('a wake while the outbox is being read is not missed', async () => {
    const outbox = outboxWith({ readMs: () => 2 * S })
    const http = always(sent, 0)
    const notifier = start(outbox, { http })
    await clock.runTo(startMs + S)
    outbox.add({ id: 'a', createdMs: startMs })
    notifier.wake()
    await clock.runTo(startMs + HOUR)
    expect(seconds(http.attempts)).toEqual([4])
  })
})

describe('an outbox in trouble', () => {
  test('what became of a message is kept as soon as the store takes it, and it is not sent again', async () => {
    const outbox = outboxWith({
      settleFails: () => (clock.nowMs() < startMs + 10 * 60 * S ? 'before' : undefined),
    })
    outbox.add({ id: 'a' })
    const http = always(sent)
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    expect(http.attempts.length).toBe(1)
    expect(outbox.row('a').settlements).toEqual([{ kind: 'sent', reference: 'gw-1' }])
  })

  test('an answer that is older than what became of a message does not send it again', async () => {
    const outbox = outboxWith({ readMs: () => 2 * S })
    outbox.add({ id: 'a' })
    const http = always(sent, S)
    const notifier = start(outbox, { http })
    // asked while `a` is under way, answered when it is settled
    await clock.runTo(startMs + 2.5 * S)
    notifier.wake()
    await clock.runTo(startMs + HOUR)
    expect(http.attempts.length).toBe(1)
  })

  test('a store that cannot be read is asked again', async () => {
    const outbox = outboxWith({ readFails: () => clock.nowMs() < startMs + 60 * S })
    outbox.add({ id: 'a' })
    const http = always(sent, 0)
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    expect(seconds(http.attempts)).toEqual([62])
  })
})

describe('stopping', () => {
  test('ends what is under way and leaves it due; the next start sends it under the same id', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'a' })
    const { stopped } = start(outbox, { http: always(sent, HOUR) })
    await clock.runTo(startMs + S)
    stop.abort()
    await stopped
    expect(clock.nowMs()).toBe(startMs + S)
    expect(outbox.row('a').settlements).toEqual([])
    stop = new AbortController()
    const http = always(sent)
    start(outbox, { http })
    await clock.runTo(startMs + HOUR)
    expect(http.attempts.map(({ id }) => id)).toEqual(['a'])
    expect(outbox.row('a').settlements).toEqual([{ kind: 'sent', reference: 'gw-1' }])
  })

  test('keeps what a channel still says within its grace', async () => {
    const outbox = outboxWith()
    outbox.add({ id: 'a' })
    const send = async (): Promise<SendOutcome> => {
      await clock.sleep(2 * S)
      return sent
    }
    const { stopped } = start(outbox, { http: { send } })
    await clock.runTo(startMs + S)
    stop.abort()
    await clock.runTo(startMs + HOUR)
    await stopped
    expect(outbox.row('a').settlements).toEqual([{ kind: 'sent', reference: 'gw-1' }])
  })

  test('does not wait for a channel that does not listen, nor for a store that takes nothing', async () => {
    const outbox = outboxWith({ settleFails: () => 'before' })
    outbox.add({ id: 'deaf' })
    outbox.add({ id: 'done', channel: 'mail', to: 'a@b.example' })
    const { stopped } = start(outbox, {
      http: { send: () => new Promise(() => undefined) },
      mail: always(sent, 0),
    })
    await clock.runTo(startMs + S)
    stop.abort()
    let endedMs = 0
    void stopped.then(() => (endedMs = clock.nowMs()))
    await clock.runTo(startMs + HOUR)
    expect(endedMs).toBe(startMs + 3 * S)
  })
})

test('the log has ids, channels and outcomes; no numbers, addresses, texts or words of a server', async () => {
  const outbox = outboxWith({ settleFails: () => (clock.nowMs() < startMs + S ? 'before' : undefined) })
  outbox.add({ id: 'a', text: 'the text', subject: 'the subject' })
  outbox.add({ id: 'b', channel: 'mail', to: 'a@b.example' })
  start(outbox, { http: always(sent, 0), mail: always({ kind: 'refused', reason: 'words of a server' }, 0) })
  await clock.runTo(startMs + HOUR)
  const log = lines.join('\n')
  expect(log).toContain('info {"message":"a","channel":"http","outcome":"sent"} notification settled')
  expect(log).toContain('error {"message":"b","channel":"mail","outcome":"failed"} notification settled')
  for (const secret of [sample.to, 'a@b.example', 'the text', 'the subject', 'words of a server', 'gw-1']) {
    expect(log).not.toContain(secret)
  }
})
