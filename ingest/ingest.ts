import { decodeRecord, type MessageRecord } from '../domain/index.ts'
import type { JournalEntry } from '../journal/index.ts'
import type { CanonicalTransaction } from '../store/index.ts'
import type { DeviceTerms } from './identify.ts'
import { messageOf } from './message.ts'
import { judgeReadings } from './readings.ts'
import { readmit } from './readmit.ts'
import { Slice } from './slice.ts'

/** Terms of a device at an instant, from the in-memory view of the facts. */
export type DeviceTermsAt = (device: string, atMs: number) => DeviceTerms

/**
 * Takes records in log order into the canonical store, inside the caller's transaction: canonical rows, held
 * rows, counters and the cursor become durable together. Stops early when `enough()` says so (after at least
 * one record) and returns how many it took.
 */
export function ingestSlice(
  tx: CanonicalTransaction,
  entries: readonly JournalEntry[],
  termsAt: DeviceTermsAt,
  enough: () => boolean,
): number {
  const slice = new Slice(tx)
  let taken = 0
  for (const entry of entries) {
    ingestRecord(slice, entry.index, decodeRecord(entry.bytes), termsAt)
    taken += 1
    if (enough()) break
  }
  slice.flush()
  const last = entries[taken - 1]
  if (last !== undefined) tx.setCursor('ingest', last.index + 1)
  return taken
}

function ingestRecord(slice: Slice, index: number, record: MessageRecord, termsAt: DeviceTermsAt): void {
  const { deviceId: device, receivedAtMs } = record
  if (record.channel === 'readmission') {
    return readmit(slice, index, record, termsAt(device, receivedAtMs))
  }
  const own = slice.device(device)
  const { tally } = own
  const message = messageOf(record)
  if (message.kind === 'held') {
    tally.heldMessages += 1
    slice.holdMessage(index, record, message)
    return
  }
  tally.decoded += 1
  if (message.kind !== 'readings') {
    slice.tx.putLastMessage(device, message.kind, receivedAtMs, message.json)
    return
  }
  const { readings } = message
  tally.readings += readings.length
  const whole = { index, record, readings, judgedBy: index, terms: termsAt(device, receivedAtMs) }
  const { lastSeq, boot } = judgeReadings(slice, own, whole)
  own.state = { previousReceivedAtMs: receivedAtMs, lastSeq, boot }
}
