import { generate } from 'mqtt-packet'
import { afterEach, describe, expect, test } from 'vitest'
import { FakeSocket } from './fake-socket.ts'
import { readingsOf, secretOf, signIn, startGateway } from './harness.ts'
import {
  connectPacket,
  connectRaw,
  messageIds,
  pause,
  publishPacket,
  type RawClient,
  undoAll,
  until,
} from './raw-client.ts'

afterEach(undoAll)

/** Pushes bytes as fast as they are taken, until the connection closes. */
async function flood(client: RawClient, total: number): Promise<void> {
  const chunk = new Uint8Array(65_536)
  for (let sent = 0; sent < total && !client.socket.destroyed; sent += chunk.length) {
    if (!client.socket.write(chunk)) {
      await Promise.race([new Promise((resolve) => client.socket.once('drain', resolve)), client.closed])
    }
  }
  await client.closed
}

/** One read of a socket in Node, at most. */
const ONE_READ_BYTES = 65_536

describe('what is too large is refused from its announcement', () => {
  test('a CONNECT of 200 MB: closed after its 5 bytes of header', async () => {
    const { sockets, refusals, port } = await startGateway()
    const client = await connectRaw(port)
    client.sendBytes(Uint8Array.of(0x10, 0x80, 0x84, 0xaf, 0x5f))
    await client.closed
    expect(refusals).toEqual([[undefined, 'packet-too-large']])
    expect(sockets[0]?.bytesRead).toBe(5)
  })

  test('the same, sent as fast as it goes: one socket read is taken, and none of it kept', async () => {
    const { sockets, port } = await startGateway()
    const client = await connectRaw(port)
    client.sendBytes(Uint8Array.of(0x10, 0x80, 0x84, 0xaf, 0x5f))
    await flood(client, 200_000_000)
    expect(sockets[0]?.bytesRead).toBeLessThanOrEqual(ONE_READ_BYTES)
  })

  test('a PUBLISH of 60 MB: closed after its 5 bytes of header, or one socket read', async () => {
    const { sockets, refusals, port } = await startGateway()
    const header = Uint8Array.of(0x32, 0x80, 0x8e, 0xce, 0x1c)
    const slow = await signIn(port, 'good')
    const before = sockets[0]?.bytesRead ?? 0
    slow.sendBytes(header)
    await slow.closed
    expect((sockets[0]?.bytesRead ?? 0) - before).toBe(5)

    const fast = await signIn(port, 'bad')
    fast.sendBytes(header)
    await flood(fast, 60_000_000)
    expect(sockets[1]?.bytesRead).toBeLessThanOrEqual(before + 5 + ONE_READ_BYTES)
    expect(refusals).toEqual([
      ['good', 'packet-too-large'],
      ['bad', 'packet-too-large'],
    ])
  })

  test('64 strangers that announce 200 MB each, at once', async () => {
    const { gateway, sockets, port } = await startGateway()
    const clients = await Promise.all(Array.from({ length: 64 }, () => connectRaw(port)))
    for (const client of clients) client.sendBytes(Uint8Array.of(0x10, 0x80, 0x84, 0xaf, 0x5f))
    await Promise.all(clients.map((client) => flood(client, 2_000_000)))
    const taken = sockets.reduce((sum, { bytesRead }) => sum + bytesRead, 0)
    expect(taken).toBeLessThanOrEqual(64 * ONE_READ_BYTES)
    await until(() => gateway.stats().connections === 0)
    expect(gateway.stats().refusals).toEqual({ 'packet-too-large': 64 })
  })
})

describe('messages under way are bounded', () => {
  test('400 packets, each in a TCP segment of its own, while the journal stands still', async () => {
    const { gateway, log, sockets, port } = await startGateway({ limits: { connectionMessages: 16 } })
    log.mode = 'held'
    const client = await signIn(port, 'good')
    for (let id = 1; id <= 400; id += 1) {
      client.send(publishPacket(readingsOf('good'), 'x', 1, id))
      await pause(0)
    }
    await pause(50)
    expect(log.records.length).toBe(16)
    expect(gateway.stats().inFlightMessages).toBe(16)
    expect(sockets[0]?.isPaused()).toBe(true)
    await until(() => {
      expect(gateway.stats().inFlightMessages).toBeLessThanOrEqual(16)
      log.release(5)
      return client.received.length === 401
    })
    expect(messageIds(client, 'puback')).toEqual(Array.from({ length: 400 }, (_, nth) => nth + 1))
  })

  test('a flood of 40 MB in full-size messages: one connection has its 1 MiB and a little', async () => {
    const { gateway, log, sockets, port } = await startGateway()
    log.mode = 'held'
    const client = await signIn(port, 'good')
    const packet = generate(publishPacket(readingsOf('good'), Buffer.alloc(60_000), 1, 1))
    for (let sent = 0; sent < 700; sent += 1) client.sendBytes(packet)
    await until(() => sockets[0]?.isPaused() === true)
    await pause(50)
    // 18 x 60,000 is the first count above 1 MiB; some of them wait before the broker's own hold.
    expect(gateway.stats().inFlightMessages).toBeGreaterThan(1)
    expect(gateway.stats().inFlightMessages).toBeLessThanOrEqual(18)
    // Read beyond that: what Node reads ahead of a paused socket, not more.
    expect(sockets[0]?.bytesRead).toBeLessThan(1_080_000 + 5 * ONE_READ_BYTES)
    client.socket.destroy()
  })

  test('above half of the whole, each connection has one message under way, and every one has its turn', async () => {
    const limits = { totalMessages: 40, connectionMessages: 20 }
    const devices = ['a', 'b', 'c', 'd', 'e']
    const { gateway, log, refusals, port } = await startGateway({ limits, devices })
    log.mode = 'held'
    const clients = await Promise.all(devices.map((id) => signIn(port, id)))
    for (const [nth, client] of clients.entries()) {
      const topic = readingsOf(devices[nth] ?? '')
      client.send(...Array.from({ length: 30 }, (_, id) => publishPacket(topic, 'x', 1, id + 1)))
      await pause(10)
    }
    // The first device filled its 20, which is half; the others have one each.
    expect(gateway.stats().inFlightMessages).toBe(24)
    await until(() => {
      log.release(3)
      expect(gateway.stats().inFlightMessages).toBeLessThanOrEqual(25)
      return clients.every((client) => client.received.length === 31)
    })
    expect(refusals).toEqual([])
    expect(gateway.stats()).toMatchObject({ acknowledged: 150, inFlightMessages: 0 })
  })

  test('when the whole is full, the newest publisher is closed and nobody is let in; others go on', async () => {
    const devices = ['a', 'b', 'c']
    const { log, refusals, port } = await startGateway({ limits: { totalMessages: 2 }, devices })
    log.mode = 'held'
    const clients = await Promise.all(devices.map((id) => signIn(port, id)))
    for (const [nth, client] of clients.entries()) {
      client.send(publishPacket(readingsOf(devices[nth] ?? ''), 'x', 1, 1))
      await pause(10)
    }
    await clients[2]?.closed
    const late = await connectRaw(port)
    late.send(connectPacket('c', secretOf('c')))
    await late.closed
    expect(late.received).toMatchObject([{ cmd: 'connack', returnCode: 3 }])
    expect(refusals).toEqual([
      ['c', 'too-many-in-flight'],
      ['c', 'too-many-in-flight'],
    ])
    log.release()
    await Promise.all(clients.slice(0, 2).map((client) => client.next('puback')))
    expect(log.records.map(({ deviceId }) => deviceId)).toEqual(['a', 'b'])
  })

  test('1,000 QoS 2 messages between PUBREC and PUBREL; one more closes', async () => {
    const { log, refusals, port } = await startGateway()
    const client = await signIn(port, 'good')
    for (let id = 1; id <= 1_000; id += 1) client.send(publishPacket(readingsOf('good'), 'x', 2, id))
    await client.next('pubrec', 999)
    client.send(publishPacket(readingsOf('good'), 'x', 2, 1_001))
    await client.closed
    expect(refusals).toEqual([['good', 'too-many-in-flight']])
    // The last one is in the journal, unacknowledged: the device sends it again, and it is told to be the same.
    expect(log.records.length).toBe(1_001)
  })

  test('a device that never takes its answers is not read any further, and closed after the drain timeout', async () => {
    const { gateway } = await startGateway({ limits: { drainTimeoutMs: 100 } })
    const socket = new FakeSocket()
    gateway.handle(socket)
    socket.arrive(generate(connectPacket('good', secretOf('good'))))
    await until(() => socket.written.length > 0)
    socket.stuck = true
    for (let nth = 0; nth < 50; nth += 1) socket.arrive(Buffer.alloc(65_536, Buffer.of(0xc0, 0)))
    await until(() => socket.destroyed)
    // Answers to the first chunks, which came before the first answer was stuck; the rest never left the socket.
    expect(socket.written.slice(1).reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(
      4 * ONE_READ_BYTES,
    )
    expect(gateway.stats().refusals).toEqual({})
  })
})

describe('connections are bounded', () => {
  test('above the whole, a socket is closed unheard', async () => {
    const { gateway, refusals, port } = await startGateway({ limits: { connections: 2 } })
    await signIn(port, 'good')
    const silent = await connectRaw(port)
    const third = await connectRaw(port)
    await third.closed
    expect(refusals).toEqual([[undefined, 'too-many-connections']])
    silent.socket.destroy()
    await until(() => gateway.stats().connections === 1)
    await signIn(port, 'bad')
  })

  test('of one device, the oldest is closed for a newer one', async () => {
    const { refusals, port } = await startGateway({ limits: { connectionsPerDevice: 2 } })
    const first = await signIn(port, 'good', { clientId: '1' })
    const second = await signIn(port, 'good', { clientId: '2' })
    await signIn(port, 'good', { clientId: '3' })
    await first.closed
    expect(refusals).toEqual([['good', 'too-many-connections']])
    expect(second.socket.destroyed).toBe(false)
  })

  test('one that sends nothing is closed after the connect timeout', async () => {
    const { gateway, refusals, port } = await startGateway({ limits: { connectTimeoutMs: 50 } })
    const client = await connectRaw(port)
    await client.closed
    await until(() => gateway.stats().connections === 0)
    expect(refusals).toEqual([])
  })
})
