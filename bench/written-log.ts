import { createHash } from 'node:crypto'
import { closeSync, fsyncSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { encodeRecord } from '../domain/index.ts'
import {
  encodeFrame,
  encodeSegmentHeader,
  FRAME_HEADER_BYTES,
  RECORD_PREFIX_BYTES,
  SALT_BYTES,
  SEGMENT_ALIGNMENT,
  SEGMENT_HEADER_BYTES,
  seedOf,
  segmentName,
} from '../journal/format.ts'

/** As the journal ends its segments: at the first multiple of 256 records after this many bytes. */
const SEGMENT_BYTES_MAX = 64 * 1024 * 1024
/** Records of one frame: what a busy gateway syncs together. A multiple of 256, so that segments end with frames. */
const FRAME_RECORDS = 2 * SEGMENT_ALIGNMENT
/** Written at once. */
const BUFFER_BYTES = 8 * 1024 * 1024
const RECEIVED_AT_MS = 1_795_401_600_000

/** A log of valid records in segment files of the real format, as a gateway leaves it that was killed. */
export interface WrittenLog {
  readonly records: number
  readonly bytes: number
  readonly segments: number
  readonly recordBytes: number
  /** Path and size of the last segment: as long as one can get, which is the most that opening must read. */
  readonly last: string
  readonly lastBytes: number
  /** SHA-256 of the last record, as cursors are bound to it. */
  readonly lastSha256: Uint8Array
}

/** Writes whole segments into an empty folder until they hold at least `least` records. All records are equal. */
export function writeLog(directory: string, least: number, tell: (sentence: string) => void): WrittenLog {
  const payload = new TextEncoder().encode(`{"at":${RECEIVED_AT_MS},"seq":7,"temperature":4.21}`)
  const topic = 'isotherm/v1/fridge-7/readings'
  const message = { deviceId: 'fridge-7', channel: 'mqtt', topic, qos: 1, payload } as const
  const record = encodeRecord({ ...message, receivedAtMs: RECEIVED_AT_MS })
  mkdirSync(directory, { recursive: true })
  const log = { records: 0, bytes: 0, segments: 0, last: '', lastBytes: 0 }
  while (log.records < least) {
    log.last = join(directory, segmentName(log.records))
    const { records, bytes } = writeSegment(log.last, log.records, record)
    log.records += records
    log.bytes += bytes
    log.lastBytes = bytes
    log.segments += 1
    if (log.segments % 10 === 0) tell(`${log.records} of ${least} records written`)
  }
  const lastSha256 = createHash('sha256').update(record).digest()
  return { ...log, recordBytes: record.length, lastSha256 }
}

function writeSegment(path: string, firstIndex: number, record: Uint8Array) {
  const frameBytes = FRAME_HEADER_BYTES + FRAME_RECORDS * (RECORD_PREFIX_BYTES + record.length)
  const buffer = new Uint8Array(BUFFER_BYTES)
  const records = Array.from({ length: FRAME_RECORDS }, () => record)
  const header = encodeSegmentHeader(firstIndex, new Uint8Array(SALT_BYTES).fill(firstIndex % 251))
  const seed = seedOf(header)
  const file = openSync(path, 'wx')
  try {
    buffer.set(header)
    let [filled, end, index] = [SEGMENT_HEADER_BYTES, SEGMENT_HEADER_BYTES, firstIndex]
    while (end < SEGMENT_BYTES_MAX) {
      if (filled + frameBytes > buffer.length) {
        writeSync(file, buffer, 0, filled)
        filled = 0
      }
      filled += encodeFrame(buffer.subarray(filled), seed, index, end, records)
      end += frameBytes
      index += FRAME_RECORDS
    }
    writeSync(file, buffer, 0, filled)
    fsyncSync(file)
    return { records: index - firstIndex, bytes: end }
  } finally {
    closeSync(file)
  }
}
