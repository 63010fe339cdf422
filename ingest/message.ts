import { type DeviceReading, type MessageRecord, parsePublishTopic } from '../domain/index.ts'
import { type DecodedMessage, decodeMessage, type HeldMessage } from './decode.ts'
import { plainReading } from './plain-reading.ts'
import { type HeldItem, validateItem } from './validate.ts'

/** A message of readings, each of them valid or to be held. */
export interface ReadingsOfMessage {
  readonly kind: 'readings'
  readonly readings: readonly (DeviceReading | HeldItem)[]
  /** The readings as they were sent, for what is held of them. */
  readonly items: () => readonly unknown[]
}

/** What a record says, with its readings validated. */
export function messageOf(
  record: MessageRecord,
): ReadingsOfMessage | HeldMessage | Exclude<DecodedMessage, { kind: 'readings' }> {
  const isReadings = parsePublishTopic(record.topic)?.kind === 'readings'
  const plain = isReadings ? plainReading(record.payload) : undefined
  if (plain !== undefined) return { kind: 'readings', readings: [plain], items: () => itemsOf(record) }
  const message = decodeMessage(record)
  if (message.kind !== 'readings') return message
  const { items } = message
  return {
    kind: 'readings',
    readings: items.map((raw, item) => validateItem(raw, item)),
    items: () => items,
  }
}

function itemsOf(record: MessageRecord): readonly unknown[] {
  const message = decodeMessage(record)
  return message.kind === 'readings' ? message.items : []
}
