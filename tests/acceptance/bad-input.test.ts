import { once } from 'node:events'
import { connect as connectSocket, type Socket } from 'node:net'
import mqttPacket from 'mqtt-packet'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PAYLOAD_BYTES_MAX } from '../../domain/index.ts'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

const stage = new Stage()
let steady: ReturnType<typeof setInterval>
let steadySent = 0
let steadyAcknowledged = 0
const topic = 'isotherm/v1/fridge-1/readings'
const DAY_MS = 86_400_000

// A well-behaved device publishes all the while; nothing that others do may stop it.
beforeAll(async () => {
  await stage.open()
  const client = await stage.connect({ username: 'steady', password: await stage.device('steady') })
  steady = setInterval(() => {
    steadySent += 1
    const payload = JSON.stringify({ seq: steadySent, temperature: 4 })
    client.publish('isotherm/v1/steady/readings', payload, { qos: 1 }, (failure) => {
      if (!failure) steadyAcknowledged += 1
    })
  }, 50)
})
afterAll(async () => {
  clearInterval(steady)
  await stage.close()
})

async function publish(payloads: readonly (string | Buffer)[]): Promise<void> {
  const client = await stage.connect()
  for (const payload of payloads) await client.publishAsync(topic, payload, { qos: 1 })
  await client.endAsync()
}

function byText(a: string, b: string): number {
  return a < b ? -1 : 1
}

async function heldReasons(): Promise<string[]> {
  return (await stage.items('held?device=fridge-1&limit=1000'))
    .map((item) => String(item['reason']))
    .toSorted(byText)
}

async function settled(): Promise<void> {
  await waitFor(async () => {
    const { messages } = (await stage.get('devices/fridge-1/balance')) as { messages: Record<string, number> }
    return messages['pending'] === 0
  }, 5_000)
}

test('what decodes badly is acknowledged, kept and held by name', async () => {
  const now = Date.now()
  await publish([
    '{"temperature":',
    '{"temperature":NaN}',
    '{"temperature":"4.2"}',
    '{"temperature":327.67}',
    JSON.stringify([
      { at: 1_000, seq: 1, temperature: 4 },
      { at: 2_000, seq: 2, temperature: 4 },
    ]),
    JSON.stringify([
      { at: now + DAY_MS, seq: 3, temperature: 4 },
      { at: now + DAY_MS + 1, seq: 4, temperature: 4 },
    ]),
    ...Array<string>(10).fill(JSON.stringify({ at: now, seq: 10, temperature: 4.5 })),
    JSON.stringify({ at: now, seq: 10, temperature: 5.5 }),
    JSON.stringify({ at: now + 1, seq: 11, temperature: 4.6 }),
    JSON.stringify({ at: now + 1, seq: 11, humidity: 44 }),
    Buffer.concat([
      Buffer.from('{"temperature":4'),
      Buffer.alloc(PAYLOAD_BYTES_MAX - 17, ' '),
      Buffer.from('}'),
    ]),
  ])
  await settled()
  expect(await heldReasons()).toEqual(
    [
      'malformed-json',
      'malformed-json',
      'wrong-type',
      'impossible-value',
      'unset-clock',
      'unset-clock',
      'future-time',
      'future-time',
      'conflict',
    ].toSorted(byText),
  )
  const balance = await stage.get('devices/fridge-1/balance')
  expect(balance).toMatchObject({
    balanced: true,
    messages: { journalled: 20, decoded: 18, held: 2, pending: 0 },
    readings: { decoded: 20, stored: 3, complement: 1, duplicate: 9, held: 7 },
  })
})

/** A raw socket that counts what the server let it send before it was closed. */
async function sendUntilClosed(head: Buffer, megabytes: number): Promise<number> {
  const socket: Socket = connectSocket(stage.running.mqttPort, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(head)
  const chunk = Buffer.alloc(65_536, 0x20)
  let open = true
  const closed = new Promise<void>((resolve) => {
    socket.once('close', () => {
      open = false
      resolve()
    })
  })
  for (let sent = 0; sent < megabytes * 16 && open; sent += 1) {
    if (socket.write(chunk)) continue
    await Promise.race([closed, new Promise<void>((resolve) => socket.once('drain', resolve))])
  }
  await closed
  return socket.bytesWritten
}

function header(type: number, length: number): Buffer {
  const bytes = [type]
  let rest = length
  do {
    bytes.push((rest % 128) | (rest >= 128 ? 128 : 0))
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  return Buffer.from(bytes)
}

async function refused(device: string): Promise<Record<string, number>> {
  const items = await stage.items(`refusals?limit=1000${device === '' ? '' : `&device=${device}`}`)
  const counts: Record<string, number> = {}
  for (const item of items) {
    if (item['device'] !== device) continue
    const reason = String(item['reason'])
    counts[reason] = (counts[reason] ?? 0) + Number(item['count'])
  }
  return counts
}

test('what is too large is closed before it is buffered', async () => {
  const connect = mqttPacket.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: 'raw',
    keepalive: 60,
    username: 'fridge-1',
    password: Buffer.from(stage.secret),
  })
  expect(await sendUntilClosed(header(0x10, 200 * 1024 * 1024), 200)).toBeLessThan(8 * 1024 * 1024)
  expect(await sendUntilClosed(Buffer.concat([connect, header(0x32, 60 * 1024 * 1024)]), 60)).toBeLessThan(
    8 * 1024 * 1024,
  )
  const client = await stage.connect()
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  client.publish(topic, Buffer.alloc(PAYLOAD_BYTES_MAX + 1, ' '), { qos: 1 }, () => undefined)
  await closed
  client.end(true)
  const http = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/ingest/readings`, {
    method: 'POST',
    headers: {
      authorization: `Basic ${Buffer.from(`fridge-1:${stage.secret}`).toString('base64')}`,
      'content-type': 'application/json',
    },
    body: ' '.repeat(PAYLOAD_BYTES_MAX + 1),
  })
  expect(http.status).toBe(413)
  expect(await http.json()).toMatchObject({ code: 'payload-too-large', remedy: expect.any(String) as string })
  await waitFor(async () => ((await refused('fridge-1'))['packet-too-large'] ?? 0) >= 2, 15_000)
  await waitFor(async () => ((await refused(''))['packet-too-large'] ?? 0) >= 1, 5_000)
})

test('strangers, wrong secrets and foreign topics are refused by name and counted', async () => {
  await expect(stage.connect({ username: 'nobody' })).rejects.toMatchObject({ code: 4 })
  await expect(stage.connect({ password: 'isd_wrong' })).rejects.toMatchObject({ code: 4 })
  const client = await stage.connect()
  const closed = new Promise<void>((resolve) => client.once('close', () => resolve()))
  client.publish('isotherm/v1/steady/readings', '{"temperature":99}', { qos: 1 }, () => undefined)
  await closed
  client.end(true)
  await waitFor(async () => (await refused(''))['unknown-device'] === 1, 5_000)
  await waitFor(async () => (await refused('fridge-1'))['wrong-secret'] === 1, 5_000)
  await waitFor(async () => (await refused('fridge-1'))['foreign-topic'] === 1, 5_000)
})

test('meanwhile the well-behaved device was never stopped', async () => {
  const sent = steadySent
  expect(sent).toBeGreaterThan(5)
  await waitFor(() => steadyAcknowledged >= sent + 5, 2_000)
  const { readings } = (await stage.get('devices/steady/balance')) as { readings: { held: number } }
  expect(readings.held).toBe(0)
})
