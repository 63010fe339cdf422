import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import mqtt from 'mqtt'
import { generate, parser, type Packet } from 'mqtt-packet'
import { afterEach, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { makeHttpServer } from '../../app/parts/http-server.ts'
import type { GatewayLimits } from '../../gateway/index.ts'
import { readingsOf, secretOf, startGateway } from './harness.ts'
import { connectPacket, publishPacket, undoAll, undoLater, until } from './raw-client.ts'

afterEach(undoAll)

/** A gateway behind the HTTP server of the product, whose other requests are answered with 404. */
async function startWeb(limits: Partial<GatewayLimits> = {}) {
  const parts = await startGateway({ limits })
  const { server } = makeHttpServer(
    { tls: false, certificates: undefined, gateway: parts.gateway },
    (_, answer) => {
      answer.writeHead(404).end('nothing here')
    },
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  undoLater(() => server.close())
  const webPort = (server.address() as AddressInfo).port
  return { ...parts, url: `ws://127.0.0.1:${webPort}/mqtt`, webPort }
}

/** A bare WebSocket of one, with every packet that came back. */
async function dial(url: string, protocols: string[] = ['mqtt']) {
  const socket = new WebSocket(url, protocols)
  undoLater(() => socket.terminate())
  const received: Packet[] = []
  const packets = parser({ protocolVersion: 4 })
  packets.on('packet', (packet) => received.push(packet))
  packets.on('error', () => undefined)
  socket.on('message', (data: Buffer) => packets.parse(data))
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  await once(socket, 'open')
  return { socket, received, closed }
}

const connecting = generate(connectPacket('good', secretOf('good')))

describe('MQTT over WebSocket', () => {
  test('mqtt.js publishes; the record says how it came, and TCP beside it is told apart', async () => {
    const { url, port, log, gateway } = await startWeb()
    for (const each of [url, `mqtt://127.0.0.1:${port}`]) {
      const client = await mqtt.connectAsync(each, { username: 'good', password: secretOf('good') })
      expect(gateway.stats().connections).toBe(1)
      await client.publishAsync(readingsOf('good'), '{"temperature":4}', { qos: 1 })
      await client.publishAsync(readingsOf('good'), '{"temperature":4}', { qos: 0 })
      await client.publishAsync(readingsOf('good'), '{"temperature":4}', { qos: 2 })
      await client.endAsync()
      await until(() => gateway.stats().connections === 0)
    }
    expect(log.records.map(({ channel, qos }) => [channel, qos])).toEqual([
      ['ws', 1],
      ['ws', 0],
      ['ws', 2],
      ['mqtt', 1],
      ['mqtt', 0],
      ['mqtt', 2],
    ])
  })

  test('a last will carries the road too', async () => {
    const { url, log } = await startWeb()
    const { socket, received } = await dial(url)
    const will = { topic: 'isotherm/v1/good/status', payload: Buffer.from('offline'), qos: 1 }
    socket.send(generate(connectPacket('good', secretOf('good'), { will })))
    await until(() => received.length === 1)
    socket.terminate()
    await until(() => log.records.length === 1)
    expect(log.records[0]).toMatchObject({ channel: 'ws', topic: 'isotherm/v1/good/status' })
  })

  test('packets need not be messages: one in many, many in one', async () => {
    const { url } = await startWeb()
    const client = await dial(url)
    for (const byte of connecting) client.socket.send(Buffer.of(byte))
    const two = [1, 2].map((id) => generate(publishPacket(readingsOf('good'), 'x', 1, id)))
    client.socket.send(Buffer.concat(two))
    await until(() => client.received.length === 3)
    expect(client.received.map(({ cmd, messageId }) => [cmd, messageId])).toEqual([
      ['connack', undefined],
      ['puback', 1],
      ['puback', 2],
    ])
  })

  test.each<[string, (socket: WebSocket) => void, string | undefined]>([
    ['a text message', (socket) => socket.send('connect me'), 'malformed-packet'],
    ['a message above 64 KiB', (socket) => socket.send(Buffer.alloc(65_537)), 'packet-too-large'],
    ['a PUBLISH in place of a CONNECT', (socket) => socket.send(Buffer.of(0x30, 0)), 'malformed-packet'],
    [
      'a CONNECT of 200 MB, from its announcement',
      (socket) => socket.send(Buffer.of(0x10, 0x80, 0x84, 0xaf, 0x5f)),
      'packet-too-large',
    ],
  ])('%s closes the connection, counted', async (_, act, reason) => {
    const { url, refusals, gateway } = await startWeb()
    const { socket, closed } = await dial(url)
    socket.on('error', () => undefined)
    act(socket)
    await closed
    await until(() => gateway.stats().connections === 0)
    expect(refusals).toEqual([[undefined, reason]])
  })

  test('one that sends nothing is closed after the connect timeout, and above the limit nobody is heard', async () => {
    const { url, refusals } = await startWeb({ connections: 1, connectTimeoutMs: 100 })
    const silent = await dial(url)
    const second = new WebSocket(url, ['mqtt'])
    await once(second, 'error')
    expect(refusals).toEqual([[undefined, 'too-many-connections']])
    await silent.closed
  })

  test('pings are answered, but not to one that never reads the answers', async () => {
    const { url, gateway } = await startWeb()
    const polite = await dial(url)
    polite.socket.ping('hello')
    const [answer] = (await once(polite.socket, 'pong')) as [Buffer]
    expect(answer.toString()).toBe('hello')
    const { socket, closed } = await dial(url)
    socket.on('error', () => undefined)
    socket.pause()
    const ping = Buffer.alloc(125)
    const flood = setInterval(() => {
      for (let nth = 0; nth < 20_000 && socket.readyState === WebSocket.OPEN; nth += 1) socket.ping(ping)
    }, 5)
    undoLater(() => clearInterval(flood))
    await until(() => gateway.stats().connections === 1, 9_000)
    socket.terminate()
    await closed
  })

  test('without the subprotocol mqtt, and at other addresses, it stays HTTP', async () => {
    const { webPort, url, gateway } = await startWeb()
    const refused = new WebSocket(url)
    const [error] = (await once(refused, 'error')) as [Error]
    expect(error.message).toBe('Unexpected server response: 400')
    const elsewhere = new WebSocket(`ws://127.0.0.1:${webPort}/mqtt2`, ['mqtt'])
    const [missed] = (await once(elsewhere, 'error')) as [Error]
    expect(missed.message).toBe('Unexpected server response: 404')
    const plain = await fetch(`http://127.0.0.1:${webPort}/mqtt`)
    expect([plain.status, await plain.text()]).toEqual([404, 'nothing here'])
    expect(gateway.stats().connections).toBe(0)
  })

  test('what was sent before a mistake is acknowledged before it closes', async () => {
    const { url, log, refusals } = await startWeb()
    log.mode = 'held'
    const client = await dial(url)
    const good = Array.from({ length: 100 }, (_, nth) => publishPacket(readingsOf('good'), 'x', 1, nth + 1))
    client.socket.send(connecting)
    client.socket.send(
      Buffer.concat([...good, publishPacket('elsewhere', 'x', 1, 999)].map((each) => generate(each))),
    )
    await until(() => refusals.length === 1 && log.held.length === 100)
    log.release()
    await client.closed
    expect(client.received.map(({ messageId }) => messageId ?? 0)).toEqual(
      Array.from({ length: 101 }, (_, nth) => nth),
    )
  })

  test('stop closes it, and what was under way is acknowledged first', async () => {
    const { url, log, gateway } = await startWeb()
    log.mode = 'held'
    const client = await dial(url)
    client.socket.send(connecting)
    client.socket.send(generate(publishPacket(readingsOf('good'), 'x', 1, 7)))
    await until(() => log.held.length === 1)
    const stopped = gateway.stop()
    log.release()
    await stopped
    await client.closed
    expect(client.received.map(({ cmd, messageId }) => [cmd, messageId])).toEqual([
      ['connack', undefined],
      ['puback', 7],
    ])
  })
})
