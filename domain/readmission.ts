import { Problem } from './problem.ts'
import { decodeRecord, encodeRecord, type MessageRecord } from './record.ts'

/** A record of which something was held, and which is to be judged again. */
export interface Readmission {
  /** Its index in the log it lies in. */
  readonly index: number
  readonly record: MessageRecord
  /** That it is decided which of two readings is true; left out, everything that is held of it is judged again. */
  readonly decision?: ConflictDecision
}

/** Which one of two readings that contradict each other stands from now on. */
export interface ConflictDecision {
  /** Place of the held one in its record. */
  readonly item: number
  readonly stands: Stands
}

/** The one that is held, or the one that is stored. The number is the byte in the payload; never renumber. */
export const whoStands = { held: 1, stored: 2 } as const
/** See `whoStands`. */
export type Stands = keyof typeof whoStands

const INDEX_BYTES = 8
const DECISION_BYTES = 3
/** The first byte: indexes stay below 2^56, so in the first format it is the highest byte of one. */
const JUDGE_AGAIN = 0
const DECIDE = 1
const INDEX_BITS = 56

/**
 * The payload of a record on channel `readmission`: its format, the index in 7 bytes, for a decision the item in 2 and
 * who stands in 1, then the whole envelope of the record that is meant (`docs/wire.md`). So what comes of it follows
 * from this record and the facts alone, also when the segment of the old one is gone. It fits: with names of their
 * longest an envelope is 300 bytes longer than its payload.
 */
export function encodeReadmission({ index, record, decision }: Readmission): Uint8Array {
  const envelope = encodeRecord(record)
  const head = INDEX_BYTES + (decision === undefined ? 0 : DECISION_BYTES)
  const payload = new Uint8Array(head + envelope.length)
  const view = new DataView(payload.buffer)
  view.setBigUint64(0, BigInt(index))
  if (decision !== undefined) {
    view.setUint8(0, DECIDE)
    view.setUint16(INDEX_BYTES, decision.item)
    view.setUint8(INDEX_BYTES + 2, whoStands[decision.stands])
  }
  payload.set(envelope, head)
  return payload
}

/** Decodes that payload; throws `Problem('journal-damaged')` as `decodeRecord` does. */
export function decodeReadmission(payload: Uint8Array): Readmission {
  if (payload.length < INDEX_BYTES + DECISION_BYTES) throw damaged('length')
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength)
  const index = Number(BigInt.asUintN(INDEX_BITS, view.getBigUint64(0)))
  const format = view.getUint8(0)
  if (format === JUDGE_AGAIN) return { index, record: decodeRecord(payload.subarray(INDEX_BYTES)) }
  const stands = standsOf(view.getUint8(INDEX_BYTES + 2))
  if (format !== DECIDE || stands === undefined) throw damaged('format')
  const record = decodeRecord(payload.subarray(INDEX_BYTES + DECISION_BYTES))
  return { index, record, decision: { item: view.getUint16(INDEX_BYTES), stands } }
}

function standsOf(byte: number): Stands | undefined {
  if (byte === whoStands.held) return 'held'
  return byte === whoStands.stored ? 'stored' : undefined
}

function damaged(part: string): Problem {
  return new Problem('journal-damaged', {
    what: `A record that has another one judged again does not decode (${part}).`,
    remedy:
      'If a newer version wrote it, start that one. Else stop the service and restore the journal from a backup; do not delete the damaged segment.',
  })
}
