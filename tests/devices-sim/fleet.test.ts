import { afterEach, describe, expect, test } from 'vitest'
import {
  type Fleet,
  type FleetOptions,
  MEMORY_READINGS_MAX,
  runLoad,
  startFleet,
} from '../../devices-sim/index.ts'
import type { Log } from '../../domain/index.ts'
import { waitFor } from '../support/isotherm.ts'
import { SimulatedClock } from '../support/simulated-clock.ts'
import { DAY_MS, HOUR_MS, MIDNIGHT_MS, MINUTE_MS, place, plan, sensor } from './city.ts'
import { realClock, type ReplayBroker, startBroker, type Take, type Taken } from './replay-broker.ts'

const sensors = [sensor(), sensor({ name: 'air', probe: 'air', role: 'air' })]

let fleet: Fleet | undefined
let broker: ReplayBroker | undefined
afterEach(async () => {
  await fleet?.stop()
  await broker?.stop()
  fleet = undefined
  broker = undefined
})

interface Sent {
  readonly at: number
  readonly seq: number
  readonly sensor: string
}

/** Keeps what a broker takes, and answers as `answer` says. */
class Heard {
  readonly messages: Taken[] = []
  answer: Take = () => 'acknowledge'
  readonly take: Take = (message, acknowledge) => {
    this.messages.push(message)
    return this.answer(message, acknowledge)
  }

  get statuses(): unknown[] {
    return this.messages
      .filter(({ topic }) => topic.endsWith('/status'))
      .map(({ payload }) => JSON.parse(payload) as unknown)
  }

  get batches(): Sent[][] {
    return this.messages
      .filter(({ topic }) => topic === 'isotherm/v1/vault-7/readings')
      .map(({ payload }) => JSON.parse(payload) as Sent[])
  }

  get numbers(): number[] {
    return this.batches.flat().map(({ seq }) => seq)
  }
}

const lines: string[] = []
const log: Log = {
  debug: (_, message) => void lines.push(message),
  info: (_, message) => void lines.push(message),
  warn: (_, message) => void lines.push(message),
  error: (_, message) => void lines.push(message),
}

function options(port: number, own: Partial<FleetOptions> = {}): FleetOptions {
  return {
    plan: plan(place(), sensors, 1),
    secrets: new Map([['vault-7', 's3cret']]),
    mqtt: `mqtt://127.0.0.1:${port}`,
    clock: realClock,
    seed: 5,
    log,
    ...own,
  }
}

/** Whole numbers from the first to the last of them, each twice: once for each sensor. */
function eachTwice(numbers: readonly number[]): number[] {
  const [first = 0] = numbers
  return numbers.map((_, index) => first + Math.floor(index / 2))
}

describe('handing in', () => {
  test('a week, oldest first, numbered without a hole, the same in a second run', async () => {
    const heard = new Heard()
    broker = await startBroker(heard.take)
    const week = plan(place(), sensors, 300)
    fleet = startFleet(options(broker.port, { plan: week }))
    const told: { total: number; acknowledged: number }[] = []
    const count = await fleet.handIn(MIDNIGHT_MS, MIDNIGHT_MS + 7 * DAY_MS, (progress) => told.push(progress))
    expect(count).toBe(7 * 288 * 2)
    expect(told.at(-1)).toEqual({ total: count, acknowledged: count })
    expect(heard.numbers).toEqual(eachTwice(heard.numbers))
    expect(Math.max(...heard.batches.map((batch) => batch.length))).toBe(250)
    expect(heard.messages.map(({ payload }) => payload.length).every((bytes) => bytes <= 61_440)).toBe(true)
    const [first, last] = [heard.batches[0]?.[0]?.at ?? 0, heard.batches.at(-1)?.at(-1)?.at ?? 0]
    expect(first).toBeGreaterThanOrEqual(MIDNIGHT_MS)
    expect(first).toBeLessThan(MIDNIGHT_MS + 5 * MINUTE_MS)
    expect(last - first).toBe(7 * DAY_MS - 5 * MINUTE_MS)
    await fleet.stop()
    const payloads = heard.messages.filter(({ topic }) => topic.endsWith('/readings'))
    heard.messages.length = 0
    fleet = startFleet(options(broker.port, { plan: week }))
    await fleet.handIn(MIDNIGHT_MS, MIDNIGHT_MS + 7 * DAY_MS)
    expect(heard.messages.filter(({ topic }) => topic.endsWith('/readings'))).toEqual(payloads)
  })

  test('a connection that breaks in between loses nothing', async () => {
    const heard = new Heard()
    let left = 3
    heard.answer = ({ topic }) => (topic.endsWith('/readings') && (left -= 1) === 0 ? 'close' : 'acknowledge')
    broker = await startBroker(heard.take)
    fleet = startFleet(options(broker.port, { plan: plan(place(), sensors, 300) }))
    expect(await fleet.handIn(MIDNIGHT_MS, MIDNIGHT_MS + 2 * DAY_MS)).toBe(2 * 288 * 2)
    expect(new Set(heard.numbers).size).toBe(2 * 288)
    expect(broker.connects()).toBe(2)
  })

  test('a wrong secret and a server that is not there are told', async () => {
    broker = await startBroker(new Heard().take)
    fleet = startFleet(options(broker.port, { secrets: new Map([['vault-7', 'wrong']]) }))
    const to = MIDNIGHT_MS + HOUR_MS
    await expect(fleet.handIn(MIDNIGHT_MS, to)).rejects.toMatchObject({ code: 'bad-credentials' })
    expect(fleet.counts()).toMatchObject({ failed: 1, acknowledged: 0 })
    await broker.stop()
    fleet = startFleet(options(broker.port))
    broker = undefined
    await expect(fleet.handIn(MIDNIGHT_MS, to)).rejects.toMatchObject({ code: 'connection-failed' })
  })

  test('a plan that does not hold together is refused', () => {
    expect(() => startFleet(options(1, { secrets: new Map() }))).toThrow(
      'Device vault-7 of the plan has no secret',
    )
    const lost = plan(place(), [sensor({ place: 'elsewhere' })], 60)
    expect(() => startFleet(options(1, { plan: lost }))).toThrow('is in the place elsewhere')
    expect(() => startFleet(options(1, { plan: plan(place(), sensors, 0.5) }))).toThrow(
      'interval of device vault-7',
    )
  })
})

describe('live', () => {
  test('one message for each record with all its sensors, online first and offline last', async () => {
    const heard = new Heard()
    broker = await startBroker(heard.take)
    fleet = startFleet(options(broker.port))
    fleet.live()
    await waitFor(() => heard.batches.length >= 5, 15_000)
    await fleet.stop()
    expect(heard.numbers).toEqual(eachTwice(heard.numbers))
    expect(heard.batches[3]?.map((each) => each.sensor)).toEqual(['main', 'air'])
    expect(heard.statuses).toEqual([
      { state: 'online', firmware: 'isotherm-sim' },
      { state: 'offline', firmware: 'isotherm-sim' },
    ])
    expect(fleet.counts()).toEqual({
      acknowledged: heard.numbers.length,
      kept: 0,
      notRecorded: 0,
      connected: 0,
      failed: 0,
    })
  })

  test('network-gap: the last will, nothing meanwhile, then every record with its number', async () => {
    const heard = new Heard()
    broker = await startBroker(heard.take)
    fleet = startFleet(options(broker.port))
    const made = fleet
    made.live()
    await waitFor(() => heard.batches.length >= 2, 15_000)
    made.trigger('vault-7', 'network-gap', Date.now(), Date.now() + 10_000)
    await waitFor(() => made.counts().connected === 0, 15_000)
    const before = heard.batches.length
    await waitFor(() => made.counts().kept >= 6, 15_000)
    expect(heard.statuses.at(-1)).toEqual({ state: 'offline', firmware: 'isotherm-sim' })
    expect(heard.batches.length).toBe(before)
    await waitFor(() => made.counts().connected === 1 && made.counts().kept === 0, 15_000)
    expect(heard.numbers).toEqual(eachTwice(heard.numbers))
    expect(Math.max(...heard.batches.map((batch) => batch.length))).toBeGreaterThanOrEqual(6)
  }, 60_000)

  test('what the server does not acknowledge is kept and sent again', async () => {
    const heard = new Heard()
    heard.answer = ({ topic }) => (topic.endsWith('/status') ? 'acknowledge' : 'wait')
    broker = await startBroker(heard.take)
    const { port } = broker
    fleet = startFleet(options(port))
    const made = fleet
    made.live()
    await waitFor(() => made.counts().kept >= 4 && heard.batches.length >= 2, 15_000)
    expect(made.counts().acknowledged).toBe(0)
    await broker.stop()
    const again = new Heard()
    broker = await startBroker(again.take, port)
    await waitFor(() => made.counts().connected === 1 && made.counts().kept === 0, 20_000)
    expect(again.numbers.slice(0, 2)).toEqual(heard.numbers.slice(0, 2))
    expect(again.numbers).toEqual(eachTwice(again.numbers))
  }, 60_000)

  test('duplicates: every message three times, counted once', async () => {
    const heard = new Heard()
    broker = await startBroker(heard.take)
    const always = [{ scenario: 'duplicates', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }] as const
    fleet = startFleet(options(broker.port, { scenarioOf: (target) => (target === 'unit' ? always : []) }))
    fleet.live()
    await waitFor(() => heard.batches.length >= 6, 15_000)
    await fleet.stop()
    const payloads = heard.batches.map((batch) => JSON.stringify(batch))
    expect(payloads).toHaveLength(3 * new Set(payloads).size)
    expect(fleet.counts().acknowledged * 3).toBe(heard.numbers.length)
  })

  test('with a full memory it records no more and says so; the oldest are kept', async () => {
    const clock = new SimulatedClock(MIDNIGHT_MS)
    const away = [{ scenario: 'network-gap', fromMs: 0, toMs: Number.MAX_SAFE_INTEGER }] as const
    // nobody listens there, and nothing may try
    fleet = startFleet(options(1, { clock, scenarioOf: () => away }))
    fleet.live()
    await clock.runTo(MIDNIGHT_MS + (MEMORY_READINGS_MAX / 2 + 100) * 1000)
    const { kept, notRecorded } = fleet.counts()
    expect(kept).toBe(MEMORY_READINGS_MAX)
    expect(notRecorded).toBe(200)
    expect(lines.filter((line) => line === 'memory full: the device records no more')).toHaveLength(1)
  }, 60_000)
})

test('a load sends at its rate and counts acknowledgements', async () => {
  const heard = new Heard()
  broker = await startBroker(heard.take)
  const load = {
    devices: [{ id: 'vault-7', secret: 's3cret' }],
    connect: `mqtt://127.0.0.1:${broker.port}`,
    clock: realClock,
    ratePerSecond: 200,
    seconds: 1,
    seed: 1,
    signal: new AbortController().signal,
  }
  const result = await runLoad(load)
  expect(result.acked).toBe(result.sent)
  expect(result.acked).toBe(heard.messages.length)
  expect(result.acked).toBeGreaterThan(100)
  expect(result.acked).toBeLessThanOrEqual(200)
  expect(new Set(heard.numbers).size).toBe(result.acked)
  expect(result.p50Ms).toBeGreaterThan(0)
  expect(result.p99Ms).toBeGreaterThanOrEqual(result.p50Ms ?? 0)
  const refused = runLoad({ ...load, devices: [{ id: 'vault-8', secret: 's3cret' }] })
  await expect(refused).rejects.toMatchObject({ code: 'bad-credentials' })
})
