import type { EventEmitter } from 'node:events'
import type { Client, PublishPacket, Subscription } from 'aedes'
import { Aedes } from 'aedes'
import type { RefusalReason } from '../domain/index.ts'
import { commandTopic, reasonOf } from '../domain/index.ts'
import type { Connection } from './connections.ts'
import { INBOUND_QOS2_MAX, KEEPALIVE_MAX_S } from './limits.ts'
import type { GatewayParts } from './parts.ts'
import { authorizePublish } from './publish.ts'
import { authenticate, preConnect } from './sign-in.ts'

/**
 * The MQTT broker: Aedes with memory persistence, and the hooks that make it ours. What they rest on is pinned in
 * tests/contract/aedes*.test.ts. No hook is async: a rejected promise would leave its packet hanging. The caller
 * calls `listen()`.
 */
export function createBroker(parts: GatewayParts): Aedes {
  const broker = new Aedes({
    preConnect: (client, packet, done) => preConnect(parts, client, packet, done),
    authenticate: (client, username, password, done) => authenticate(parts, client, username, password, done),
    authorizePublish: (client, packet, done) => authorizePublish(parts, client, packet, done),
    authorizeSubscribe: (client, subscription, done) => authorizeSubscribe(parts, client, subscription, done),
    authorizeForward: (client, packet) => authorizeForward(parts, client, packet),
    // Messages being delivered at once; above it Aedes queues and warns of a leak. Deliveries are commands only.
    concurrency: 1_000,
    connectTimeout: parts.limits.connectTimeoutMs,
    drainTimeout: parts.limits.drainTimeoutMs,
    // Packets between CONNECT and CONNACK: the guard lets none through.
    queueLimit: 1,
    maxInflightInbound: INBOUND_QOS2_MAX,
    // Checked by preConnect, which names the reason; here too, because keepalive 0 is a link never found dead.
    keepaliveLimit: KEEPALIVE_MAX_S,
  })
  broker.on('clientReady', (client) => parts.connections.signedIn(parts.connections.of(client)))
  broker.on('clientError', (client, error) => noteDeath(parts, client, error))
  broker.on('connectionError', (client, error) => noteDeath(parts, client, error))
  const events: EventEmitter = broker
  events.on('error', (error: unknown) => parts.log.error({ reason: reasonOf(error) }, 'MQTT broker failed'))
  return broker
}

/** How often in a keepalive its timer may be set anew, which costs as much as a good part of taking a message. */
const REFRESHES_PER_KEEPALIVE = 32

/**
 * Notes that a device has published, `isLast` when it is not read on for now: who is silent is closed after 1.47 to 1.5
 * keepalives, and who is not read after 1.5.
 */
export function heard(connection: Connection, client: Client, nowMs: number, isLast: boolean): void {
  if (nowMs < connection.refreshDueMs && !isLast) return
  connection.refreshDueMs = nowMs + connection.keepaliveMs / REFRESHES_PER_KEEPALIVE
  refreshKeepalive(client)
}

/**
 * A device that publishes is alive; the broker, which does not see those packets, would close it after one and a half
 * keepalives without another one. The timer is not in its types; that it is the one, and does this, is pinned in
 * tests/contract/aedes-limits.test.ts.
 */
export function refreshKeepalive(client: Client): void {
  const { _keepaliveTimer: timer } = client as Client & { readonly _keepaliveTimer?: NodeJS.Timeout | null }
  timer?.refresh()
}

/** A device hears its own commands and nothing else. */
function authorizeSubscribe(
  { connections }: GatewayParts,
  client: Client,
  subscription: Subscription,
  done: (error: Error | null, subscription?: Subscription | null) => void,
): void {
  const connection = connections.of(client)
  if (isOwnCommands(connection, subscription.topic) && subscription.qos < 2) return done(null, subscription)
  connections.closeAfterwards(connection, 'foreign-subscription')
}

/** The same on the way out, whoever put the message there. */
function authorizeForward<Packet extends PublishPacket>(
  { connections }: GatewayParts,
  client: Client,
  packet: Packet,
): Packet | null {
  return isOwnCommands(connections.of(client), packet.topic) ? packet : null
}

function isOwnCommands({ deviceId }: Connection, topic: string): boolean {
  return deviceId !== undefined && topic === commandTopic(deviceId)
}

/** Errors that end a connection and say nothing about what the device sent. */
const plainEnds = new Set([
  'keep alive timeout',
  'drain timeout',
  'connect did not arrive in time',
  'connection closed',
])

/** Keeps why a connection died: the first error, since Aedes tells one for every packet that was pending. */
function noteDeath({ connections }: GatewayParts, client: Client, error: Error): void {
  const connection = connections.of(client)
  if (connection.failure !== undefined) return
  connection.failure = reasonOf(error)
  const reason = deathRefusal(error)
  if (reason !== undefined) connections.refuse(connection, reason)
}

/** The refusal an error amounts to; undefined for one that says nothing about what was sent. */
function deathRefusal(error: Error): RefusalReason | undefined {
  const code = 'code' in error ? String(error.code) : undefined
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'packet-too-large'
  if (code?.startsWith('WS_ERR_') === true) return 'malformed-packet'
  // Other errors with a code come from the socket; all others are about what was sent.
  if (code !== undefined || plainEnds.has(error.message)) return undefined
  return error.message.startsWith('maxInflightInbound') ? 'too-many-in-flight' : 'malformed-packet'
}
