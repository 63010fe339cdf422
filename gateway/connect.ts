import type { ConnectPacket } from 'aedes'
import type { RefusalReason } from '../domain/index.ts'
import { publishTopic } from '../domain/index.ts'
import { KEEPALIVE_MAX_S, WILL_PAYLOAD_BYTES_MAX } from './limits.ts'

/** The only protocol level taken: MQTT 3.1.1 (its section 3.1.2.2). */
const MQTT_3_1_1 = 4

/** Why a CONNECT is refused before anybody's secret is looked at; undefined when nothing is wrong with it. */
export function connectRefusal(packet: ConnectPacket): RefusalReason | undefined {
  if (packet.protocolVersion !== MQTT_3_1_1) return 'unsupported-protocol'
  // A kept session would grow here without bound while its device is away; the device keeps its data itself.
  if (packet.clean !== true) return 'persistent-session'
  const keepalive = packet.keepalive ?? 0
  if (keepalive < 1 || keepalive > KEEPALIVE_MAX_S) return 'bad-keepalive'
  return packet.will === undefined ? undefined : willRefusal(packet.will, packet.username ?? '')
}

/**
 * The id the broker keeps the connection under: the device's own name space, so that a connection can only take
 * over another one of the same device (MQTT-3.1.4-2), which its secret proves right after. `nth` tells clients
 * apart that leave the choice to us (MQTT-3.1.3-6).
 */
export function ownClientId(packet: ConnectPacket, nth: number): string {
  return `${packet.username ?? ''}/${packet.clientId === '' ? `/${nth}` : packet.clientId}`
}

/** CONNACK return codes (MQTT 3.1.1 table 3.1); every other refusal is 5, not authorised. */
const connackCodes: Partial<Record<RefusalReason, 1 | 3 | 4>> = {
  'unsupported-protocol': 1,
  'journal-unavailable': 3,
  'too-many-in-flight': 3,
  'unknown-device': 4,
  'wrong-secret': 4,
}

/** What a refused CONNECT is answered. An unknown device and a wrong secret look the same from outside. */
export function connackCode(reason: RefusalReason): 1 | 3 | 4 | 5 {
  return connackCodes[reason] ?? 5
}

/** A CONNACK packet (MQTT 3.1.1 section 3.2). */
export function connack(code: number): Uint8Array {
  return Uint8Array.of(0x20, 2, 0, code)
}

function willRefusal(will: NonNullable<ConnectPacket['will']>, deviceId: string): RefusalReason | undefined {
  if (will.topic !== publishTopic(deviceId, 'status')) return 'foreign-topic'
  if (will.payload.length > WILL_PAYLOAD_BYTES_MAX) return 'packet-too-large'
  // The broker's parser takes QoS 3 here (MQTT-3.1.2-14).
  return will.qos === 0 || will.qos === 1 || will.qos === 2 ? undefined : 'malformed-packet'
}
