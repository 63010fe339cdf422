import { afterEach, describe, expect, test } from 'vitest'
import { readingsOf, secretOf, sha256, signIn, startGateway } from './harness.ts'
import { connectPacket, connectRaw, messageIds, pause, publishPacket, undoAll, until } from './raw-client.ts'

afterEach(undoAll)

const will = {
  topic: 'isotherm/v1/good/status',
  payload: Buffer.from('{"state":"offline"}'),
  qos: 1,
  retain: true,
}

describe('a revocation acts at once', () => {
  test('on every connection of the device, while another device stays', async () => {
    const { gateway, log, policies, refusals, port } = await startGateway()
    const first = await signIn(port, 'good', { clientId: '1', will })
    const second = await signIn(port, 'good', { clientId: '2' })
    const other = await signIn(port, 'bad')
    policies.set({ id: 'good', state: 'revoked', secretSha256: sha256(secretOf('good')) })
    await Promise.all([first.closed, second.closed])
    expect(refusals).toEqual([
      ['good', 'device-revoked'],
      ['good', 'device-revoked'],
    ])
    await until(() => gateway.stats().connections === 1)
    expect(other.socket.destroyed).toBe(false)
    // Nothing more is taken in its name, its last will included.
    expect(log.records).toEqual([])
  })

  test('a new secret closes what was opened with the old one, and lets the new one in', async () => {
    const { policies, refusals, port } = await startGateway()
    const old = await signIn(port, 'good')
    policies.set({ id: 'good', state: 'active', secretSha256: sha256('new') })
    await old.closed
    expect(refusals).toEqual([['good', 'device-revoked']])
    const again = await connectRaw(port)
    again.send(connectPacket('good', secretOf('good')))
    await again.closed
    expect(refusals[1]).toEqual(['good', 'wrong-secret'])
    const renewed = await connectRaw(port)
    renewed.send(connectPacket('good', 'new'))
    expect(await renewed.next('connack')).toMatchObject({ returnCode: 0 })
  })

  test('a change that changes nothing closes nothing', async () => {
    const { policies, port } = await startGateway()
    const client = await signIn(port, 'good')
    policies.set({ id: 'good', state: 'active', secretSha256: sha256(secretOf('good')) })
    client.send(publishPacket(readingsOf('good'), 'x', 1, 3))
    expect((await client.next('puback')).messageId).toBe(3)
  })
})

describe('client ids belong to their device', () => {
  test('the same id of the same device takes over, of another device does not', async () => {
    const { port } = await startGateway()
    const first = await signIn(port, 'good', { clientId: 'main' })
    const other = await signIn(port, 'bad', { clientId: 'main' })
    const second = await signIn(port, 'good', { clientId: 'main' })
    await first.closed
    await pause(20)
    expect([other.socket.destroyed, second.socket.destroyed]).toEqual([false, false])
  })

  test('clients without an id do not take each other over', async () => {
    const { port } = await startGateway()
    const first = await signIn(port, 'good', { clientId: '' })
    await signIn(port, 'good', { clientId: '' })
    await pause(20)
    expect(first.socket.destroyed).toBe(false)
  })
})

describe('a last will', () => {
  test('is journalled as the status of the device when the connection breaks', async () => {
    const { log, port } = await startGateway()
    const client = await signIn(port, 'good', { will })
    client.socket.destroy()
    await until(() => log.records.length === 1)
    expect(log.records[0]).toMatchObject({ deviceId: 'good', topic: 'isotherm/v1/good/status', qos: 1 })
    expect(Buffer.from(log.records[0]?.payload ?? []).toString()).toBe('{"state":"offline"}')
  })

  test('is not journalled after a DISCONNECT', async () => {
    const { gateway, log, port } = await startGateway()
    const client = await signIn(port, 'good', { will })
    client.send({ cmd: 'disconnect' })
    await until(() => gateway.stats().connections === 0)
    await pause(20)
    expect(log.records).toEqual([])
  })

  test('stands before what the same device says on its next connection', async () => {
    const { log, port } = await startGateway()
    await signIn(port, 'good', { will })
    const next = await signIn(port, 'good', { will })
    next.send(publishPacket('isotherm/v1/good/status', '{"state":"online"}'))
    await next.next('puback')
    expect(log.records.map(({ payload }) => Buffer.from(payload).toString())).toEqual([
      '{"state":"offline"}',
      '{"state":"online"}',
    ])
  })

  test('is not journalled while the device has another connection: it is not offline', async () => {
    const { gateway, log, port } = await startGateway()
    const old = await signIn(port, 'good', { clientId: 'before', will })
    const now = await signIn(port, 'good', { clientId: 'after', will })
    await signIn(port, 'bad')
    old.socket.destroy()
    await until(() => gateway.stats().connections === 2)
    await pause(20)
    expect(log.records).toEqual([])
    now.socket.destroy()
    await until(() => log.records.length === 1)
    expect(log.records[0]).toMatchObject({ deviceId: 'good', topic: 'isotherm/v1/good/status' })
  })

  test('that the journal cannot keep is counted', async () => {
    const { log, refusals, port } = await startGateway()
    const client = await signIn(port, 'good', { will })
    log.mode = 'failing'
    client.socket.destroy()
    await until(() => refusals.length > 0)
    expect(refusals).toEqual([['good', 'journal-unavailable']])
  })
})

describe('a connection that breaks', () => {
  test.each([
    ['is reset', 'read ECONNRESET', {}],
    ['is silent for one and a half keepalives', 'keep alive timeout', { keepalive: 1 }],
  ])('because it %s is no refusal', async (_name, failure, more) => {
    const { gateway, refusals, lines, port } = await startGateway()
    const client = await signIn(port, 'good', more)
    if (failure === 'read ECONNRESET') client.socket.resetAndDestroy()
    await until(() => gateway.stats().connections === 0)
    expect(refusals).toEqual([])
    expect(lines).toEqual([[{ device: 'good', refusal: undefined, reason: failure }, 'connection closed']])
  })
})

describe('a connection that only publishes', () => {
  test.each([0, 1] as const)('is alive beyond its keepalive, at QoS %i', async (qos) => {
    const { gateway, port } = await startGateway()
    const client = await signIn(port, 'good', { keepalive: 1 })
    for (let id = 1; id <= 9; id += 1) {
      client.send(publishPacket(readingsOf('good'), 'x', qos, id))
      await pause(300)
    }
    expect(client.socket.destroyed).toBe(false)
    expect(gateway.stats().journalled).toBe(9)
    await client.closed
  })

  test('that waits for the journal beyond its keepalive is answered when it asks for a sign of life', async () => {
    const { log, port } = await startGateway()
    log.mode = 'held'
    const client = await signIn(port, 'good', { keepalive: 1 })
    client.send(publishPacket(readingsOf('good'), 'x', 1, 1))
    for (let nth = 0; nth < 5; nth += 1) {
      client.send({ cmd: 'pingreq' })
      await client.next('pingresp', nth)
      await pause(500)
    }
    log.release()
    expect((await client.next('puback')).messageId).toBe(1)
  })
})

describe('stop', () => {
  test('takes nothing new, waits for the journal, acknowledges, then closes', async () => {
    const { gateway, log, port } = await startGateway()
    log.mode = 'held'
    const client = await signIn(port, 'good', { will })
    client.send(publishPacket(readingsOf('good'), 'before', 1, 1))
    await until(() => log.held.length === 1)
    const stopped = gateway.stop()
    client.send(publishPacket(readingsOf('good'), 'after', 1, 2))
    const late = await connectRaw(port)
    await late.closed
    const answer = await gateway.takeReadings({ authorization: undefined, body: new Uint8Array() })
    expect(answer.status).toBe(503)
    await pause(50)
    expect(client.socket.destroyed).toBe(false)
    log.release()
    await stopped
    await client.closed
    expect(messageIds(client, 'puback')).toEqual([1])
    // Neither what came too late, nor wills: it is the server that went away.
    expect(log.records.map(({ payload }) => Buffer.from(payload).toString())).toEqual(['before'])
    expect(gateway.stats()).toMatchObject({ connections: 0, inFlightMessages: 0, acknowledged: 1 })
  })

  test('waits no longer than its limit, says so, and acknowledges nothing', async () => {
    const { gateway, log, lines, port } = await startGateway({ limits: { stopTimeoutMs: 50 } })
    log.mode = 'held'
    const client = await signIn(port, 'good')
    client.send(publishPacket(readingsOf('good'), 'x', 1, 1))
    await until(() => log.held.length === 1)
    await gateway.stop()
    await client.closed
    expect(messageIds(client, 'puback')).toEqual([])
    expect(lines).toContainEqual([{ count: 1 }, 'stopped before the journal confirmed everything'])
  })

  test('closes clients that have not signed in, forgets the policies, and may be called twice', async () => {
    const { gateway, policies, port } = await startGateway()
    const silent = await connectRaw(port)
    await until(() => gateway.stats().connections === 1)
    await Promise.all([gateway.stop(), gateway.stop()])
    await silent.closed
    expect(policies.listeners.size).toBe(0)
  })
})
