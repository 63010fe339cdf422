import { createHash } from 'node:crypto'
import type { DeviceReading, MessageRecord } from '../domain/index.ts'
import type { DeviceTerms, Placement, RecordContext } from './identify.ts'
import { noteFault, placeReading } from './identify.ts'
import type { Slice } from './slice.ts'
import { type HeldItem, validateItem } from './validate.ts'

/** A decoded `readings` message, where it lies, and by which record and terms it is judged. */
export interface ReadingsMessage {
  readonly index: number
  readonly record: MessageRecord
  readonly items: readonly unknown[]
  /** `index` itself, or the record that has it judged again. */
  readonly judgedBy: number
  readonly terms: DeviceTerms
}

/**
 * Gives the readings of a message their places, or holds them, and counts what became of each; `only` those at these
 * places of the message, all when left out. What the message was is known of all of them.
 */
export function judgeReadings(slice: Slice, message: ReadingsMessage, only?: ReadonlySet<number>): void {
  const { index, record, items, judgedBy, terms } = message
  const { deviceId: device, receivedAtMs } = record
  const valid = items.map((raw, item) => validateItem(raw, item))
  const context: RecordContext = {
    tx: slice.tx,
    device,
    index,
    judgedBy,
    receivedAtMs,
    terms,
    state: slice.state(device),
    crowded: crowdedSensors(valid.filter((each) => !('held' in each))),
    crowdedWithFaults: memoised(() => crowdedSensors(valid)),
    // what is judged again came then, and was of no use to anybody
    heard: (series) => {
      if (index === judgedBy) slice.heard(series, receivedAtMs, index)
    },
    payloadHash: memoised(() =>
      createHash('sha256').update(record.payload).digest().subarray(0, 8).toString('hex'),
    ),
  }
  const tally = slice.tally(device)
  for (const [item, reading] of valid.entries()) {
    if (only?.has(item) === false) continue
    const placed = 'held' in reading ? asHeld(context, reading) : placeReading(context, reading)
    if (placed.outcome !== 'held') {
      tally[placed.outcome] += 1
      continue
    }
    tally.heldReadings += 1
    const { reason, detail } = placed
    const excerpt = JSON.stringify(items[item])
    slice.hold({ index, item, device, receivedAtMs, reason, detail, excerpt })
  }
  slice.putState(device, context.state)
}

function asHeld(context: RecordContext, item: HeldItem): Placement {
  if (item.fault !== undefined) noteFault(context, item.fault)
  return { outcome: 'held', reason: item.held, detail: item.detail }
}

function crowdedSensors(readings: readonly (DeviceReading | HeldItem)[]): ReadonlySet<string> {
  const seen = new Set<string>()
  const crowded = new Set<string>()
  for (const reading of readings) {
    const sensor = 'held' in reading ? reading.fault?.sensor : reading.sensor
    if (sensor === undefined) continue
    if (seen.has(sensor)) crowded.add(sensor)
    seen.add(sensor)
  }
  return crowded
}

function memoised<T>(compute: () => T): () => T {
  let value: T | undefined
  return () => (value ??= compute())
}
