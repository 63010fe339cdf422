import type { Client } from 'aedes'
import { generate } from 'mqtt-packet'
import { afterEach, describe, expect, test } from 'vitest'
import { refreshKeepalive } from '../../gateway/broker.ts'
import { connected, keptQos2, startBroker } from '../gateway/plain-aedes.ts'
import { connectPacket, connectRaw, pause, publishPacket, until, undoAll } from '../gateway/raw-client.ts'

// What Aedes 1.2 does not limit, or limits in its own way: why the gateway has a packet guard, a registry of its own
// and bounds of its own. Plain Aedes in every test.

afterEach(undoAll)

describe('Aedes has no bound of its own for', () => {
  test('the size of a PUBLISH', async () => {
    const { pending, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send(publishPacket('t', Buffer.alloc(4_000_000), 1, 1))
    await until(() => pending.length === 1)
    expect(pending[0]?.packet.payload.length).toBe(4_000_000)
  })

  test('the size of a CONNECT: it buffers what a stranger announces', async () => {
    const { sockets, port } = await startBroker()
    const client = await connectRaw(port)
    // Fixed header of a CONNECT with a remaining length of 200,000,000, then a first part of it.
    client.sendBytes(Uint8Array.of(0x10, 0x80, 0x84, 0xaf, 0x5f))
    for (let sent = 0; sent < 4_000_000; sent += 100_000) client.sendBytes(new Uint8Array(100_000))
    await until(() => sockets[0]?.bytesRead === 4_000_005)
    expect(client.socket.destroyed).toBe(false)
  })

  test('packets pending, when each comes in its own TCP segment: its back-pressure counts readable events down', async () => {
    const { pending, port } = await startBroker()
    const client = await connected(port, 'a')
    for (let id = 1; id <= 300; id += 1) {
      client.send(publishPacket('t', 'x', 1, id))
      await until(() => pending.length === id, 1_000)
    }
    expect(pending.length).toBe(300)
  })
})

describe('Aedes bounds', () => {
  test('one socket read at a time, when many packets come in one', async () => {
    const { pending, port } = await startBroker()
    const client = await connected(port, 'a')
    const packet = generate(publishPacket('t', Buffer.alloc(1_000), 1, 1))
    client.sendBytes(Buffer.concat(Array.from({ length: 1_000 }, () => packet)))
    await until(() => pending.length > 0)
    await pause(200)
    expect(pending.length).toBeLessThan(200)
  })

  test('QoS 2 packets between PUBLISH and PUBREL by number', async () => {
    const { broker, pending, port } = await startBroker({ maxInflightInbound: 2 })
    const client = await connected(port, 'a')
    for (const [nth, id] of [1, 2, 3].entries()) {
      client.send(publishPacket('t', 'payload', 2, id))
      await until(() => pending.length === nth + 1)
      pending[nth]?.done(null)
      if (nth < 2) await client.next('pubrec', nth)
    }
    const error = new Promise<Error>((resolve) => broker.on('clientError', (_client, each) => resolve(each)))
    expect((await error).message).toMatch(/^maxInflightInbound exceeded/)
    await client.closed
  })
})

describe('Aedes signs in', () => {
  test('under the client id preConnect leaves in the packet, also for take-over', async () => {
    const ids: string[] = []
    const { broker, port } = await startBroker({
      preConnect: (_client, packet, done) => {
        packet.clientId = `${packet.username}/${packet.clientId}`
        done(null, true)
      },
    })
    broker.on('clientReady', ({ id }) => ids.push(id))
    const first = await connected(port, 'same', { username: 'a' })
    const other = await connected(port, 'same', { username: 'b' })
    await connected(port, 'same', { username: 'a' })
    await first.closed
    expect(other.socket.destroyed).toBe(false)
    expect(ids).toEqual(['a/same', 'b/same', 'a/same'])
  })

  test('after authenticate, never before: a stranger takes nobody over', async () => {
    const { port } = await startBroker({
      authenticate: (_client, _name, password, done) => done(null, password?.toString() === 'good'),
    })
    const owner = await connected(port, 'same', { password: Buffer.from('good') })
    const stranger = await connected(port, 'same', { password: Buffer.from('bad') })
    await stranger.closed
    expect(stranger.received).toMatchObject([{ cmd: 'connack', returnCode: 5 }])
    expect(owner.socket.destroyed).toBe(false)
  })

  test('MQTT 3.1.1 only: a CONNECT of MQTT 5 gets return code 1', async () => {
    const { port } = await startBroker()
    const client = await connectRaw(port)
    client.send(connectPacket('someone', 'x', { protocolVersion: 5 }))
    await client.closed
    expect(client.received).toMatchObject([{ cmd: 'connack', returnCode: 1 }])
  })

  test('nobody preConnect refused without an error, but leaves that socket open for ever: always give an error', async () => {
    const { port } = await startBroker({
      connectTimeout: 50,
      preConnect: (_client, _packet, done) => done(null, false),
    })
    const client = await connectRaw(port)
    client.send(connectPacket('someone', 'x'))
    await pause(200)
    expect(client.socket.destroyed).toBe(false)
    client.socket.destroy()
  })

  test('wills of QoS 3, which MQTT does not have', async () => {
    let qos: number | undefined
    const { port } = await startBroker({
      preConnect: (_client, packet, done) => {
        qos = packet.will?.qos
        done(new Error('seen'), false)
      },
    })
    const client = await connectRaw(port)
    const bytes = Buffer.from(
      generate(connectPacket('someone', 'x', { will: { topic: 'w', payload: Buffer.from('x'), qos: 1 } })),
    )
    bytes[9] = (bytes[9] ?? 0) | 0b11000
    client.sendBytes(bytes)
    await client.closed
    expect(qos).toBe(3)
  })
})

describe('Aedes ends', () => {
  test('connections at once when it is closed, whatever is pending', async () => {
    const { broker, pending, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send(publishPacket('t', 'x', 1, 1))
    await until(() => pending.length === 1)
    await new Promise<void>((resolve) => broker.close(resolve))
    await client.closed
    pending[0]?.done(null)
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  })

  test('a client whose PINGREQ waits behind pending packets: keepalive counts only what it has read', async () => {
    const { broker, pending, port } = await startBroker()
    const client = await connected(port, 'a', { keepalive: 1 })
    const timedOut = new Promise<void>((resolve) => broker.on('keepaliveTimeout', () => resolve()))
    // More than one socket read, so that what follows stays unread.
    const packet = generate(publishPacket('t', Buffer.alloc(1_000), 1, 1))
    client.sendBytes(Buffer.concat(Array.from({ length: 200 }, () => packet)))
    await until(() => pending.length > 0)
    client.send({ cmd: 'pingreq' })
    await timedOut
    await client.closed
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack'])
  })

  test('nobody whose timer is refreshed, by which packets that it never sees count as a sign of life', async () => {
    const { broker, port } = await startBroker()
    const silent = await connected(port, 'a', { keepalive: 1 })
    const refreshed = await connected(port, 'b', { keepalive: 1 })
    const { clients } = broker as unknown as { clients: Record<string, Client> }
    const client = clients['b']
    expect(client).toBeDefined()
    const refreshing = setInterval(() => client !== undefined && refreshKeepalive(client), 100)
    await silent.closed
    await pause(500)
    expect(refreshed.socket.destroyed).toBe(false)
    clearInterval(refreshing)
    await refreshed.closed
  })

  test('a clean session with everything it kept: a QoS 2 payload lies there until PUBREL or the end', async () => {
    const { broker, pending, port } = await startBroker()
    const client = await connected(port, 'a')
    client.send(publishPacket('t', 'x', 2, 5))
    await until(() => pending.length === 1)
    pending[0]?.done(null)
    await client.next('pubrec')
    expect((await keptQos2(broker, 'a', 5))?.payload.toString()).toBe('x')
    client.socket.destroy()
    await until(() => broker.connectedClients === 0)
    expect(await keptQos2(broker, 'a', 5)).toBeUndefined()
  })
})
