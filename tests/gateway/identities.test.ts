import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import type { Clock } from '../../domain/index.ts'
import { readingsOf, signIn, startGateway } from './harness.ts'
import { publishPacket, type RawClient, undoAll, until } from './raw-client.ts'

afterEach(undoAll)

/** The machine's clock, which a test can set forward. */
function forwardClock(): Clock & { aheadMs: number } {
  const clock = {
    ...systemClock,
    aheadMs: 0,
    monotonicMs: () => systemClock.monotonicMs() + clock.aheadMs,
  }
  return clock
}

/** Signs in `count` times with one client id, each ending the one before. */
async function driveOut(port: number, count: number): Promise<void> {
  for (let nth = 0; nth < count; nth += 1) await signIn(port, 'good', { clientId: 'same' })
}

async function publish(client: RawClient, id: number): Promise<void> {
  client.send(publishPacket(readingsOf('good'), 'x', 1, id))
  await until(() => client.received.some(({ messageId }) => messageId === id))
}

describe('two devices with one identity', () => {
  test('that drive each other out are counted from the 20th time on, and told once', async () => {
    const { port, refusals, lines } = await startGateway()
    await driveOut(port, 20)
    expect(refusals).toEqual([])
    await driveOut(port, 3)
    expect(refusals).toEqual(Array.from({ length: 3 }, () => ['good', 'contested-identity']))
    expect(lines.filter(([, message]) => message.includes('use this identity')).length).toBe(1)
  })

  test('are not a device that comes back as often within an hour', async () => {
    const clock = forwardClock()
    const { port, refusals } = await startGateway({ clock })
    for (let nth = 0; nth < 60; nth += 1) {
      clock.aheadMs += 60_000
      await driveOut(port, 1)
    }
    expect(refusals).toEqual([])
  })

  test('that stay connected side by side and take turns are counted too', async () => {
    const { port, refusals } = await startGateway()
    const one = await signIn(port, 'good', { clientId: 'one' })
    const other = await signIn(port, 'good', { clientId: 'other' })
    for (let id = 1; id <= 21; id += 1) {
      await publish(one, id)
      await publish(other, id)
    }
    // the first time `one` spoke nobody had before it
    expect(refusals).toEqual([['good', 'contested-identity']])
  })

  test('are not a device that goes on on a new connection while the old one is still open', async () => {
    const { port, refusals } = await startGateway({ limits: { connectionsPerDevice: 50 } })
    for (let id = 1; id <= 30; id += 1) {
      const client = await signIn(port, 'good', { clientId: String(id) })
      for (let nth = 1; nth <= 3; nth += 1) await publish(client, nth)
    }
    expect(refusals).toEqual([])
  })

  test('that push each other out of the connections of the device are counted', async () => {
    const { port, refusals } = await startGateway({ limits: { connectionsPerDevice: 1 } })
    for (let id = 1; id <= 21; id += 1) await signIn(port, 'good', { clientId: String(id) })
    expect(refusals.length).toBeGreaterThanOrEqual(19)
    await until(() => refusals.some(([, reason]) => reason === 'contested-identity'))
  })
})
