import { decodeRecord, encodeRecord, type MessageRecord } from './record.ts'

/** A record of which something was held, and which is to be judged again. */
export interface Readmission {
  /** Its index in the log it lies in. */
  readonly index: number
  readonly record: MessageRecord
}

const INDEX_BYTES = 8

/**
 * The payload of a record on channel `readmission`: the index as u64 big-endian, then the whole envelope of the record
 * that is to be judged again. So what comes of it follows from this record and the facts alone, also when the segment
 * of the old one is gone. It fits: with names of their longest an envelope is 300 bytes longer than its payload.
 */
export function encodeReadmission({ index, record }: Readmission): Uint8Array {
  const envelope = encodeRecord(record)
  const payload = new Uint8Array(INDEX_BYTES + envelope.length)
  new DataView(payload.buffer).setBigUint64(0, BigInt(index))
  payload.set(envelope, INDEX_BYTES)
  return payload
}

/** Decodes that payload; throws `Problem('journal-damaged')` as `decodeRecord` does. */
export function decodeReadmission(payload: Uint8Array): Readmission {
  const record = decodeRecord(payload.subarray(INDEX_BYTES))
  const view = new DataView(payload.buffer, payload.byteOffset, INDEX_BYTES)
  return { index: Number(view.getBigUint64(0)), record }
}
