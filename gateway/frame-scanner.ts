import type { RefusalReason } from '../domain/index.ts'
import { PAYLOAD_BYTES_MAX } from '../domain/index.ts'
import { CONNECT_BYTES_MAX, SUBSCRIBE_BYTES_MAX, TOPIC_BYTES_MAX } from './limits.ts'

/** Why a byte stream is not taken any further. */
export type FrameRefusal = Extract<RefusalReason, 'packet-too-large' | 'malformed-packet' | 'foreign-topic'>

/** Where a PUBLISH and its parts lie in given bytes; what stands behind the topic at QoS 1 is the packet id. */
export interface PublishLayout {
  readonly qos: 0 | 1
  readonly packetAt: number
  readonly topicAt: number
  readonly topicEnd: number
  readonly payloadAt: number
  readonly payloadEnd: number
}

const CONNECT = 0x10

/** True for the first byte of a PUBLISH, whatever its flags (MQTT 3.1.1 section 3.3.1). */
export function isPublish(firstByte: number): boolean {
  return firstByte >> 4 === 3
}

const TOPIC_LENGTH_BYTES = 2
const PACKET_ID_BYTES = 2
const PUBLISH_BYTES_MAX = TOPIC_LENGTH_BYTES + TOPIC_BYTES_MAX + PACKET_ID_BYTES + PAYLOAD_BYTES_MAX
/** A remaining length takes at most 4 bytes (MQTT 3.1.1 section 2.2.3). */
const LENGTH_BYTES_MAX = 4

/** Remaining length allowed for each first byte a client may send, PUBLISH apart (MQTT 3.1.1 table 2.2). */
const remainingByFirstByte = new Map([
  [CONNECT, { least: 12, most: CONNECT_BYTES_MAX }],
  [0x40, { least: 2, most: 2 }], // PUBACK
  [0x50, { least: 2, most: 2 }], // PUBREC
  [0x62, { least: 2, most: 2 }], // PUBREL
  [0x70, { least: 2, most: 2 }], // PUBCOMP
  [0x82, { least: 6, most: SUBSCRIBE_BYTES_MAX }],
  [0xa2, { least: 5, most: SUBSCRIBE_BYTES_MAX }], // UNSUBSCRIBE
  [0xc0, { least: 0, most: 0 }], // PINGREQ
  [0xe0, { least: 0, most: 0 }], // DISCONNECT
])

/**
 * Follows the packets of one MQTT 3.1.1 client through a byte stream, however it is cut into chunks, and refuses
 * a packet as soon as the bytes that announce it have been seen: for a PUBLISH those are the fixed header and the
 * topic's length, since the payload's length is what remains. Holds a few numbers, never the bytes.
 */
export class FrameScanner {
  /** Set once; the stream is not to be read any further. */
  refusal: FrameRefusal | undefined
  /** First byte of the packet under way, or of the last one. */
  firstByte = 0
  /** Payload length of the PUBLISH under way, or of the last packet; 0 for other packets. */
  payloadBytes = 0
  /** Topic length of the PUBLISH under way, or of the last one. */
  topicBytes = 0
  #expects: 'first' | 'length' | 'topic-high' | 'topic-low' | 'body' = 'first'
  #connected = false
  #remaining = 0
  #lengthBytes = 0

  /** True when the next byte begins a packet. */
  get between(): boolean {
    return this.#expects === 'first'
  }

  /** Reads from `from` to the end of the packet under way or of the chunk; returns where it stopped. */
  read(chunk: Uint8Array, from: number): number {
    let at = from
    while (at < chunk.length) {
      if (this.#expects === 'body') {
        const step = Math.min(this.#remaining, chunk.length - at)
        at += step
        this.#remaining -= step
        if (this.#remaining === 0) this.#expects = 'first'
      } else {
        this.#takeByte(chunk[at] ?? 0)
        at += 1
      }
      if (this.between || this.refusal !== undefined) return at
    }
    return at
  }

  #takeByte(byte: number): void {
    switch (this.#expects) {
      case 'first':
        return this.#takeFirst(byte)
      case 'length':
        return this.#takeLength(byte)
      case 'topic-high':
        this.topicBytes = byte << 8
        this.#expects = 'topic-low'
        return undefined
      case 'topic-low':
        this.topicBytes += byte
        return this.#checkPublish()
      case 'body':
        return undefined
    }
  }

  #takeFirst(byte: number): void {
    const qos = (byte >> 1) & 3
    const known = isPublish(byte) ? qos !== 3 : remainingByFirstByte.has(byte)
    // CONNECT comes first, and once (MQTT-3.1.0-1, MQTT-3.1.0-2)
    if (!known || this.#connected === (byte === CONNECT)) this.refusal = 'malformed-packet'
    this.#connected = true
    this.firstByte = byte
    this.payloadBytes = 0
    this.#remaining = 0
    this.#lengthBytes = 0
    this.#expects = 'length'
  }

  #takeLength(byte: number): void {
    this.#remaining += (byte & 0x7f) << (7 * this.#lengthBytes)
    this.#lengthBytes += 1
    if ((byte & 0x80) === 0) return this.#checkLength()
    if (this.#lengthBytes === LENGTH_BYTES_MAX) this.refusal = 'malformed-packet'
  }

  #checkLength(): void {
    const { least, most } = remainingByFirstByte.get(this.firstByte) ?? {
      least: TOPIC_LENGTH_BYTES,
      most: PUBLISH_BYTES_MAX,
    }
    if (this.#remaining > most) this.refusal = most <= 2 ? 'malformed-packet' : 'packet-too-large'
    else if (this.#remaining < least) this.refusal = 'malformed-packet'
    else if (isPublish(this.firstByte)) this.#expects = 'topic-high'
    else this.#expects = this.#remaining === 0 ? 'first' : 'body'
  }

  #checkPublish(): void {
    const packetIdBytes = (this.firstByte & 0b110) === 0 ? 0 : PACKET_ID_BYTES
    this.#remaining -= TOPIC_LENGTH_BYTES
    this.payloadBytes = this.#remaining - this.topicBytes - packetIdBytes
    if (this.topicBytes > TOPIC_BYTES_MAX) this.refusal = 'foreign-topic'
    else if (this.payloadBytes < 0) this.refusal = 'malformed-packet'
    else if (this.payloadBytes > PAYLOAD_BYTES_MAX) this.refusal = 'packet-too-large'
    this.#expects = this.#remaining === 0 ? 'first' : 'body'
  }
}
