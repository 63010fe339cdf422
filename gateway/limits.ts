import { publishTopic } from '../domain/index.ts'

/** Bounds of the gateway. Every queue and every wait has one; the defaults carry their reasons. */
export interface GatewayLimits {
  /** Sockets held at once, signed in or not. */
  readonly connections: number
  /** Connections one device holds at once; the oldest is closed for a newer one. */
  readonly connectionsPerDevice: number
  /** Connections that may come at once, and how many more each second. */
  readonly arrivals: number
  readonly arrivalsPerSecond: number
  /** The same for one address. */
  readonly addressArrivals: number
  readonly addressArrivalsPerSecond: number
  /** Failed sign-ins of one address that are answered at once, and how many more each second. */
  readonly addressFailures: number
  readonly addressFailuresPerSecond: number
  /** How late the others are answered, and how many may wait for that at once. */
  readonly failureDelayMs: number
  readonly delayedFailures: number
  /** Messages of one connection that may wait for the journal before it is no longer read. */
  readonly connectionMessages: number
  /** Payload bytes of one connection that may wait for the journal before it is no longer read. */
  readonly connectionBytes: number
  /** Messages of one device, over both roads, that may wait for the journal. */
  readonly deviceMessages: number
  readonly deviceBytes: number
  /** Messages of all devices that may wait for the journal. */
  readonly totalMessages: number
  readonly totalBytes: number
  /** A socket that has not sent its CONNECT after this long is closed. */
  readonly connectTimeoutMs: number
  /** A socket that does not take what we write for this long is closed. */
  readonly drainTimeoutMs: number
  /** `stop()` waits at most this long for the journal to confirm what it was given. */
  readonly stopTimeoutMs: number
}

/** What the gateway runs with unless told otherwise. */
export const defaultLimits: GatewayLimits = {
  // 10,000 devices, with room for those that reconnect before their old connection has timed out.
  connections: 16_000,
  // One is the rule. A device behind a flapping link leaves a few half-open ones behind until keepalive ends them.
  connectionsPerDevice: 4,
  // Everybody after an outage, with a second attempt for some; then what one core can shake hands with over TLS.
  arrivals: 20_000,
  arrivalsPerSecond: 2_000,
  // 10,000 devices behind one address may all come back at once, and again within 30 s (334 a second).
  addressArrivals: 12_000,
  addressArrivalsPerSecond: 400,
  // A few devices with a secret mistyped, each trying every few seconds, are still told at once.
  addressFailures: 60,
  addressFailuresPerSecond: 1,
  failureDelayMs: 5_000,
  delayedFailures: 1_000,
  // One group commit of a busy device; above it TCP pushes back, nobody is closed.
  connectionMessages: 256,
  connectionBytes: 1_048_576,
  // All connections of a device together, so that only HTTP can ever reach it.
  deviceMessages: 1_024 + 256,
  deviceBytes: 4_194_304 + 1_048_576,
  // Half of it is the mark above which each connection may have one message under way: 16,000 connections
  // then stay below the whole. With their envelopes, both stay below the journal's queue of 65,536 and 64 MiB.
  totalMessages: 32_768,
  totalBytes: 50_331_648,
  connectTimeoutMs: 10_000,
  // Aedes holds a client's packets while its socket does not drain; long enough for a bad mobile link.
  drainTimeoutMs: 15_000,
  // Ten group commits on a disk that is nearly stalled.
  stopTimeoutMs: 10_000,
}

/** The longest keepalive taken, seconds: a silent link must be noticed within 1.5 times this. 0 would be never. */
export const KEEPALIVE_MAX_S = 3_600
/** A CONNECT's remaining length: client id, will topic and payload, user name and secret need under 2 KiB. */
export const CONNECT_BYTES_MAX = 4_096
/** A last will's payload: a status message is a few hundred bytes. */
export const WILL_PAYLOAD_BYTES_MAX = 1_024
/** SUBSCRIBE and UNSUBSCRIBE: one filter of 86 bytes is all a device may name. */
export const SUBSCRIBE_BYTES_MAX = 1_024
/** The longest topic a device can own; anything longer is foreign without reading it. */
export const TOPIC_BYTES_MAX = publishTopic('x'.repeat(64), 'responses').length
/** QoS 2 messages of one connection between PUBREC and PUBREL; they hold no payload, only their number. */
export const INBOUND_QOS2_MAX = 1_000
/** A WebSocket message is buffered whole before any of it is seen: the largest packet fits, and little more. */
export const WEBSOCKET_MESSAGE_BYTES_MAX = 65_536
