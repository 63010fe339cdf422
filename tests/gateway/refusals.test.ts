import mqtt from 'mqtt'
import { generate } from 'mqtt-packet'
import { afterEach, describe, expect, test } from 'vitest'
import { readingsOf, secretOf, signIn, startGateway } from './harness.ts'
import { pause, publishPacket, until, undoAll, undoLater } from './raw-client.ts'
import { subscribePacket, wrongs } from './wrongs.ts'

afterEach(undoAll)

describe('refused by name, counted once, and no other device notices', () => {
  test.each(wrongs)('$name: $reason', async ({ reason, device, connack, act }) => {
    const gateway = await startGateway()
    const neighbour = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.port}`, {
      username: 'good',
      password: secretOf('good'),
      reconnectPeriod: 0,
    })
    undoLater(() => neighbour.end(true))
    let ended = false
    neighbour.on('close', () => {
      ended = true
    })
    let sent = 0
    const publishing = (async () => {
      for (; sent < 20 || gateway.refusals.length === 0; sent += 1) {
        await neighbour.publishAsync(readingsOf('good'), String(sent), { qos: 1 })
      }
    })()
    const client = await act(gateway)
    await client.closed
    await publishing
    await until(() => gateway.gateway.stats().connections === 1)
    expect(gateway.refusals).toEqual([[device, reason]])
    expect(gateway.gateway.stats().refusals).toEqual({ [reason]: 1 })
    expect(client.received.map((packet) => 'returnCode' in packet && packet.returnCode)).toEqual(
      connack === undefined ? [] : [connack],
    )
    expect(ended).toBe(false)
    const taken = gateway.log.records.filter(({ deviceId }) => deviceId === 'good')
    expect(taken.map(({ payload }) => Buffer.from(payload).toString())).toEqual(
      Array.from({ length: sent }, (_, nth) => String(nth)),
    )
    expect(gateway.log.records.length).toBe(sent)
  })
})

describe('let in', () => {
  test('a payload of 61,440 bytes at every QoS, on the longest topic there is', async () => {
    const device = 'x'.repeat(64)
    const { log, refusals, port } = await startGateway({ devices: [device] })
    const client = await signIn(port, device)
    const topic = `isotherm/v1/${device}/responses`
    client.send(publishPacket(topic, Buffer.alloc(61_440, 7), 0))
    client.send(publishPacket(topic, Buffer.alloc(61_440, 7), 1, 1))
    client.send(publishPacket(topic, Buffer.alloc(61_440, 7), 2, 2))
    await client.next('puback')
    await client.next('pubrec')
    expect(log.records.map(({ qos, payload }) => [qos, payload.length])).toEqual([
      [0, 61_440],
      [1, 61_440],
      [2, 61_440],
    ])
    expect(refusals).toEqual([])
  })

  test('an empty payload: it is journalled, and ingest will say what is wrong with it', async () => {
    const { log, port } = await startGateway()
    const client = await signIn(port, 'good')
    client.send(publishPacket(readingsOf('good'), ''))
    await client.next('puback')
    expect(log.records[0]?.payload.length).toBe(0)
  })

  test('its own commands at QoS 0 and 1, and nothing else is ever forwarded', async () => {
    const { port } = await startGateway()
    const client = await signIn(port, 'good')
    client.send(subscribePacket('isotherm/v1/good/commands', 1))
    expect(await client.next('suback')).toMatchObject({ granted: [1] })
    client.send(publishPacket(readingsOf('good'), 'x'))
    await client.next('puback')
    await pause(30)
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'puback'])
  })
})

describe('what was sent before the mistake', () => {
  test.each([
    ['a payload too large', publishPacket(readingsOf('good'), Buffer.alloc(61_441), 1, 99)],
    ['a foreign topic', publishPacket(readingsOf('other'), 'x', 1, 99)],
    ['a foreign subscription', subscribePacket('#', 1)],
  ])('is acknowledged before the connection closes: %s', async (_name, mistake) => {
    const { log, refusals, port } = await startGateway()
    log.mode = 'held'
    const client = await signIn(port, 'good')
    const good = [1, 2, 3].map((id) => publishPacket(readingsOf('good'), 'x', 1, id))
    client.sendBytes(Buffer.concat([...good, mistake].map((packet) => generate(packet))))
    await until(() => refusals.length === 1 && log.held.length === 3)
    await pause(30)
    expect(client.socket.destroyed).toBe(false)
    log.release()
    await client.closed
    expect(client.received.map(({ cmd, messageId }) => [cmd, messageId])).toEqual([
      ['connack', undefined],
      ['puback', 1],
      ['puback', 2],
      ['puback', 3],
    ])
  })
})
