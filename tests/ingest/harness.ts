import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { MessageRecord, Stands } from '../../domain/index.ts'
import { decodeRecord, encodeReadmission, encodeRecord, publishTopic } from '../../domain/index.ts'
import { type DeviceTerms, ingestStretch } from '../../ingest/index.ts'
import { type CanonicalStore, openCanonicalReads, openCanonicalStore } from '../../store/index.ts'

/** Reception time of the first record of a test. */
export const START_MS = Date.UTC(2026, 10, 23, 2, 40)
const MINUTE_MS = 60_000

interface Message {
  /** Sent as it is when a string or bytes, else as JSON. */
  readonly payload: unknown
  readonly receivedAtMs: number
}

/** A canonical store in a folder of its own, fed record by record through the real ingest. */
export class IngestHarness {
  store: CanonicalStore
  readonly #folder = mkdtempSync(join(tmpdir(), 'isotherm-ingest-'))
  readonly path = join(this.#folder, 'readings.sqlite')
  terms: DeviceTerms = { acceptFromMs: START_MS - 60 * 1440 * MINUTE_MS, expectedIntervalMs: 5 * MINUTE_MS }
  readonly #records: Uint8Array[] = []

  constructor() {
    this.store = openCanonicalStore({ path: this.path })
  }

  /** Ingests one record; `payload` is sent as it is when a string or bytes, else as JSON. */
  receive(payload: unknown, given: Partial<MessageRecord> = {}): void {
    this.receiveSlices([[{ payload, receivedAtMs: given.receivedAtMs ?? START_MS }]], given)
  }

  /** Ingests records of one device, slice by slice, in one transaction: what costs time is the commit. */
  receiveSlices(slices: readonly (readonly Message[])[], given: Partial<MessageRecord> = {}): void {
    const deviceId = given.deviceId ?? 'fridge-1'
    const topic = publishTopic(deviceId, 'readings')
    const entriesOf = (slice: readonly Message[]) =>
      slice.map(({ payload, receivedAtMs }) => {
        const sent = { channel: 'mqtt', topic, qos: 1, payload: bytesOf(payload) } as const
        const bytes = encodeRecord({ ...sent, ...given, deviceId, receivedAtMs })
        return { index: this.#records.push(bytes) - 1, bytes }
      })
    this.store.transact((tx) => {
      for (const slice of slices) {
        ingestStretch(tx, entriesOf(slice), () => this.terms)
      }
    })
    this.store.transact((tx) => {
      tx.countJournalled(deviceId, slices.flat().length)
      tx.setCursor('census', this.#records.length)
    })
  }

  /** Closes the store and opens it again. */
  restart(): void {
    this.store.close()
    this.store = openCanonicalStore({ path: this.path })
  }

  /** How many records there are. */
  get received(): number {
    return this.#records.length
  }

  /** Has a record judged again, by what `terms` is now. */
  readmit(index: number, receivedAtMs: number): void {
    const record = decodeRecord(this.#records[index] ?? new Uint8Array())
    this.#receiveAbout(record, encodeReadmission({ index, record }), receivedAtMs)
  }

  /** Has it decided of a held reading whether it stands from now on, or what is stored. */
  decide(index: number, item: number, stands: Stands, receivedAtMs: number): void {
    const record = decodeRecord(this.#records[index] ?? new Uint8Array())
    const decision = { item, stands }
    this.#receiveAbout(record, encodeReadmission({ index, record, decision }), receivedAtMs)
  }

  /** Every record, in order. */
  get records(): readonly Uint8Array[] {
    return this.#records
  }

  #receiveAbout({ deviceId, topic }: MessageRecord, payload: Uint8Array, receivedAtMs: number): void {
    this.receive(payload, { deviceId, topic, receivedAtMs, channel: 'readmission' })
  }

  reads(): ReturnType<typeof openCanonicalReads> {
    return openCanonicalReads({ path: this.path })
  }

  close(): void {
    this.store.close()
    rmSync(this.#folder, { recursive: true })
  }
}

function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) return payload
  return Buffer.from(typeof payload === 'string' ? payload : JSON.stringify(payload))
}
