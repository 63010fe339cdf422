import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type ChannelSender, type SendOutcome, startNotifier } from '../../alerts/index.ts'
import { type ChannelName, channelNames } from '../../domain/index.ts'
import {
  type Attempt,
  logInto,
  SimulatedOutbox,
  simulatedChannel,
} from '../alerts/notify/simulated-outbox.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'

const startMs = Date.UTC(2026, 10, 23, 19)
const HOUR_MS = 3_600_000
const UNDER_WAY_MAX = 4

const cities = fc.record({
  seed: fc.nat(),
  messages: fc.integer({ min: 1, max: 25 }),
  recipients: fc.integer({ min: 1, max: 12 }),
  /** One call in so many fails; 0: none. */
  readFails: fc.constantFrom(0, 3),
  settleFails: fc.constantFrom(0, 2, 5),
  /** One attempt in so many is answered with "later". */
  busy: fc.constantFrom(1, 2, 10),
  /** Processes that are killed, at any instant, one after the other. */
  kills: fc.array(fc.integer({ min: 0, max: 120_000 }), { maxLength: 3 }),
  configured: fc.subarray([...channelNames], { minLength: 1 }),
})

type City = typeof cities extends fc.Arbitrary<infer T> ? T : never

test('every message ends in one final state; none is under way twice; no channel is asked too much', async () => {
  await fc.assert(fc.asyncProperty(cities, live), { numRuns: 60 })
})

/** Lives through a city's day: processes start, are killed, and the last one empties the outbox. */
async function live(city: City): Promise<void> {
  const random = new SeededRandom(city.seed)
  const clock = new SimulatedClock(startMs)
  const fails = (times: number): boolean => times > 0 && random.oneIn(times)
  const outbox = new SimulatedOutbox(clock, {
    readMs: () => random.below(3_000),
    readFails: () => fails(city.readFails),
    settleFails: () => (fails(city.settleFails) ? (random.oneIn(2) ? 'before' : 'after') : undefined),
  })
  for (let at = 0; at < city.messages; at += 1) {
    const channel = channelNames[random.below(channelNames.length)] ?? 'http'
    // where nothing is ever taken, a day of attempts would be long: only its last hours are lived through
    const ageH = city.busy === 1 ? 22.5 + random.below(3) / 2 : random.below(25)
    const createdMs = startMs - ageH * HOUR_MS
    outbox.add({ id: `m${at}`, channel, to: `${channel} ${random.below(city.recipients)}`, createdMs })
  }

  const said = new Map<string, SendOutcome['kind'][]>()
  const attempts: Attempt[][] = []
  const life = () => {
    const channel = () => {
      const simulated = simulatedChannel(clock, () => {
        return { ms: random.below(20_000), outcome: anyOutcome(random, city.busy) }
      })
      attempts.push(simulated.attempts)
      const send: ChannelSender['send'] = async (message, signal) => {
        const outcome = await simulated.send(message, signal)
        said.set(message.id, [...(said.get(message.id) ?? []), outcome.kind])
        return outcome
      }
      return [simulated.attempts, { send }] as const
    }
    const channels: Partial<Record<ChannelName, ChannelSender>> = {}
    const byChannel = city.configured.map((name) => {
      const [made, sender] = channel()
      channels[name] = sender
      return made
    })
    const stop = new AbortController()
    const { stopped } = startNotifier({ outbox, channels, clock, log: logInto([]), signal: stop.signal })
    return { stop, stopped, byChannel }
  }

  for (const killMs of city.kills) {
    const { stop, stopped, byChannel } = life()
    await clock.runTo(clock.nowMs() + killMs)
    stop.abort()
    await clock.runTo(clock.nowMs() + 3_000)
    await stopped
    check(outbox, byChannel)
  }
  const { stop, stopped, byChannel } = life()
  await clock.runTo(startMs + 30 * HOUR_MS, () => outbox.allFinal)
  expect(outbox.allFinal).toBe(true)
  const atEnd = attempts.flat().length
  await clock.runTo(clock.nowMs() + HOUR_MS)
  expect(attempts.flat().length).toBe(atEnd)
  stop.abort()
  await clock.runTo(clock.nowMs() + 3_000)
  await stopped
  check(outbox, byChannel)

  for (const { message, settlements } of outbox.rows.values()) {
    const final = settlements.filter(({ kind }) => kind !== 'later')
    // the same one twice where the store kept it and its answer got lost
    expect(new Set(final.map((each) => JSON.stringify(each))).size).toBe(1)
    expect(settlements.at(-1)).toEqual(final[0])
    const outcomes = said.get(message.id) ?? []
    // what a process that was killed could not keep any more is not known to the next one
    const isHonest =
      final[0]?.kind === 'sent'
        ? outcomes.includes('sent')
        : city.kills.length > 0 || outcomes.at(-1) !== 'sent'
    expect(isHonest).toBe(true)
  }
}

function anyOutcome(random: SeededRandom, busy: number): SendOutcome {
  if (random.oneIn(busy)) {
    return random.oneIn(3)
      ? { kind: 'retry', reason: 'later', afterMs: random.below(2 * HOUR_MS) }
      : { kind: 'retry', reason: 'busy' }
  }
  return random.oneIn(8) ? { kind: 'refused', reason: 'no' } : { kind: 'sent' }
}

/** Within one process: one attempt of a message and one per recipient at a time, at most four of a channel. */
function check(outbox: SimulatedOutbox, byChannel: readonly (readonly Attempt[])[]): void {
  for (const attempts of byChannel) {
    for (const { startMs: at } of attempts) {
      const underWay = attempts.filter(
        (each) => each.startMs <= at && at < (each.endMs ?? Number.POSITIVE_INFINITY),
      )
      expect(underWay.length).toBeLessThanOrEqual(UNDER_WAY_MAX)
      const recipients = underWay.map(({ id }) => outbox.row(id).message.to)
      expect(new Set(recipients).size).toBe(recipients.length)
    }
  }
}
