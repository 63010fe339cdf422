import { createConnection, type Socket } from 'node:net'
import { generate, type Packet } from 'mqtt-packet'
import type { SeededRandom } from '../../tests/support/seeded-random.ts'
import type { Credentials } from '../load/device.ts'
import { publishBytes } from '../load/packets.ts'
import { hostilePayload } from './payloads.ts'

/** Where attacks go, and what they may use. */
export interface Target {
  readonly mqttPort: number
  readonly httpPort: number
  /** Devices that are registered and misused. */
  readonly devices: readonly Credentials[]
  /** Registered too, and used by no other attack meanwhile: nobody else drives its connection out. */
  readonly own: Credentials
  /** Sockets that are left hanging until the end. */
  readonly hanging: Set<Socket>
}

/** What came of an attack: messages that were acknowledged, and that had to be and were not. */
export interface Outcome {
  readonly acknowledged: number
  readonly unanswered: number
}

type Attack = (target: Target, random: SeededRandom) => Promise<Outcome>

/** Sockets hanging at once; the oldest is let go for a new one. */
const HANGING_MAX = 400
/** No attack waits for an answer longer than this. */
const ANSWER_MS_MAX = 20_000
/** A connection that is closed unanswered came too fast after others; a device tries again. */
const TRY_AGAIN_MS = 500
/** CONNACK, and PUBACK. */
const ANSWER_BYTES = 4
/** Many small ones: it is the acknowledgements that nobody takes. */
const DEAF_PAYLOAD = Buffer.from('{}')
const nothing: Outcome = { acknowledged: 0, unanswered: 0 }

/** Ways to misuse the ports, by name. */
export const attacks: Readonly<Record<string, Attack>> = {
  'random-bytes': async ({ mqttPort }, random) => {
    const socket = await connected(mqttPort)
    for (let writes = 1 + random.below(4); writes > 0; writes -= 1)
      socket.write(random.bytes(1 + random.below(4_096)))
    return closed(socket, 200)
  },

  'mutated-packets': async (target, random) => {
    const device = one(target.devices, random)
    const packets = [connectOf(device, random), ...someOf(device, random)]
    const bytes = mutated(Buffer.concat(packets), random)
    const socket = await connected(target.mqttPort)
    for (let at = 0; at < bytes.length; ) {
      const size = 1 + random.below(bytes.length)
      socket.write(bytes.subarray(at, at + size))
      at += size
    }
    return closed(socket, 300)
  },

  'half-packets': async (target, random) => {
    const device = one(target.devices, random)
    const connect = connectOf(device, random)
    const publish = publishBytes(topicOf(device), 1, Buffer.alloc(random.below(61_000)))
    const [whole, part] = random.oneIn(2) ? [Buffer.alloc(0), connect] : [connect, publish]
    const socket = await connected(target.mqttPort)
    socket.write(Buffer.concat([whole, part.subarray(0, 1 + random.below(part.length - 1))]))
    for (const oldest of target.hanging) {
      if (target.hanging.size < HANGING_MAX) break
      oldest.destroy()
      target.hanging.delete(oldest)
    }
    target.hanging.add(socket)
    return nothing
  },

  'giant-lengths': async (target, random) => {
    const socket = await connected(target.mqttPort)
    if (random.oneIn(2)) socket.write(connectOf(one(target.devices, random), random))
    socket.write(Buffer.from([random.oneIn(2) ? 0x10 : 0x32, 0xff, 0xff, 0xff, random.below(256)]))
    const filler = random.bytes(65_536)
    for (let writes = 0; writes < 50 && !socket.destroyed; writes += 1) socket.write(filler)
    return closed(socket, 300)
  },

  'many-connections': async ({ mqttPort, httpPort }, random) => {
    const port = random.oneIn(4) ? httpPort : mqttPort
    const sockets = await Promise.all(Array.from({ length: 100 + random.below(200) }, () => connected(port)))
    for (const socket of sockets) {
      if (random.oneIn(2)) socket.resetAndDestroy()
      else socket.destroy()
    }
    return nothing
  },

  'hostile-payloads': async ({ own, mqttPort }, random) => {
    const count = 1 + random.below(8)
    const publishes = Array.from({ length: count }, (_, nth) =>
      publishBytes(topicOf(own), nth + 1, hostilePayload(random)),
    )
    const bytes = Buffer.concat([connectOf(own, random), ...publishes])
    const answers = await answersTo(mqttPort, bytes, ANSWER_BYTES * (1 + count))
    const isSignedIn = answers[0] === 0x20 && answers[3] === 0
    const acknowledged = isSignedIn ? Math.floor(answers.length / ANSWER_BYTES) - 1 : 0
    return { acknowledged, unanswered: count - acknowledged }
  },

  'deaf-publisher': async (target, random) => {
    const device = one(target.devices, random)
    const socket = await connected(target.mqttPort)
    socket.pause()
    socket.write(connectOf(device, random))
    const some = Array.from({ length: 3_000 }, (_, nth) =>
      publishBytes(topicOf(device), nth + 1, DEAF_PAYLOAD),
    )
    socket.write(Buffer.concat(some))
    await pause(200 + random.below(800))
    if (random.oneIn(2)) socket.resetAndDestroy()
    else socket.destroy()
    return nothing
  },

  'http-payloads': async ({ httpPort, devices }, random) => {
    const { id, secret } = one(devices, random)
    const isTooLarge = random.oneIn(8)
    const body = isTooLarge ? Buffer.alloc(61_441 + random.below(200_000), 0x20) : hostilePayload(random)
    const answer = await fetch(`http://127.0.0.1:${httpPort}/api/v1/ingest/readings`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: new Uint8Array(body),
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    })
    await answer.arrayBuffer()
    // 429: more than an address may ask in a minute
    const isAnswered = answer.status === (isTooLarge ? 413 : 202) || answer.status === 429
    return { acknowledged: answer.status === 202 ? 1 : 0, unanswered: isAnswered ? 0 : 1 }
  },

  'http-bytes': async ({ httpPort }, random) => {
    const socket = await connected(httpPort)
    const head = 'POST /api/v1/ingest/readings HTTP/1.1\r\nHost: x\r\n'
    const rest = [
      () => random.bytes(2_000),
      () => Buffer.from(`${head}Content-Length: 99999999999\r\n\r\n`),
      () => Buffer.from(`${head}Transfer-Encoding: chunked\r\n\r\nfffffff0\r\n${'x'.repeat(70_000)}`),
      () => Buffer.from(`${head}X: ${'y'.repeat(100_000)}\r\n\r\n`),
      () =>
        mutated(Buffer.from(`${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}`), random),
    ]
    socket.write(one(rest, random)())
    return closed(socket, 300)
  },
}

/** Opens a connection; a refused one is an attack that was held off. */
async function connected(port: number): Promise<Socket> {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => {
    socket.once('connect', () => resolve())
    socket.once('close', () => resolve())
  })
  return socket
}

/** Gives the other side some time to close, then closes. */
async function closed(socket: Socket, withinMs: number): Promise<Outcome> {
  socket.resume()
  await Promise.race([pause(withinMs), new Promise((resolve) => socket.once('close', resolve))])
  socket.destroy()
  return nothing
}

/** Sends bytes on a connection of their own, until one of them is answered at all; answers what came back on it. */
async function answersTo(port: number, bytes: Buffer, count: number): Promise<Buffer> {
  const endMs = performance.now() + ANSWER_MS_MAX
  for (;;) {
    const socket = await connected(port)
    socket.write(bytes)
    const answers = await received(socket, count)
    socket.destroy()
    if (answers.length > 0 || performance.now() > endMs) return answers
    await pause(TRY_AGAIN_MS)
  }
}

/** The first `count` bytes that come, or what came before the connection closed or the patience ended. */
function received(socket: Socket, count: number): Promise<Buffer> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0)
    const timer = setTimeout(done, ANSWER_MS_MAX)
    function done(): void {
      clearTimeout(timer)
      resolve(bytes)
    }
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk])
      if (bytes.length >= count) done()
    })
    socket.once('close', done)
    if (socket.destroyed) done()
  })
}

function connectOf({ id, secret }: Credentials, random: SeededRandom): Buffer {
  return generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: 60,
    clientId: `fuzz-${random.below(1e9)}`,
    username: id,
    password: Buffer.from(secret),
  })
}

/** Some packets a device may send, well formed. */
function someOf(device: Credentials, random: SeededRandom): readonly Buffer[] {
  const topic = topicOf(device)
  const kinds: readonly (() => Packet)[] = [
    () => ({ cmd: 'publish', topic, payload: hostilePayload(random), qos: 0, dup: false, retain: true }),
    () => ({
      cmd: 'publish',
      topic,
      payload: '{}',
      qos: 1,
      dup: true,
      retain: false,
      messageId: random.below(65_536),
    }),
    () => ({ cmd: 'publish', topic, payload: '{}', qos: 2, dup: false, retain: false, messageId: 7 }),
    () => ({ cmd: 'pubrel', messageId: random.below(65_536) }),
    () => ({ cmd: 'puback', messageId: random.below(65_536) }),
    () => ({
      cmd: 'subscribe',
      messageId: 3,
      subscriptions: [{ topic: one(['#', '$SYS/#', topic], random), qos: 1 }],
    }),
    () => ({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['+'] }),
    () => ({ cmd: 'pingreq' }),
    () => ({ cmd: 'disconnect' }),
  ]
  return Array.from({ length: 1 + random.below(6) }, () => generate(one(kinds, random)()))
}

/** The same bytes with a few of them changed, left out, put in or doubled. */
function mutated(bytes: Buffer, random: SeededRandom): Buffer {
  let changed = Buffer.from(bytes)
  for (let times = random.below(8); times > 0; times -= 1) {
    const at = random.below(changed.length)
    const to = Math.min(changed.length, at + 1 + random.below(16))
    const [before, part, after] = [changed.subarray(0, at), changed.subarray(at, to), changed.subarray(to)]
    const change = random.below(4)
    if (change === 0) changed[at] = random.below(256)
    else if (change === 1) changed = Buffer.concat([before, after, Buffer.of(0)])
    else if (change === 2) changed = Buffer.concat([before, random.bytes(16), part, after])
    else changed = Buffer.concat([before, part, part, after])
  }
  return changed
}

function topicOf({ id }: Credentials): string {
  return `isotherm/v1/${id}/readings`
}

function one<T>(all: readonly T[], random: SeededRandom): T {
  const chosen = all[random.below(all.length)]
  if (chosen === undefined) throw new Error('nothing to choose from')
  return chosen
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
