import { Problem } from './problem.ts'

/** By which road a record came in. The number is the byte in the envelope; never renumber. */
export const channels = { mqtt: 1, http: 2, ws: 3, import: 4, bridge: 5, readmission: 6 } as const
/** The name of a road; see `channels`. */
export type Channel = keyof typeof channels

/** One journalled message (design section 5). The Merkle leaf will be its whole envelope. */
export interface MessageRecord {
  /** Gateway's clock when the message was admitted, epoch ms; never decreases inside one log. */
  readonly receivedAtMs: number
  readonly deviceId: string
  readonly channel: Channel
  readonly topic: string
  readonly qos: 0 | 1 | 2
  readonly payload: Uint8Array
}

/** Where a record lies: the name of its log, and its index in it (from 0). */
export interface LogPosition {
  readonly log: string
  readonly index: number
}

/** The log device messages go to. */
export const READINGS_LOG = 'readings'

/** How lines of the log name a record, or the place where the next one will lie: `readings:123`. */
export function recordText(index: number, log: string = READINGS_LOG): string {
  return `${log}:${index}`
}

/** A record's envelope never exceeds this, so a 16-bit length always suffices. */
export const RECORD_BYTES_MAX = 65_535
/** The largest payload taken from a device; anything above closes the connection (HTTP: 413). */
export const PAYLOAD_BYTES_MAX = 61_440

const VERSION = 1
const FIXED_BYTES = 1 + 1 + 1 + 8 + 1 + 2 + 2
const RECEIVED_AT = 3
const DEVICE_AT = 11
/** By the number; nothing where there is none. */
const channelOf: (Channel | undefined)[] = []
for (const [name, number] of Object.entries(channels)) channelOf[number] = name as Channel
const encoder = new TextEncoder()
// A byte order mark is part of the text: what is decoded must encode to the same bytes.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Encodes the records of one device on one topic: what is the same in all of them is worked out once. Throws
 * `Problem('payload-too-large')` for a device id above 255 bytes.
 */
export class RecordEncoder {
  readonly #deviceId: string
  /** The envelope up to the payload's length. */
  readonly #head: Uint8Array

  constructor(deviceId: string, topic: string) {
    const device = encoder.encode(deviceId)
    const topicBytes = encoder.encode(topic)
    const length = FIXED_BYTES - 2 + device.length + topicBytes.length
    if (device.length > 255 || topicBytes.length > RECORD_BYTES_MAX) throw tooLarge(deviceId, length)
    const head = new Uint8Array(length)
    head[0] = VERSION
    head[DEVICE_AT] = device.length
    head.set(device, DEVICE_AT + 1)
    const topicAt = DEVICE_AT + 1 + device.length
    head[topicAt] = topicBytes.length >> 8
    head[topicAt + 1] = topicBytes.length
    head.set(topicBytes, topicAt + 2)
    this.#deviceId = deviceId
    this.#head = head
  }

  /**
   * The canonical envelope, byte for byte as `docs/wire.md` shows: version u8, channel u8, qos u8, receivedAtMs u64,
   * device length u8 + UTF-8, topic length u16 + UTF-8, payload length u16 + bytes; integers big-endian. Its bytes come
   * from `allocate`, which need not clear them. Throws `Problem('payload-too-large')` above 65,535 bytes.
   */
  encode(
    receivedAtMs: number,
    { channel, qos, payload }: Pick<MessageRecord, 'channel' | 'qos' | 'payload'>,
    allocate: (length: number) => Uint8Array = (length) => new Uint8Array(length),
  ): Uint8Array {
    const head = this.#head
    const length = head.length + 2 + payload.length
    if (length > RECORD_BYTES_MAX) throw tooLarge(this.#deviceId, length)
    const bytes = allocate(length)
    bytes.set(head)
    bytes[1] = channels[channel]
    bytes[2] = qos
    let rest = receivedAtMs
    for (let at = DEVICE_AT - 1; at >= RECEIVED_AT; at -= 1) {
      const higher = Math.floor(rest / 256)
      bytes[at] = rest - higher * 256
      rest = higher
    }
    bytes[head.length] = payload.length >> 8
    bytes[head.length + 1] = payload.length
    bytes.set(payload, head.length + 2)
    return bytes
  }
}

/** Encodes one record; see `RecordEncoder`. */
export function encodeRecord(record: MessageRecord): Uint8Array {
  return new RecordEncoder(record.deviceId, record.topic).encode(record.receivedAtMs, record)
}

function tooLarge(deviceId: string, length: number): Problem {
  return new Problem('payload-too-large', {
    what: `The record of device ${deviceId} would take ${length} bytes; ${RECORD_BYTES_MAX} is the most.`,
    remedy: `Send messages of at most ${PAYLOAD_BYTES_MAX} bytes.`,
  })
}

/**
 * Decodes an envelope. Throws `Problem('journal-damaged')` when the bytes are not a whole version-1
 * envelope: an envelope is written by us alone, so anything else means damage, not bad input.
 */
export function decodeRecord(bytes: Uint8Array): MessageRecord {
  const topicEnd = checkedTopicEnd(bytes)
  const channel = channelOf[byteAt(bytes, 1)]
  const qos = byteAt(bytes, 2)
  if (channel === undefined || (qos !== 0 && qos !== 1 && qos !== 2)) throw damaged('channel or qos')
  const receivedAtMs = u32At(bytes, RECEIVED_AT) * 2 ** 32 + u32At(bytes, RECEIVED_AT + 4)
  if (!Number.isSafeInteger(receivedAtMs)) throw damaged('receivedAt')
  const { deviceId, topic } = headOf(bytes, topicEnd)
  const payloadAt = topicEnd + 2
  // not `subarray`, which takes half as long again
  const payload = new Uint8Array(bytes.buffer, bytes.byteOffset + payloadAt, bytes.length - payloadAt)
  return { receivedAtMs, deviceId, channel, topic, qos, payload }
}

/** The device of an envelope, by itself. Throws `Problem('journal-damaged')` where its parts are not whole. */
export function deviceOf(bytes: Uint8Array): string {
  return headOf(bytes, checkedTopicEnd(bytes)).deviceId
}

/** Where the topic ends in an envelope of version 1 whose parts fill it. */
function checkedTopicEnd(bytes: Uint8Array): number {
  if (bytes.length < FIXED_BYTES || bytes[0] !== VERSION) throw damaged('version or length')
  const deviceEnd = deviceEndOf(bytes)
  if (deviceEnd + 4 > bytes.length) throw damaged('device length')
  const topicEnd = deviceEnd + 2 + u16At(bytes, deviceEnd)
  if (topicEnd + 2 > bytes.length) throw damaged('topic length')
  if (topicEnd + 2 + u16At(bytes, topicEnd) !== bytes.length) throw damaged('payload length')
  return topicEnd
}

function deviceEndOf(bytes: Uint8Array): number {
  return DEVICE_AT + 1 + byteAt(bytes, DEVICE_AT)
}

/**
 * A number from 0 to 2^32 - 1 that is the same for all records of a device, without decoding them: work is divided by
 * it. The bytes are a whole envelope.
 */
export function deviceHash(bytes: Uint8Array): number {
  const end = deviceEndOf(bytes)
  let hash = 0x811c9dc5
  for (let at = DEVICE_AT + 1; at < end; at += 1) hash = Math.imul(hash ^ byteAt(bytes, at), 0x01000193)
  // FNV-1a spreads upwards only, and who divides looks at the lowest bits
  return (hash ^ (hash >>> 15)) >>> 0
}

/** Device and topic of an envelope. */
interface Head {
  readonly deviceId: string
  readonly topic: string
}

/** One place for each lowest bits of the hash of a device; some 350 bytes each. */
const HEADS_MAX = 8_192
/** A longer head is decoded each time. */
const HEAD_BYTES_MAX = 128
/**
 * Heads as they were decoded last, because a device sends on the same topic again and again: comparing costs a tenth of
 * decoding, and one text for all records of a device is looked up faster.
 */
const heads: (Head | undefined)[] = Array.from({ length: HEADS_MAX })
/** What they were decoded from, lengths and all, so that the same bytes are the same head. */
const headBytes = new Uint8Array(HEADS_MAX * HEAD_BYTES_MAX)

function headOf(bytes: Uint8Array, topicEnd: number): Head {
  const deviceEnd = deviceEndOf(bytes)
  const place = deviceHash(bytes) & (HEADS_MAX - 1)
  const seen = heads[place]
  if (seen !== undefined && isHeadAt(place, bytes, topicEnd)) return seen
  const head = {
    deviceId: text(bytes.subarray(DEVICE_AT + 1, deviceEnd)),
    topic: text(bytes.subarray(deviceEnd + 2, topicEnd)),
  }
  if (topicEnd - DEVICE_AT > HEAD_BYTES_MAX) return head
  heads[place] = head
  headBytes.set(bytes.subarray(DEVICE_AT, topicEnd), place * HEAD_BYTES_MAX)
  return head
}

/** True when what lies at a place of `headBytes` is the head of these bytes. */
function isHeadAt(place: number, bytes: Uint8Array, topicEnd: number): boolean {
  if (topicEnd - DEVICE_AT > HEAD_BYTES_MAX) return false
  const from = place * HEAD_BYTES_MAX - DEVICE_AT
  for (let at = DEVICE_AT; at < topicEnd; at += 1) {
    if (headBytes[from + at] !== bytes[at]) return false
  }
  return true
}

function byteAt(bytes: Uint8Array, at: number): number {
  return bytes[at] ?? 0
}

function u16At(bytes: Uint8Array, at: number): number {
  return (byteAt(bytes, at) << 8) | byteAt(bytes, at + 1)
}

function u32At(bytes: Uint8Array, at: number): number {
  return u16At(bytes, at) * 65_536 + u16At(bytes, at + 2)
}

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch (thrown) {
    throw damaged('text', thrown)
  }
}

function damaged(part: string, cause?: unknown): Problem {
  return new Problem('journal-damaged', {
    what: `A record's envelope does not decode (${part}).`,
    remedy: 'Stop the service and restore the journal from a backup; do not delete the damaged segment.',
    cause,
  })
}
