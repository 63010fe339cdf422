import { type DeviceReading, type MessageRecord, publishedKindOf } from '../domain/index.ts'
import { type DecodedMessage, decodeMessage, type HeldMessage } from './decode.ts'
import { plainReading } from './plain-reading.ts'
import { type HeldItem, validateItem } from './validate.ts'

/** A message of readings, each of them valid or to be held. */
export interface ReadingsOfMessage {
  readonly kind: 'readings'
  readonly readings: readonly (DeviceReading | HeldItem)[]
}

/** What a record says, with its readings validated. */
export function messageOf(
  record: MessageRecord,
): ReadingsOfMessage | HeldMessage | Exclude<DecodedMessage, { kind: 'readings' }> {
  const plain = publishedKindOf(record.topic) === 'readings' ? plainReading(record.payload) : undefined
  if (plain !== undefined) return { kind: 'readings', readings: [plain] }
  const message = decodeMessage(record)
  if (message.kind !== 'readings') return message
  return { kind: 'readings', readings: message.items.map((raw, item) => validateItem(raw, item)) }
}

/**
 * The readings of a record as they were sent, for what is held of them: read once more, because hardly any are held.
 */
export function itemsOf(record: MessageRecord): readonly unknown[] {
  const message = decodeMessage(record)
  return message.kind === 'readings' ? message.items : []
}
