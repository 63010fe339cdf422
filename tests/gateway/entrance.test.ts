import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { Entrance } from '../../gateway/entrance.ts'
import { defaultLimits } from '../../gateway/index.ts'
import { StepClock } from '../support/step-clock.ts'
import { readingsOf, secretOf, signIn, startGateway } from './harness.ts'
import { connectPacket, connectRaw, publishPacket, undoAll, until } from './raw-client.ts'

afterEach(undoAll)

/** How many of `count` connections are let in at once. */
function admitted(entrance: Entrance, address: string, count: number): number {
  return Array.from({ length: count }, () => entrance.admits(address)).filter(Boolean).length
}

describe('connections come only so fast', () => {
  test('10,000 devices behind one address come back at once, and once more within 30 s', async () => {
    const clock = new StepClock(0)
    const entrance = new Entrance(clock, defaultLimits)
    expect(admitted(entrance, '198.51.100.7', 10_000)).toBe(10_000)
    await clock.advance(30_000)
    expect(admitted(entrance, '198.51.100.7', 10_000)).toBe(10_000)
  })

  test('one address has its own bound, and takes nothing from the others', async () => {
    const clock = new StepClock(0)
    const entrance = new Entrance(clock, defaultLimits)
    expect(admitted(entrance, '198.51.100.7', 100_000)).toBe(12_000)
    expect(admitted(entrance, '198.51.100.8', 8_000)).toBe(8_000)
    await clock.advance(1_000)
    expect(admitted(entrance, '198.51.100.7', 1_000)).toBe(400)
  })

  test('all together have one too', async () => {
    const clock = new StepClock(0)
    const entrance = new Entrance(clock, defaultLimits)
    const all = Array.from({ length: 30_000 }, (_, nth) => entrance.admits(`10.0.${nth >> 8}.${nth & 255}`))
    expect(all.filter(Boolean).length).toBe(20_000)
    await clock.advance(500)
    expect(admitted(entrance, '192.0.2.1', 5_000)).toBe(1_000)
  })

  test('an IPv6 network is one address, and IPv4 in the form of IPv6 is IPv4', () => {
    const limits = { ...defaultLimits, addressArrivals: 1 }
    const pairs: [string, string, boolean][] = [
      ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', true],
      ['2001:db8::1', '2001:db8:0:0:9::', true],
      ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
      ['::ffff:192.0.2.1', '192.0.2.1', true],
      ['::ffff:192.0.2.1', '::ffff:192.0.2.2', false],
      ['::1', '::2', true],
    ]
    const same = pairs.map(([one, other]) => {
      const entrance = new Entrance(new StepClock(0), limits)
      entrance.admits(one)
      return !entrance.admits(other)
    })
    expect(same).toEqual(pairs.map(([, , expected]) => expected))
  })

  test('what comes too fast is closed unheard and counted, and comes in later', async () => {
    const { port, refusals, gateway } = await startGateway({
      limits: { addressArrivals: 2, addressArrivalsPerSecond: 0.5 },
    })
    await signIn(port, 'good')
    await signIn(port, 'bad')
    const third = await connectRaw(port)
    await third.closed
    expect(refusals).toEqual([[undefined, 'connecting-too-fast']])
    await until(() => gateway.admits('127.0.0.1'))
  })
})

describe('failed sign-ins', () => {
  /** Tries a wrong secret; the return code it is told. */
  async function guess(port: number): Promise<number | undefined> {
    const client = await connectRaw(port)
    client.send(connectPacket('bad', 'guess'))
    await client.closed
    return client.received.map((packet) => ('returnCode' in packet ? packet.returnCode : undefined))[0]
  }

  const limits = {
    addressFailures: 2,
    addressFailuresPerSecond: 0.001,
    failureDelayMs: 300,
    delayedFailures: 1,
  }

  test('above some a minute are told later; a good secret beside them is not', async () => {
    const { port, gateway } = await startGateway({ limits })
    expect([await guess(port), await guess(port)]).toEqual([4, 4])
    const startedMs = performance.now()
    const slow = guess(port)
    const client = await signIn(port, 'good')
    client.send(publishPacket(readingsOf('good'), 'x', 1, 1))
    await client.next('puback')
    expect(gateway.stats().refusals).toEqual({ 'wrong-secret': 3 })
    expect(performance.now() - startedMs).toBeLessThan(300)
    expect(await slow).toBe(4)
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(299)
  })

  test('over HTTP as well', async () => {
    const { gateway } = await startGateway({ limits })
    const wrong = `Basic ${Buffer.from('bad:guess').toString('base64')}`
    const request = { authorization: wrong, body: new Uint8Array(), receivedFrom: '192.0.2.1' }
    const startedMs = performance.now()
    const answers = [1, 2, 3].map(() => gateway.takeReadings(request))
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([401, 401, 401])
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(299)
  })

  test('as many as may wait do; the next is told at once', async () => {
    const entrance = new Entrance(systemClock, { ...defaultLimits, ...limits, failureDelayMs: 60_000 })
    const told = [1, 2, 3, 4].map(async (nth) => {
      await entrance.failed('192.0.2.1')
      return nth
    })
    expect(await Promise.all([told[0], told[1], told[3]])).toEqual([1, 2, 4])
  })

  test('of a revoked device are told at once: it knows its secret', async () => {
    const { port, policies } = await startGateway({
      limits: { ...limits, addressFailures: 0, failureDelayMs: 60_000 },
    })
    policies.set({ id: 'bad', state: 'revoked', secretSha256: policies.find('bad')?.secretSha256 ?? '' })
    const client = await connectRaw(port)
    client.send(connectPacket('bad', secretOf('bad')))
    await client.closed
    expect(client.received).toMatchObject([{ returnCode: 5 }])
  })
})
