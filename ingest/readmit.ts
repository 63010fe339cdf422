import { decodeReadmission, type MessageRecord, type Readmission } from '../domain/index.ts'
import type { DeviceTerms } from './identify.ts'
import { messageOf } from './message.ts'
import { judgeReadings } from './readings.ts'
import type { Slice } from './slice.ts'

/**
 * Takes a record that has another one judged again: what is still held of that one is let go and judged as it was
 * received then, by the terms of the instant of this record, and held anew where that must be. Nothing of it is live
 * any more, and what is not held, or decided, stays as it is, so the same again changes nothing. The record itself
 * counts as decoded. Or it takes the decision such a record carries.
 */
export function readmit(
  slice: Slice,
  judgedBy: number,
  readmission: MessageRecord,
  terms: DeviceTerms,
): void {
  const { index, record, decision } = decodeReadmission(readmission.payload)
  const { tally } = slice
  tally.decoded += 1
  if (decision !== undefined) return decide(slice, judgedBy, { index, record, decision }, terms)
  const message = messageOf(record)
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
    judgeReadings(slice, { index, record, readings, judgedBy, terms })
  } else if (message.kind === 'readings') {
    tally.heldReadings -= released.length
    const { readings } = message
    const only = new Set(released.filter((item) => item !== null))
    judgeReadings(slice, { index, record, readings, judgedBy, terms }, only)
  }
}

/**
 * Takes the decision about a reading that is held for contradicting a stored one. What is not held so changes nothing.
 */
function decide(
  slice: Slice,
  judgedBy: number,
  { index, record, decision }: Required<Readmission>,
  terms: DeviceTerms,
): void {
  const { tx } = slice
  const { item, stands } = decision
  const delivery = { index, item }
  if (tx.heldFor(delivery) !== 'conflict') return
  if (stands === 'stored') return tx.putDecided(delivery, judgedBy)
  const message = messageOf(record)
  if (message.kind !== 'readings' || message.readings[item] === undefined) return
  tx.releaseOne(delivery)
  slice.tally.heldReadings -= 1
  const { readings } = message
  const whole = { index, record, readings, judgedBy, terms, isChosen: true }
  judgeReadings(slice, whole, new Set([item]))
}
