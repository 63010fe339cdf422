import mqtt from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { connected, startBroker } from '../gateway/plain-aedes.ts'
import { messageIds, pause, publishPacket, until, undoAll, undoLater } from '../gateway/raw-client.ts'

// Facts about Aedes 1.2 that the gateway's promise rests on: acknowledged means durable. Each test runs plain
// Aedes, so that an upgrade that changes one of them fails here and not at a customer's.

afterEach(undoAll)

describe('Aedes acknowledges', () => {
  test('QoS 1 only after authorizePublish called back', async () => {
    const { pending, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send(publishPacket('t', 'one', 1, 7))
    await until(() => pending.length === 1)
    await pause(50)
    expect(messageIds(client, 'puback')).toEqual([])
    pending[0]?.done(null)
    expect((await client.next('puback')).messageId).toBe(7)
  })

  test('QoS 1 before `published` runs, so nothing may be left for that hook to make durable', async () => {
    const { pending, events, port } = await startBroker({
      published: () => undefined, // never calls back
    })
    const client = await connected(port, 'a')
    client.send(publishPacket('t', 'one', 1, 7))
    await until(() => pending.length === 1)
    pending[0]?.done(null)
    expect((await client.next('puback')).messageId).toBe(7)
    expect(events).toEqual(['authorize'])
  })

  test('QoS 2 with PUBREC, after authorizePublish and after `published`', async () => {
    const { pending, events, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send(publishPacket('t', 'one', 2, 8))
    await until(() => pending.length === 1)
    await pause(50)
    expect(messageIds(client, 'pubrec')).toEqual([])
    pending[0]?.done(null)
    expect((await client.next('pubrec')).messageId).toBe(8)
    expect(events).toEqual(['authorize', 'published'])
    client.send({ cmd: 'pubrel', messageId: 8 })
    expect((await client.next('pubcomp')).messageId).toBe(8)
  })

  test('a QoS 2 packet sent twice is authorised twice and published once', async () => {
    const { pending, events, port } = await startBroker()
    const client = await connected(port, 'a')
    for (const nth of [0, 1]) {
      client.send({ ...publishPacket('t', 'one', 2, 8), dup: nth === 1 })
      await until(() => pending.length === nth + 1)
      pending[nth]?.done(null)
      await client.next('pubrec', nth)
    }
    expect(events).toEqual(['authorize', 'published', 'authorize'])
  })

  test('in the order in which the callbacks come, not in the order sent', async () => {
    const { pending, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send(...[1, 2, 3].map((id) => publishPacket('t', 'x', 1, id)))
    await until(() => pending.length === 3)
    for (const each of pending.toReversed()) each.done(null)
    await client.next('puback', 2)
    expect(messageIds(client, 'puback')).toEqual([3, 2, 1])
  })

  test('every packet of one socket read is dispatched at once, in order; other clients do not wait either', async () => {
    const { pending, port } = await startBroker()
    const first = await connected(port, 'a')
    const second = await connected(port, 'b')
    first.send(...Array.from({ length: 100 }, (_, nth) => publishPacket('t', 'x', 1, nth + 1)))
    await until(() => pending.length === 100)
    expect(pending.map(({ packet }) => packet.messageId)).toEqual(
      Array.from({ length: 100 }, (_, n) => n + 1),
    )
    second.send(publishPacket('t', 'y', 1, 1))
    await until(() => pending.length === 101)
    pending[100]?.done(null)
    expect((await second.next('puback')).messageId).toBe(1)
  })
})

describe('Aedes refuses', () => {
  test('an error from authorizePublish closes the connection without an acknowledgement', async () => {
    const { pending, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send(publishPacket('t', 'one', 1, 7))
    await until(() => pending.length === 1)
    pending[0]?.done(new Error('the journal is full'))
    await client.closed
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  })

  test('one clientError for every packet that was pending when the client died', async () => {
    const { broker, pending, port } = await startBroker()
    let errors = 0
    broker.on('clientError', () => {
      errors += 1
    })
    const client = await connected(port, 'a')
    client.send(...Array.from({ length: 20 }, (_, nth) => publishPacket('t', 'x', 1, nth + 1)))
    await until(() => pending.length === 20)
    client.socket.destroy()
    await until(() => broker.connectedClients === 0)
    for (const { done } of pending) done(null)
    await until(() => errors >= 20)
    expect(errors).toBe(20)
  })

  test('a client that died while pending is not published for, and sends again: same number, dup not set', async () => {
    const { broker, pending, events, port } = await startBroker()
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { clientId: 'a', reconnectPeriod: 20 })
    undoLater(() => client.end(true))
    client.on('error', () => undefined)
    const sent = client.publishAsync('t', 'one', { qos: 1 })
    await until(() => pending.length === 1)
    client.stream.destroy()
    await until(() => broker.connectedClients === 0)
    pending[0]?.done(null)
    await until(() => pending.length === 2)
    expect(events).toEqual(['authorize', 'authorize'])
    expect(pending[1]?.packet).toMatchObject({ messageId: pending[0]?.packet.messageId, dup: false })
    pending[1]?.done(null)
    await sent
  })
})

describe('Aedes and wills', () => {
  test('a will goes through authorizePublish, with the client, already closed, and no message id', async () => {
    const { pending, port } = await startBroker()
    const will = { topic: 'w', payload: Buffer.from('gone'), qos: 1, retain: true }
    const client = await connected(port, 'a', { will })
    client.socket.destroy()
    await until(() => pending.length === 1)
    expect(pending[0]?.packet).toMatchObject({ topic: 'w', qos: 1 })
    expect(pending[0]?.packet.messageId).toBeUndefined()
    expect(pending[0]?.client?.closed).toBe(true)
  })

  test('the will the hook sees is the object preConnect saw', async () => {
    let seen: object | undefined
    const { pending, port } = await startBroker({
      preConnect: (_client, packet, done) => {
        seen = packet.will
        done(null, true)
      },
    })
    const client = await connected(port, 'a', { will: { topic: 'w', payload: Buffer.from('gone'), qos: 0 } })
    client.socket.destroy()
    await until(() => pending.length === 1)
    expect(pending[0]?.packet).toBe(seen)
  })

  test('no will after a DISCONNECT', async () => {
    const { broker, pending, port } = await startBroker()
    const client = await connected(port, 'a', { will: { topic: 'w', payload: Buffer.from('gone'), qos: 0 } })
    client.send({ cmd: 'disconnect' })
    await until(() => broker.connectedClients === 0)
    await pause(20)
    expect(pending).toEqual([])
  })

  test('the wills of living clients are sent too when its clock is set forward past three heartbeats', async () => {
    const { broker, pending, port } = await startBroker({ heartbeatInterval: 50 })
    await connected(port, 'a', { will: { topic: 'w', payload: Buffer.from('gone'), qos: 0 } })
    await until(() => Object.keys(broker.brokers).length === 1)
    const realNow = Date.now
    undoLater(() => {
      Date.now = realNow
    })
    const end = realNow() + 3_000
    // A clock that jumps an hour each time it is asked: the check always finds its own heartbeat too old.
    let hours = 0
    Date.now = () => realNow() + 3_600_000 * hours++
    while (pending.length === 0 && realNow() < end) await pause(10)
    Date.now = realNow
    expect(pending[0]?.packet.topic).toBe('w')
    expect(pending[0]?.client?.closed).toBe(false)
  })
})
