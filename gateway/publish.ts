import type { Client, PublishPacket } from 'aedes'
import type { RefusalReason } from '../domain/index.ts'
import { parsePublishTopic, reasonOf } from '../domain/index.ts'
import { type Source, UnderWay } from './admit.ts'
import type { Connection } from './connections.ts'
import type { PublishLayout } from './frame-scanner.ts'
import type { GatewayParts } from './parts.ts'
import { refusalProblem } from './refusals.ts'

/** How a hook answers Aedes: null lets the packet through and sends its acknowledgement, an error closes. */
type Done = (error?: Error | null) => void

/**
 * Takes a whole PUBLISH at QoS 0 or 1 from the guard, past the broker: the road of nearly every message. False for a
 * topic on which the device may not publish, which is left to the broker and `authorizePublish` to refuse.
 */
export function takePublish(
  parts: GatewayParts,
  connection: Connection,
  bytes: Uint8Array,
  { qos, topicAt, topicEnd, payloadAt, payloadEnd }: PublishLayout,
): boolean {
  const { connections, admission } = parts
  const { guard, arrival } = connection
  const source = sourceIn(parts, connection, bytes, topicAt, topicEnd)
  if (source === undefined) return false
  connections.spoke(connection)
  const payload = bytes.subarray(payloadAt, payloadEnd)
  const packetId = qos === 0 ? undefined : ((bytes[topicEnd] ?? 0) << 8) | (bytes[topicEnd + 1] ?? 0)
  const refused = admission.admitFrom(
    source,
    { channel: arrival.channel, qos, payload },
    new Published(parts, connection, source, payload.length, packetId),
  )
  if (refused !== undefined) {
    connections.closeAfterwards(connection, refused)
    guard.settled(payload.length)
  }
  return true
}

/** A PUBLISH past the broker, on its way through the journal. */
class Published extends UnderWay {
  readonly #parts: GatewayParts
  readonly #connection: Connection
  /** Undefined at QoS 0. */
  readonly #packetId: number | undefined

  constructor(
    parts: GatewayParts,
    connection: Connection,
    source: Source,
    payloadBytes: number,
    packetId: number | undefined,
  ) {
    super(parts.admission, source, payloadBytes)
    this.#parts = parts
    this.#connection = connection
    this.#packetId = packetId
  }

  protected override journalled(): void {
    const { guard } = this.#connection
    if (this.#packetId !== undefined && guard.acknowledge(this.#packetId)) this.#parts.onAcknowledged()
    guard.settled(this.payloadBytes)
  }

  protected override givenUp(reason: unknown): void {
    const { guard } = this.#connection
    failed(this.#parts, this.#connection, reason)
    // Records are confirmed in order, so what came before is acknowledged: those answers leave first.
    process.nextTick(() => guard.destroy())
    guard.settled(this.payloadBytes)
  }
}

/** Where a message on this topic comes from; undefined for a topic on which the device may not publish. */
function sourceIn(
  { admission }: GatewayParts,
  connection: Connection,
  packet: Uint8Array,
  from: number,
  to: number,
): Source | undefined {
  const last = connection.topic
  if (last !== undefined && lies(last.bytes, packet, from, to)) return last.source
  const bytes = Uint8Array.from(packet.subarray(from, to))
  const text = Buffer.from(bytes).toString()
  const { deviceId } = connection
  if (deviceId === undefined || parsePublishTopic(text)?.deviceId !== deviceId) return undefined
  const source = admission.sourceOf(deviceId, text)
  connection.topic = { bytes, source }
  return source
}

/** Whether these bytes are what lies there in a packet; they are too few for a call of the platform to be faster. */
function lies(bytes: Uint8Array, packet: Uint8Array, from: number, to: number): boolean {
  if (bytes.length !== to - from) return false
  for (let at = 0; at < bytes.length; at += 1) if (bytes[at] !== packet[from + at]) return false
  return true
}

/** The journal did not take a message: counts it once for the connection, which has to close. */
function failed({ connections }: GatewayParts, connection: Connection, failure: unknown): void {
  connections.refuse(connection, 'journal-unavailable')
  connection.failure ??= reasonOf(failure)
}

/**
 * Aedes hook for what else a device publishes: QoS 2, foreign topics, and its last will; `client` is null for the will
 * of a connection Aedes no longer knows. The acknowledgement leaves when `done(null)` is called, so that happens
 * after the journal has confirmed the record, and only then. Synchronous up to the append: that keeps the order.
 */
export function authorizePublish(
  parts: GatewayParts,
  client: Client | null,
  packet: PublishPacket,
  done: Done,
): void {
  if (client === null) return journalWill(parts, client, packet, done)
  const connection = parts.connections.of(client)
  if (packet === connection.will) return journalWill(parts, client, packet, done)
  const payload = takePayload(packet)
  const { deviceId, guard, arrival } = connection
  const topic = parsePublishTopic(packet.topic)
  if (topic === undefined || topic.deviceId !== deviceId) return drop('foreign-topic')
  parts.connections.spoke(connection)
  const { admission } = parts
  const admitted = admission.admit({
    deviceId,
    channel: arrival.channel,
    topic: packet.topic,
    qos: packet.qos,
    payload,
  })
  if ('refused' in admitted) return drop(admitted.refused)
  void acknowledge(parts, { client, connection, packet, payloadBytes: payload.length, done }, admitted.index)

  /** Neither taken nor acknowledged; the connection closes once what came before is acknowledged. */
  function drop(reason: RefusalReason): void {
    parts.connections.closeAfterwards(connection, reason)
    guard.settled(payload.length)
  }
}

/** A PUBLISH on its way through the journal. */
interface Pending {
  readonly client: Client
  readonly connection: Connection
  readonly packet: PublishPacket
  readonly payloadBytes: number
  readonly done: Done
}

async function acknowledge(parts: GatewayParts, pending: Pending, index: Promise<number>): Promise<void> {
  const { client, connection, packet, done } = pending
  const failure = await failureOf(index)
  if (failure !== undefined) {
    failed(parts, connection, failure)
    // Records are confirmed in order, so what came before is acknowledged: those answers leave first, then it closes.
    const problem = refusalProblem('journal-unavailable', connection.deviceId, failure)
    process.nextTick(done, problem)
  } else if (!client.closed) {
    // (For a closed client Aedes would store what nobody collects, and report an error for each packet.)
    if (packet.qos > 0) parts.onAcknowledged()
    done(null)
  }
  connection.guard.settled(pending.payloadBytes)
}

/** What an append was rejected with; undefined when the record is durable. */
async function failureOf(index: Promise<number>): Promise<unknown> {
  try {
    await index
    return undefined
  } catch (thrown) {
    return thrown ?? 'unknown'
  }
}

/** A last will is what the device said about its own end: journalled like any status, acknowledged to nobody. */
function journalWill(parts: GatewayParts, client: Client | null, packet: PublishPacket, done: Done): void {
  const { admission, policies, refusals } = parts
  // Aedes also sends out the wills of living clients, when the clock is set forward by minutes. And our own stop is
  // not the device's end (MQTT 3.1.1 section 3.1.2.5 lets a server that shuts down hold wills back).
  if (client?.closed === false || parts.stopping()) return done(null)
  const topic = parsePublishTopic(packet.topic)
  if (topic === undefined || policies.find(topic.deviceId)?.state !== 'active') return done(null)
  const { deviceId } = topic
  // A device that came back on another connection is not offline because its old one is found dead now.
  if (parts.connections.hasOther(deviceId, client)) return done(null)
  const payload = takePayload(packet)
  const admitted = admission.admit({
    deviceId,
    channel: client === null ? 'mqtt' : parts.connections.of(client).arrival.channel,
    topic: packet.topic,
    qos: packet.qos,
    payload,
  })
  if ('refused' in admitted) refusals.count(deviceId, admitted.refused)
  else void countFailure(parts, deviceId, admitted.index)
  done(null)
}

/** Nobody was promised anything and nobody is left to tell: the count is what remains to be said. */
async function countFailure(
  { refusals }: GatewayParts,
  deviceId: string,
  index: Promise<number>,
): Promise<void> {
  if ((await failureOf(index)) !== undefined) refusals.count(deviceId, 'journal-unavailable')
}

const NOTHING = Buffer.alloc(0)

/** Takes the payload out of the packet, so that Aedes keeps none: not as retained, not between PUBREC and PUBREL. */
function takePayload(packet: PublishPacket): Uint8Array {
  const { payload } = packet
  packet.payload = NOTHING
  packet.retain = false
  return typeof payload === 'string' ? Buffer.from(payload) : payload
}
