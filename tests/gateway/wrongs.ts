import { generate } from 'mqtt-packet'
import type { RefusalReason } from '../../domain/index.ts'
import { diskGone, readingsOf, secretOf, sha256, signIn, type startGateway } from './harness.ts'
import { connectPacket, connectRaw, publishPacket, type RawClient } from './raw-client.ts'

type Gateway = Awaited<ReturnType<typeof startGateway>>

/** Something a device can do wrong, the name it gets, and the return code of its CONNACK, where it gets one. */
export interface Wrong {
  readonly name: string
  readonly reason: RefusalReason
  readonly device: string | undefined
  readonly connack?: number
  readonly act: (gateway: Gateway) => Promise<RawClient>
}

/** Fixed header with a remaining length, as MQTT 3.1.1 section 2.2.3 writes it. */
function header(firstByte: number, remaining: number): Uint8Array {
  const bytes = [firstByte]
  for (let rest = remaining; ; rest = Math.floor(rest / 128)) {
    bytes.push(rest >= 128 ? (rest % 128) | 0x80 : rest)
    if (rest < 128) return Uint8Array.from(bytes)
  }
}

async function stranger({ port }: Gateway, ...bytes: Uint8Array[]): Promise<RawClient> {
  const client = await connectRaw(port)
  for (const each of bytes) client.sendBytes(each)
  return client
}

async function connecting({ port }: Gateway, id: string, more: object): Promise<RawClient> {
  const client = await connectRaw(port)
  client.send(connectPacket(id, secretOf(id), more))
  return client
}

async function signedIn({ port }: Gateway, act: (client: RawClient) => void): Promise<RawClient> {
  const client = await signIn(port, 'bad')
  act(client)
  return client
}

const will = { topic: 'isotherm/v1/bad/status', payload: Buffer.from('offline'), qos: 1 }
/** One of each. */
export const wrongs: readonly Wrong[] = [
  {
    name: 'an unknown device',
    reason: 'unknown-device',
    device: undefined,
    connack: 4,
    act: (gateway) => connecting(gateway, 'nobody', {}),
  },
  {
    name: 'no user name',
    reason: 'unknown-device',
    device: undefined,
    connack: 4,
    act: (gateway) => connecting(gateway, 'nobody', { username: undefined, password: undefined }),
  },
  {
    name: 'a wrong secret',
    reason: 'wrong-secret',
    device: 'bad',
    connack: 4,
    act: (gateway) => connecting(gateway, 'bad', { password: Buffer.from('guess') }),
  },
  {
    name: 'a revoked device',
    reason: 'device-revoked',
    device: 'bad',
    connack: 5,
    act: (gateway) => {
      gateway.policies.set({ id: 'bad', state: 'revoked', secretSha256: sha256(secretOf('bad')) })
      return connecting(gateway, 'bad', {})
    },
  },
  {
    name: 'anybody before the policies are there',
    reason: 'journal-unavailable',
    device: 'bad',
    connack: 3,
    act: (gateway) => {
      gateway.policies.ready = false
      return connecting(gateway, 'bad', {})
    },
  },
  {
    name: 'a persistent session',
    reason: 'persistent-session',
    device: 'bad',
    connack: 5,
    act: (gateway) => connecting(gateway, 'bad', { clean: false }),
  },
  {
    name: 'MQTT 5',
    reason: 'unsupported-protocol',
    device: 'bad',
    connack: 1,
    act: (gateway) => connecting(gateway, 'bad', { protocolVersion: 5 }),
  },
  {
    name: 'MQTT 3.1',
    reason: 'unsupported-protocol',
    device: 'bad',
    connack: 1,
    act: (gateway) => connecting(gateway, 'bad', { protocolVersion: 3, protocolId: 'MQIsdp' }),
  },
  {
    name: 'no keepalive',
    reason: 'bad-keepalive',
    device: 'bad',
    connack: 5,
    act: (gateway) => connecting(gateway, 'bad', { keepalive: 0 }),
  },
  {
    name: 'a keepalive above an hour',
    reason: 'bad-keepalive',
    device: 'bad',
    connack: 5,
    act: (gateway) => connecting(gateway, 'bad', { keepalive: 3_601 }),
  },
  {
    name: 'a will on a foreign topic',
    reason: 'foreign-topic',
    device: 'bad',
    connack: 5,
    act: (gateway) => connecting(gateway, 'bad', { will: { ...will, topic: 'isotherm/v1/good/status' } }),
  },
  {
    name: 'a will above 1 KiB',
    reason: 'packet-too-large',
    device: 'bad',
    connack: 5,
    act: (gateway) => connecting(gateway, 'bad', { will: { ...will, payload: Buffer.alloc(1_025) } }),
  },
  {
    name: 'a will at QoS 3',
    reason: 'malformed-packet',
    device: 'bad',
    connack: 5,
    act: (gateway) => {
      const bytes = Buffer.from(generate(connectPacket('bad', secretOf('bad'), { will })))
      bytes[9] = (bytes[9] ?? 0) | 0b11000
      return stranger(gateway, bytes)
    },
  },
  {
    name: 'a CONNECT that announces 200 MB',
    reason: 'packet-too-large',
    device: undefined,
    act: (gateway) => stranger(gateway, header(0x10, 200_000_000)),
  },
  {
    name: 'garbage',
    reason: 'malformed-packet',
    device: undefined,
    act: (gateway) => stranger(gateway, Buffer.from('GET / HTTP/1.1\r\nHost: isotherm\r\n\r\n')),
  },
  {
    name: 'a TLS greeting on the plain port',
    reason: 'malformed-packet',
    device: undefined,
    act: (gateway) => stranger(gateway, Uint8Array.of(0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3)),
  },
  {
    name: 'a CONNECT full of garbage',
    reason: 'malformed-packet',
    device: undefined,
    act: (gateway) => stranger(gateway, header(0x10, 100), new Uint8Array(100).fill(0xff)),
  },
  {
    name: 'a remaining length of five bytes',
    reason: 'malformed-packet',
    device: undefined,
    act: (gateway) => stranger(gateway, Uint8Array.of(0x10, 0xff, 0xff, 0xff, 0xff, 0x01)),
  },
  {
    name: 'a PUBLISH before any CONNECT',
    reason: 'malformed-packet',
    device: undefined,
    act: (gateway) => stranger(gateway, generate(publishPacket(readingsOf('bad'), 'x'))),
  },
  {
    name: 'a second CONNECT',
    reason: 'malformed-packet',
    device: 'bad',
    connack: 0,
    act: (gateway) => signedIn(gateway, (client) => client.send(connectPacket('bad', secretOf('bad')))),
  },
  {
    name: "another device's topic",
    reason: 'foreign-topic',
    device: 'bad',
    connack: 0,
    act: (gateway) => signedIn(gateway, (client) => client.send(publishPacket(readingsOf('good'), 'x'))),
  },
  {
    name: 'its own commands topic, to publish on',
    reason: 'foreign-topic',
    device: 'bad',
    connack: 0,
    act: (gateway) =>
      signedIn(gateway, (client) => client.send(publishPacket('isotherm/v1/bad/commands', 'x'))),
  },
  {
    name: 'a topic longer than any device has',
    reason: 'foreign-topic',
    device: 'bad',
    connack: 0,
    act: (gateway) =>
      signedIn(gateway, (client) => client.send(publishPacket(`${readingsOf('bad')}${'/'.repeat(90)}`, 'x'))),
  },
  {
    name: 'a topic with a wildcard',
    reason: 'malformed-packet',
    device: 'bad',
    connack: 0,
    act: (gateway) =>
      signedIn(gateway, (client) => {
        const bytes = Buffer.from(generate(publishPacket(readingsOf('bad'), 'x')))
        bytes[4] = 0x23
        client.sendBytes(bytes)
      }),
  },
  {
    name: "another device's commands",
    reason: 'foreign-subscription',
    device: 'bad',
    connack: 0,
    act: (gateway) =>
      signedIn(gateway, (client) => client.send(subscribePacket('isotherm/v1/good/commands', 1))),
  },
  {
    name: 'everything',
    reason: 'foreign-subscription',
    device: 'bad',
    connack: 0,
    act: (gateway) => signedIn(gateway, (client) => client.send(subscribePacket('#', 0))),
  },
  {
    name: 'its own commands at QoS 2',
    reason: 'foreign-subscription',
    device: 'bad',
    connack: 0,
    act: (gateway) =>
      signedIn(gateway, (client) => client.send(subscribePacket('isotherm/v1/bad/commands', 2))),
  },
  {
    name: 'a PUBLISH that announces 60 MB',
    reason: 'packet-too-large',
    device: 'bad',
    connack: 0,
    act: (gateway) => signedIn(gateway, (client) => client.sendBytes(header(0x32, 60_000_000))),
  },
  {
    name: 'a payload of 61,441 bytes',
    reason: 'packet-too-large',
    device: 'bad',
    connack: 0,
    act: (gateway) =>
      signedIn(gateway, (client) => client.send(publishPacket(readingsOf('bad'), Buffer.alloc(61_441)))),
  },
  {
    name: 'a journal that fails',
    reason: 'journal-unavailable',
    device: 'bad',
    connack: 0,
    act: (gateway) => {
      const { log } = gateway
      const append = log.append.bind(log)
      log.append = (bytes, waiter) => {
        if (!Buffer.from(bytes).includes('fail me')) append(bytes, waiter)
        else queueMicrotask(() => waiter.failed(diskGone()))
      }
      return signedIn(gateway, (client) => client.send(publishPacket(readingsOf('bad'), 'fail me')))
    },
  },
]

/** A SUBSCRIBE with one filter. */
export function subscribePacket(topic: string, qos: 0 | 1 | 2) {
  return { cmd: 'subscribe' as const, messageId: 1, subscriptions: [{ topic, qos }] }
}
