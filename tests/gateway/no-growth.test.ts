import type { Client, PublishPacket } from 'aedes'
import { generate } from 'mqtt-packet'
import { afterEach, describe, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { Admission } from '../../gateway/admit.ts'
import { plainArrival } from '../../gateway/arrival.ts'
import { createBroker } from '../../gateway/broker.ts'
import { Connections } from '../../gateway/connections.ts'
import { Entrance } from '../../gateway/entrance.ts'
import { Identities } from '../../gateway/identities.ts'
import { defaultLimits } from '../../gateway/limits.ts'
import { PacketGuard } from '../../gateway/packet-guard.ts'
import { createRefusals } from '../../gateway/refusals.ts'
import { TurnEnd } from '../../gateway/turn-end.ts'
import { FakeSocket } from './fake-socket.ts'
import { collectingLog, createMemoryLog, createPolicies, readingsOf, secretOf } from './harness.ts'
import { connected, keptQos2, keptRetained, startBroker } from './plain-aedes.ts'
import { connectPacket, pause, publishPacket, undoAll, undoLater, until } from './raw-client.ts'

afterEach(undoAll)

/** The gateway's broker with everything real around it, in reach of the test. */
async function startParts() {
  const journal = createMemoryLog()
  const policies = createPolicies('good')
  const log = collectingLog([])
  const refusals = createRefusals(() => undefined)
  const limits = defaultLimits
  const admission = new Admission({
    append: (bytes, waiter) => journal.append(bytes, waiter),
    lastReceivedAtMs: 0,
    clock: systemClock,
    log,
    limits,
  })
  const identities = new Identities({ clock: systemClock, log, refusals })
  const connections = new Connections({ policies, refusals, identities, limits, log })
  const broker = createBroker({
    policies,
    admission,
    connections,
    refusals,
    entrance: new Entrance(systemClock, limits),
    limits,
    log,
    stopping: () => false,
    onAcknowledged: () => undefined,
  })
  await broker.listen()
  undoLater(() => new Promise<void>((resolve) => broker.close(resolve)))
  const connect = async (more: object = {}): Promise<FakeSocket> => {
    const socket = new FakeSocket()
    const load = { messages: 0, bytes: 0 }
    const guard = new PacketGuard(socket, {
      limits,
      load,
      turnEnd: new TurnEnd(),
      pressed: () => false,
      onRefused: () => undefined,
      // all of it goes to the broker, whose memory is the question
      takePublish: () => false,
      onHeard: () => undefined,
      patience: (signal) => systemClock.sleep(limits.drainTimeoutMs, signal),
    })
    connections.add(guard, broker.handle(guard), plainArrival)
    socket.arrive(generate(connectPacket('good', secretOf('good'), more)))
    await until(() => socket.written.length === 1)
    return socket
  }
  return { broker, connect, journal }
}

describe('nothing a device publishes stays in the broker', () => {
  test('no retained message, however often it asks for one', async () => {
    const { broker, connect, journal } = await startParts()
    const retained: boolean[] = []
    broker.on('publish', ({ topic, retain }) => {
      if (topic === readingsOf('good')) retained.push(retain)
    })
    const socket = await connect()
    for (let id = 1; id <= 3; id += 1) {
      socket.arrive(generate({ ...publishPacket(readingsOf('good'), 'x', 1, id), retain: true }))
    }
    await until(() => retained.length === 3)
    expect(retained).toEqual([false, false, false])
    expect(journal.records.length).toBe(3)
    expect(await keptRetained(broker)).toEqual([])
  })

  test('nothing is forwarded to a device but its own commands, whoever subscribed it', async () => {
    const { broker, connect } = await startParts()
    await connect()
    const { clients } = broker as unknown as { clients: Record<string, Client> }
    const forwarded = ['isotherm/v1/good/commands', 'isotherm/v1/other/commands', readingsOf('good')].map(
      (topic) => {
        const packet = { ...publishPacket(topic, 'x', 0), brokerId: broker.id, brokerCounter: 1 }
        return clients['good/main'] && broker.authorizeForward(clients['good/main'], packet)?.topic
      },
    )
    expect(forwarded).toEqual(['isotherm/v1/good/commands', undefined, undefined])
  })

  test('plain Aedes does keep it', async () => {
    const { broker, pending, events, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send({ ...publishPacket('t', 'x', 1, 1), retain: true })
    await until(() => pending.length === 1)
    pending[0]?.done(null)
    await until(() => events.includes('published'))
    expect(await keptRetained(broker)).toEqual(['t'])
  })

  test('of a QoS 2 message, its number only, until PUBREL', async () => {
    const { broker, connect } = await startParts()
    const socket = await connect()
    socket.arrive(generate(publishPacket(readingsOf('good'), Buffer.alloc(60_000), 2, 9)))
    await until(() => socket.written.length === 2)
    expect((await keptQos2(broker, 'good/main', 9))?.payload.length).toBe(0)
    socket.arrive(generate({ cmd: 'pubrel', messageId: 9 }))
    await until(() => socket.written.length === 3)
    expect(await keptQos2(broker, 'good/main', 9)).toBeUndefined()
  })

  test('of a QoS 2 message whose device died before the journal confirmed it, nothing at all', async () => {
    const { broker, connect, journal } = await startParts()
    journal.mode = 'held'
    const socket = await connect()
    socket.arrive(generate(publishPacket(readingsOf('good'), 'x', 2, 9)))
    await until(() => journal.held.length === 1)
    socket.destroy()
    await until(() => broker.connectedClients === 0)
    journal.release()
    await pause(20)
    expect(await keptQos2(broker, 'good/main', 9)).toBeUndefined()
  })

  test("a living client's will is no status, when Aedes sends it out because the clock was set forward", async () => {
    const { broker, connect, journal } = await startParts()
    const will = { topic: 'isotherm/v1/good/status', payload: Buffer.from('offline'), qos: 0 }
    const socket = await connect({ will })
    // What Aedes' own sweep does with the wills it finds; neither map is in its types.
    const { clients } = broker as unknown as { clients: Record<string, Client & { will: PublishPacket }> }
    const client = clients['good/main']
    const error = await new Promise((resolve) => {
      if (client !== undefined) broker.authorizePublish(client, client.will, resolve)
    })
    expect(error).toBeNull()
    expect(journal.records).toEqual([])
    socket.destroy()
    await until(() => journal.records.length === 1)
    expect(Buffer.from(journal.records[0]?.payload ?? []).toString()).toBe('offline')
  })
})
