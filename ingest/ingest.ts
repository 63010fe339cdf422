import { createHash } from 'node:crypto'
import type { DeviceReading, MessageRecord } from '../domain/index.ts'
import { decodeRecord } from '../domain/index.ts'
import type { JournalEntry } from '../journal/index.ts'
import type { CanonicalTransaction, DeviceCounts, DeviceState, HeldRow } from '../store/index.ts'
import { decodeMessage } from './decode.ts'
import type { DeviceTerms, Placement, RecordContext } from './identify.ts'
import { noteFault, placeReading } from './identify.ts'
import { type HeldItem, validateItem } from './validate.ts'

/** Terms of a device at an instant, from the in-memory view of the facts. */
export type DeviceTermsAt = (device: string, atMs: number) => DeviceTerms

const DETAIL_CHARACTERS_MAX = 200
const EXCERPT_CHARACTERS_MAX = 2_000

type Tally = { -readonly [C in keyof DeviceCounts]: DeviceCounts[C] }
const nothing: DeviceCounts = {
  decoded: 0,
  heldMessages: 0,
  readings: 0,
  stored: 0,
  complement: 0,
  duplicate: 0,
  heldReadings: 0,
}

/** What one slice of records shares: the transaction, and per device the counters and the state, written once. */
class Slice {
  readonly tx: CanonicalTransaction
  readonly #tallies = new Map<string, Tally>()
  readonly #states = new Map<string, DeviceState>()

  constructor(tx: CanonicalTransaction) {
    this.tx = tx
  }

  tally(device: string): Tally {
    let tally = this.#tallies.get(device)
    if (tally === undefined) this.#tallies.set(device, (tally = { ...nothing }))
    return tally
  }

  state(device: string): DeviceState {
    let state = this.#states.get(device)
    if (state === undefined) this.#states.set(device, (state = this.tx.deviceState(device)))
    return state
  }

  putState(device: string, state: DeviceState): void {
    this.#states.set(device, state)
  }

  hold(row: HeldRow): void {
    this.tx.hold({
      ...row,
      detail: row.detail.slice(0, DETAIL_CHARACTERS_MAX),
      excerpt: row.excerpt.slice(0, EXCERPT_CHARACTERS_MAX),
    })
  }

  flush(): void {
    for (const [device, tally] of this.#tallies) this.tx.count(device, tally)
    for (const [device, state] of this.#states) this.tx.putDeviceState(device, state)
  }
}

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
  const device = record.deviceId
  const tally = slice.tally(device)
  const message = decodeMessage(record)
  if (message.kind === 'held') {
    tally.heldMessages += 1
    const { reason, detail } = message
    const excerpt = Buffer.from(record.payload).toString('utf8')
    slice.hold({ index, item: null, device, receivedAtMs: record.receivedAtMs, reason, detail, excerpt })
    return
  }
  tally.decoded += 1
  if (message.kind !== 'readings') {
    slice.tx.putLastMessage(device, message.kind, record.receivedAtMs, message.json)
    return
  }
  ingestReadings(slice, index, record, message.items, termsAt)
}

function ingestReadings(
  slice: Slice,
  index: number,
  record: MessageRecord,
  items: readonly unknown[],
  termsAt: DeviceTermsAt,
): void {
  const device = record.deviceId
  const valid = items.map((raw, item) => validateItem(raw, item))
  const context: RecordContext = {
    tx: slice.tx,
    device,
    index,
    receivedAtMs: record.receivedAtMs,
    terms: termsAt(device, record.receivedAtMs),
    state: slice.state(device),
    crowded: crowdedSensors(valid.filter((each) => !('held' in each))),
    crowdedWithFaults: memoised(() => crowdedSensors(valid)),
    payloadHash: memoised(() =>
      createHash('sha256').update(record.payload).digest().subarray(0, 8).toString('hex'),
    ),
  }
  const tally = slice.tally(device)
  for (const [item, reading] of valid.entries()) {
    tally.readings += 1
    const placed = 'held' in reading ? asHeld(context, reading) : placeReading(context, reading)
    if (placed.outcome !== 'held') {
      tally[placed.outcome] += 1
      continue
    }
    tally.heldReadings += 1
    const { reason, detail } = placed
    const excerpt = JSON.stringify(items[item])
    slice.hold({ index, item, device, receivedAtMs: record.receivedAtMs, reason, detail, excerpt })
  }
  slice.putState(device, { ...context.state, previousReceivedAtMs: record.receivedAtMs })
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
