import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import mqtt from 'mqtt'
import { afterEach, describe, expect, test } from 'vitest'
import { missingProgram, programPath } from '../support/services.ts'
import { readingsOf, secretOf, signIn, startGateway } from './harness.ts'
import {
  connectPacket,
  connectRaw,
  messageIds,
  pause,
  publishPacket,
  until,
  undoAll,
  undoLater,
} from './raw-client.ts'

afterEach(undoAll)

const text = (payload: Uint8Array): string => Buffer.from(payload).toString()

describe('acknowledged means durable', () => {
  test('QoS 1: the record is there before the append is confirmed, the PUBACK after', async () => {
    const { gateway, log, port } = await startGateway()
    log.mode = 'held'
    const client = await signIn(port, 'good')
    const before = Date.now()
    client.send(publishPacket(readingsOf('good'), '{"temperature":4.2}', 1, 9))
    await until(() => log.records.length === 1)
    const [record] = log.records
    expect(record).toMatchObject({ deviceId: 'good', channel: 'mqtt', topic: readingsOf('good'), qos: 1 })
    expect(text(record?.payload ?? new Uint8Array())).toBe('{"temperature":4.2}')
    expect(record?.receivedAtMs).toBeGreaterThanOrEqual(before)
    expect(record?.receivedAtMs).toBeLessThanOrEqual(Date.now())
    expect(gateway.stats()).toMatchObject({
      inFlightMessages: 1,
      inFlightBytes: 19,
      journalled: 0,
      acknowledged: 0,
    })
    await pause(50)
    expect(messageIds(client, 'puback')).toEqual([])
    log.release()
    expect((await client.next('puback')).messageId).toBe(9)
    expect(gateway.stats()).toMatchObject({
      inFlightMessages: 0,
      inFlightBytes: 0,
      journalled: 1,
      acknowledged: 1,
    })
  })

  test('QoS 2: PUBREC after the append, and nothing of the payload is kept until PUBREL', async () => {
    const { log, port } = await startGateway()
    log.mode = 'held'
    const client = await signIn(port, 'good')
    client.send(publishPacket(readingsOf('good'), 'x', 2, 5))
    await until(() => log.records.length === 1)
    await pause(30)
    expect(messageIds(client, 'pubrec')).toEqual([])
    log.release()
    expect((await client.next('pubrec')).messageId).toBe(5)
    client.send({ cmd: 'pubrel', messageId: 5 })
    expect((await client.next('pubcomp')).messageId).toBe(5)
    expect(log.records[0]?.qos).toBe(2)
  })

  test('QoS 0 is journalled without an answer, also when the device leaves right after', async () => {
    const { gateway, log, port } = await startGateway()
    const client = await connectRaw(port)
    client.send(connectPacket('good', secretOf('good')), publishPacket(readingsOf('good'), 'x', 0), {
      cmd: 'disconnect',
    })
    client.socket.end()
    await until(() => gateway.stats().journalled === 1)
    expect(log.records[0]).toMatchObject({ deviceId: 'good', qos: 0 })
    await client.closed
    expect(gateway.stats().acknowledged).toBe(0)
  })

  test('records and acknowledgements keep the order sent, for several devices at once', async () => {
    const { log, port } = await startGateway({ devices: ['a', 'b', 'c'] })
    log.mode = 'held'
    const ids = Array.from({ length: 200 }, (_, nth) => nth + 1)
    const clients = await Promise.all(['a', 'b', 'c'].map((id) => signIn(port, id)))
    for (const [nth, client] of clients.entries()) {
      const device = ['a', 'b', 'c'][nth] ?? ''
      client.send(...ids.map((id) => publishPacket(readingsOf(device), String(id), 1, id)))
    }
    await until(() => log.records.length === 600)
    while (log.held.length > 0) {
      log.release(7)
      await pause(0)
    }
    for (const client of clients) {
      await client.next('puback', 199)
      expect(messageIds(client, 'puback')).toEqual(ids)
    }
    for (const device of ['a', 'b', 'c']) {
      const sent = log.records
        .filter(({ deviceId }) => deviceId === device)
        .map(({ payload }) => text(payload))
      expect(sent).toEqual(ids.map(String))
    }
    const times = log.records.map(({ receivedAtMs }) => receivedAtMs)
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })

  test('a failed append closes without an acknowledgement, counted once; the device sends again', async () => {
    const { gateway, log, refusals, port } = await startGateway()
    log.mode = 'failing'
    const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
      clientId: 'main',
      username: 'good',
      password: secretOf('good'),
      reconnectPeriod: 50,
    })
    undoLater(() => client.end(true))
    client.on('error', () => undefined)
    const sent = client.publishAsync(readingsOf('good'), 'kept', { qos: 1 })
    await until(() => refusals.length > 0)
    expect(refusals[0]).toEqual(['good', 'journal-unavailable'])
    log.mode = 'at-once'
    await sent
    expect(gateway.stats().acknowledged).toBe(1)
    expect(new Set(log.records.map(({ payload }) => text(payload)))).toEqual(new Set(['kept']))
  })

  test('20 messages pending when the journal fails are one refusal and one line in the log', async () => {
    const { gateway, log, refusals, lines, port } = await startGateway()
    log.mode = 'held'
    const client = await signIn(port, 'good')
    client.send(...Array.from({ length: 20 }, (_, nth) => publishPacket(readingsOf('good'), 'x', 1, nth + 1)))
    await until(() => log.held.length === 20)
    log.release(3)
    log.fail()
    await client.closed
    await until(() => gateway.stats().connections === 0)
    expect(messageIds(client, 'puback')).toEqual([1, 2, 3])
    expect(refusals).toEqual([['good', 'journal-unavailable']])
    expect(lines).toEqual([
      [
        { device: 'good', refusal: 'journal-unavailable', reason: 'The disk does not answer.' },
        'connection refused',
      ],
    ])
  })
})

describe('real clients', () => {
  const noMosquitto = missingProgram('mosquitto_pub', 'mosquitto-clients') !== undefined
  const mosquittoPub = programPath('mosquitto_pub') ?? ''

  test.skipIf(noMosquitto).each([0, 1, 2])('mosquitto_pub at QoS %i', async (qos) => {
    const { gateway, log, port } = await startGateway()
    const options = [
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-u',
      'good',
      '-P',
      secretOf('good'),
      '-q',
      String(qos),
    ]
    await promisify(execFile)(mosquittoPub, [
      ...options,
      '-t',
      readingsOf('good'),
      '-m',
      '{"temperature":5}',
      '-r',
    ])
    await until(() => gateway.stats().journalled === 1)
    expect(log.records[0]).toMatchObject({ deviceId: 'good', qos })
    await until(() => gateway.stats().connections === 0)
    expect(gateway.stats()).toMatchObject({ acknowledged: qos === 0 ? 0 : 1, refusals: {} })
  })

  test.skipIf(noMosquitto)('mosquitto_pub is told why it may not come in', async () => {
    const { port } = await startGateway()
    const options = ['-h', '127.0.0.1', '-p', String(port), '-u', 'good', '-P', 'wrong', '-t', 't', '-m', 'x']
    await expect(promisify(execFile)(mosquittoPub, options)).rejects.toMatchObject({
      stderr: expect.stringMatching(/bad user name or password/i) as string,
    })
  })

  test('mqtt.js: 1,000 messages at QoS 1, each acknowledged once', async () => {
    const { gateway, log, port } = await startGateway()
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, {
      username: 'good',
      password: secretOf('good'),
      will: {
        topic: 'isotherm/v1/good/status',
        payload: Buffer.from('{"state":"offline"}'),
        qos: 1,
        retain: true,
      },
    })
    undoLater(() => client.end(true))
    await Promise.all(
      Array.from({ length: 1_000 }, (_, nth) =>
        client.publishAsync(readingsOf('good'), String(nth), { qos: 1 }),
      ),
    )
    expect(gateway.stats()).toMatchObject({ journalled: 1_000, acknowledged: 1_000, refusals: {} })
    expect(log.records.map(({ payload }) => text(payload))).toEqual(
      Array.from({ length: 1_000 }, (_, n) => String(n)),
    )
  })
})
