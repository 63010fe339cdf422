import { decodeRecord, type MessageRecord } from '../domain/index.ts'
import type { JournalEntry } from '../journal/index.ts'
import type { CanonicalTransaction } from '../store/index.ts'
import type { DeviceTerms } from './identify.ts'
import { messageOf } from './message.ts'
import { judgeReadings } from './readings.ts'
import { readmit } from './readmit.ts'
import { Slice } from './slice.ts'
import { Stretch } from './stretch.ts'

/** Terms of a device at an instant, from the in-memory view of the facts. */
export type DeviceTermsAt = (device: string, atMs: number) => DeviceTerms

/**
 * Takes a stretch of the log into the canonical store, inside the caller's transaction: canonical rows, held rows,
 * counters and the cursor become durable together. It goes device by device, so that what belongs together in the
 * store is touched once; of a device it takes the records in log order, and nothing in a record is about another
 * device. It yields after each record, to be gone on with whenever the caller likes.
 */
export function* ingestSteps(
  tx: CanonicalTransaction,
  stretch: Stretch,
  termsAt: DeviceTermsAt,
): Generator<void, void, void> {
  for (const [device, own] of stretch.byDevice()) {
    const slice = new Slice(tx, device)
    for (const entry of own) {
      ingestRecord(slice, entry.index, decodeRecord(entry.bytes), termsAt)
      yield
    }
    slice.flush()
  }
  if (stretch.size > 0) tx.setCursor('ingest', stretch.next)
}

/** Takes these records at once; see `ingestSteps`. */
export function ingestStretch(
  tx: CanonicalTransaction,
  entries: readonly JournalEntry[],
  termsAt: DeviceTermsAt,
): void {
  for (const _ of ingestSteps(tx, Stretch.of(entries), termsAt));
}

function ingestRecord(slice: Slice, index: number, record: MessageRecord, termsAt: DeviceTermsAt): void {
  const { deviceId: device, receivedAtMs } = record
  if (record.channel === 'readmission') {
    return readmit(slice, index, record, termsAt(device, receivedAtMs))
  }
  const { tally } = slice
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
  const { lastSeq, boot } = judgeReadings(slice, whole)
  slice.state = { previousReceivedAtMs: receivedAtMs, lastSeq, boot }
}
