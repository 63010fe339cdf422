import { decodeReadmission, type MessageRecord } from '../domain/index.ts'
import type { DeviceTerms } from './identify.ts'
import { messageOf } from './message.ts'
import { judgeReadings } from './readings.ts'
import type { Slice } from './slice.ts'

/**
 * Takes a record that has another one judged again: what is still held of that one is let go and judged as it was
 * received then, by the terms of the instant of this record, and held anew where that must be. Nothing of it is live
 * any more, and what is not held stays as it is, so the same again changes nothing. The record itself counts as
 * decoded.
 */
export function readmit(
  slice: Slice,
  judgedBy: number,
  readmission: MessageRecord,
  terms: DeviceTerms,
): void {
  const { index, record } = decodeReadmission(readmission.payload)
  const tally = slice.device(readmission.deviceId).tally
  tally.decoded += 1
  const message = messageOf(record)
  const own = slice.device(record.deviceId)
  // what cannot be read stays held as it is
  if (message.kind === 'held') return
  const released = slice.tx.release(index)
  if (released.length === 0) return
  if (released.includes(null)) {
    tally.heldMessages -= 1
    tally.decoded += 1
    // what else a device once said of itself is in the journal; it is not the last it said
    if (message.kind !== 'readings') return
    const { readings } = message
    tally.readings += readings.length
    judgeReadings(slice, own, { index, record, readings, judgedBy, terms })
  } else if (message.kind === 'readings') {
    tally.heldReadings -= released.length
    const { readings } = message
    const only = new Set(released.filter((item) => item !== null))
    judgeReadings(slice, own, { index, record, readings, judgedBy, terms }, only)
  }
}
