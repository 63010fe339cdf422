import { createHash } from 'node:crypto'
import type { DeviceReading, MessageRecord } from '../domain/index.ts'
import type { CanonicalTransaction, DeviceState } from '../store/index.ts'
import type { DeviceTerms, LostDelivery, Placement, RecordContext } from './identify.ts'
import { noteFault, placeReading } from './identify.ts'
import { itemsOf } from './message.ts'
import type { Slice } from './slice.ts'
import { type HeldItem, sentMeasurements } from './validate.ts'

/** Sensors of a message that has one reading. */
const nobody: ReadonlySet<string> = new Set()

/** The readings of a message, where it lies, and by which record and terms it is judged. */
export interface ReadingsMessage {
  readonly index: number
  readonly record: MessageRecord
  readonly readings: readonly (DeviceReading | HeldItem)[]
  /** `index` itself, or the record that has it judged again. */
  readonly judgedBy: number
  readonly terms: DeviceTerms
  /** Somebody decided that it is what is true; false where left out. */
  readonly isChosen?: boolean
}

/**
 * Gives the readings of a message their places, or holds them, and counts in the slice what became of each; `only`
 * those at these places of the message, all when left out. What the message was is known of all of them. Answers the
 * device's state.
 */
export function judgeReadings(
  slice: Slice,
  message: ReadingsMessage,
  only?: ReadonlySet<number>,
): DeviceState {
  const { index, record, readings } = message
  const { deviceId: device, receivedAtMs } = record
  const { tally } = slice
  const context = new MessageContext(slice, message, slice.state)
  for (let item = 0; item < readings.length; item += 1) {
    const reading = readings[item]
    if (reading === undefined || only?.has(item) === false) continue
    const placed = 'held' in reading ? asHeld(context, reading) : placeReading(context, reading)
    if (placed.outcome !== 'held') {
      tally[placed.outcome] += 1
      continue
    }
    tally.heldReadings += 1
    const { reason, detail } = placed
    const excerpt = JSON.stringify(context.items()[item])
    slice.hold({ index, item, device, receivedAtMs, reason, detail, excerpt })
  }
  slice.state = context.state
  return context.state
}

/** What is the same for all readings of a message. */
class MessageContext implements RecordContext {
  readonly tx: CanonicalTransaction
  readonly device: string
  readonly index: number
  readonly judgedBy: number
  readonly receivedAtMs: number
  readonly terms: DeviceTerms
  readonly isChosen: boolean
  readonly crowded: ReadonlySet<string>
  state: DeviceState
  readonly #slice: Slice
  readonly #readings: readonly (DeviceReading | HeldItem)[]
  readonly #record: MessageRecord
  #items: readonly unknown[] | undefined
  #crowdedWithFaults: ReadonlySet<string> | undefined
  #payloadHash: string | undefined

  constructor(
    slice: Slice,
    { index, judgedBy, record, readings, terms, isChosen = false }: ReadingsMessage,
    state: DeviceState,
  ) {
    this.tx = slice.tx
    this.device = record.deviceId
    this.index = index
    this.judgedBy = judgedBy
    this.receivedAtMs = record.receivedAtMs
    this.terms = terms
    this.isChosen = isChosen
    this.crowded =
      readings.length === 1 ? nobody : crowdedSensors(readings.filter((each) => !('held' in each)))
    this.state = state
    this.#slice = slice
    this.#readings = readings
    this.#record = record
  }

  crowdedWithFaults(): ReadonlySet<string> {
    return (this.#crowdedWithFaults ??= crowdedSensors(this.#readings))
  }

  heard(series: number): void {
    // what is judged again came then, and was of no use to anybody
    if (this.index === this.judgedBy) this.#slice.heard(series, this.receivedAtMs, this.index)
  }

  /** The readings as they were sent; read once more when first asked for. */
  items(): readonly unknown[] {
    return (this.#items ??= itemsOf(this.#record))
  }

  lose(outcome: 'stored' | 'complement', delivery: LostDelivery): void {
    const { tally } = this.#slice
    tally[outcome] -= 1
    tally.heldReadings += 1
    const { device, judgedBy: decidedBy } = this
    this.#slice.hold({ ...delivery, device, reason: 'conflict', decidedBy })
  }

  faultContent(item: number): string {
    // what a probe at fault sends may be a text of any length
    return hashOf(JSON.stringify(sentMeasurements(this.items()[item])))
  }

  payloadHash(): string {
    return (this.#payloadHash ??= hashOf(this.#record.payload))
  }
}

/** SHA-256, first 8 bytes as hex. */
function hashOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest().subarray(0, 8).toString('hex')
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
