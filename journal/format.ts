import assert from 'node:assert/strict'
import { crc32c } from './crc32c.ts'

/** Bytes of the header every segment file begins with. Fixed for all versions of the format. */
export const SEGMENT_HEADER_BYTES = 64
/** Bytes of the header every frame begins with. */
export const FRAME_HEADER_BYTES = 36
/** Segments begin at multiples of this many records, so that a sealed one becomes whole tlog-tiles entry bundles. */
export const SEGMENT_ALIGNMENT = 256
/** A frame carries at most this much: it bounds what a reader must hold in memory to check one. */
export const FRAME_PAYLOAD_BYTES_MAX = 1024 * 1024
/** Bytes in front of each record inside a frame: its length as u16. */
export const RECORD_PREFIX_BYTES = 2
/** The first bytes of every frame. */
export const FRAME_MAGIC = new TextEncoder().encode('IFRM')

const SEGMENT_MAGIC = new TextEncoder().encode('ISOTHLOG')
const FORMAT_VERSION = 1
/** Random bytes in each segment header. */
export const SALT_BYTES = 8
const SALT_AT = 24
const SEGMENT_CHECKSUM_AT = SEGMENT_HEADER_BYTES - 4
const FRAME_CHECKSUM_AT = FRAME_HEADER_BYTES - 4
const SEGMENT_NAME = /^(\d{20})\.seg$/

/** What the first 64 bytes of a file say; see the rows on headers in `decision.ts`. */
export type HeaderState = 'good' | 'torn' | 'bad' | 'unknown version' | 'misnamed'

/** A segment's checksum seed: the CRC-32C of its salt. Everything checked in a segment starts from it. */
export type Seed = number

/** The header of one commit frame. `confirmedEnd` = end of the frame before, durable when this one was written. */
export interface FrameHeader {
  readonly payloadBytes: number
  readonly firstIndex: number
  readonly confirmedEnd: number
  readonly count: number
  readonly payloadChecksum: number
}

/** Name of the segment that begins with record `firstIndex`. */
export function segmentName(firstIndex: number): string {
  return `${String(firstIndex).padStart(20, '0')}.seg`
}

/** First index told by a segment's file name; undefined when the name is not a segment's. */
export function parseSegmentName(name: string): number | undefined {
  const digits = SEGMENT_NAME.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The header of a new segment. `salt` is 8 random bytes that never leave the file. */
export function encodeSegmentHeader(firstIndex: number, salt: Uint8Array): Uint8Array {
  assert.equal(salt.length, SALT_BYTES)
  const bytes = new Uint8Array(SEGMENT_HEADER_BYTES)
  const view = new DataView(bytes.buffer)
  bytes.set(SEGMENT_MAGIC)
  view.setUint16(8, FORMAT_VERSION)
  view.setBigUint64(16, BigInt(firstIndex))
  bytes.set(salt, SALT_AT)
  view.setUint32(SEGMENT_CHECKSUM_AT, crc32c(bytes.subarray(0, SEGMENT_CHECKSUM_AT)))
  return bytes
}

/** The seed of the segment with this header. */
export function seedOf(header: Uint8Array): Seed {
  return crc32c(header.subarray(SALT_AT, SALT_AT + SALT_BYTES))
}

/**
 * Judges the first bytes (up to 64) of the file of `fileBytes` bytes that is named after `firstIndex`. A header
 * is synced before the first frame is written, so only a file without any frame can hold a `torn` one.
 */
export function judgeSegmentHeader(bytes: Uint8Array, fileBytes: number, firstIndex: number): HeaderState {
  const broken = fileBytes <= SEGMENT_HEADER_BYTES ? 'torn' : 'bad'
  if (bytes.length < SEGMENT_HEADER_BYTES) return broken
  const view = new DataView(bytes.buffer, bytes.byteOffset, SEGMENT_HEADER_BYTES)
  if (!startsWith(bytes, SEGMENT_MAGIC)) return broken
  if (view.getUint32(SEGMENT_CHECKSUM_AT) !== crc32c(bytes.subarray(0, SEGMENT_CHECKSUM_AT))) return broken
  if (view.getUint16(8) !== FORMAT_VERSION) return 'unknown version'
  const named = view.getBigUint64(16) === BigInt(firstIndex) && firstIndex % SEGMENT_ALIGNMENT === 0
  return named ? 'good' : 'misnamed'
}

/** Puts a record where the payload of a frame goes on, and returns where it ends. */
export function putRecord(target: Uint8Array, at: number, record: Uint8Array): number {
  target[at] = record.length >> 8
  target[at + 1] = record.length
  target.set(record, at + RECORD_PREFIX_BYTES)
  return at + RECORD_PREFIX_BYTES + record.length
}

/** The frame of these records in `target`; see `sealFrame`. */
export function encodeFrame(
  target: Uint8Array,
  seed: Seed,
  firstIndex: number,
  confirmedEnd: number,
  records: readonly Uint8Array[],
): number {
  let end = FRAME_HEADER_BYTES
  for (const record of records) end = putRecord(target, end, record)
  return sealFrame(target, end, seed, { firstIndex, confirmedEnd, count: records.length })
}

/**
 * Puts the header in front of a payload that ends at `end`, where the frame ends too, which is returned. `confirmedEnd`
 * is also where the frame will begin, for a frame is written only once the one before it is durable. Without records it
 * is a confirmation: it adds nothing but says that everything before it is durable.
 */
export function sealFrame(
  target: Uint8Array,
  end: number,
  seed: Seed,
  { firstIndex, confirmedEnd, count }: Pick<FrameHeader, 'firstIndex' | 'confirmedEnd' | 'count'>,
): number {
  const view = new DataView(target.buffer, target.byteOffset, target.byteLength)
  assert.ok(end - FRAME_HEADER_BYTES <= FRAME_PAYLOAD_BYTES_MAX)
  target.set(FRAME_MAGIC)
  view.setUint32(4, end - FRAME_HEADER_BYTES)
  view.setBigUint64(8, BigInt(firstIndex))
  view.setBigUint64(16, BigInt(confirmedEnd))
  view.setUint32(24, count)
  view.setUint32(28, crc32c(target.subarray(FRAME_HEADER_BYTES, end), seed))
  view.setUint32(FRAME_CHECKSUM_AT, crc32c(target.subarray(0, FRAME_CHECKSUM_AT), seed))
  return end
}

/**
 * Reads a frame header; undefined when its checksum, begun with the segment's seed, is wrong or its length is
 * beyond what we ever write.
 */
export function decodeFrameHeader(bytes: Uint8Array, seed: Seed): FrameHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES)
  if (view.getUint32(FRAME_CHECKSUM_AT) !== crc32c(bytes.subarray(0, FRAME_CHECKSUM_AT), seed))
    return undefined
  const payloadBytes = view.getUint32(4)
  if (payloadBytes > FRAME_PAYLOAD_BYTES_MAX) return undefined
  return {
    payloadBytes,
    firstIndex: Number(view.getBigUint64(8)),
    confirmedEnd: Number(view.getBigUint64(16)),
    count: view.getUint32(24),
    payloadChecksum: view.getUint32(28),
  }
}

/** True when `bytes` begin with `magic`. */
export function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return magic.every((byte, at) => bytes[at] === byte)
}

/**
 * The records of a payload, as views into it; undefined when the checksum is wrong or the record lengths do
 * not add up to exactly the payload.
 */
export function decodePayload(
  payload: Uint8Array,
  header: FrameHeader,
  seed: Seed,
): readonly Uint8Array[] | undefined {
  if (crc32c(payload, seed) !== header.payloadChecksum) return undefined
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const { buffer, byteOffset } = payload
  const records: Uint8Array[] = []
  let at = 0
  while (at + RECORD_PREFIX_BYTES <= payload.length) {
    const length = view.getUint16(at)
    at += RECORD_PREFIX_BYTES
    if (at + length > payload.length) return undefined
    // not `subarray`, which takes half as long again
    records.push(new Uint8Array(buffer, byteOffset + at, length))
    at += length
  }
  return at === payload.length && records.length === header.count ? records : undefined
}
