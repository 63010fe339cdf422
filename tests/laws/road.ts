import type { Contact, PointInput, PointReading } from '../../alerts/index.ts'
import { openFindingReads } from '../../store/index.ts'
import { minute, ruleOf } from '../alerts/series.ts'
import { IngestHarness } from '../ingest/harness.ts'
import type { Road } from './any-run.ts'
import { type Delivery, inOrderOf } from './deliveries.ts'

/** Everything has come long before this: what is sent is late, and numbered, so it is taken. */
const RECEIVED_MS = minute(600)
const OTHER_BY = 1.5
/** How long the sensor of the road may be silent. */
export const SILENT_MS = 20 * 60_000

/** What is kept of deliveries: the readings, and how their sensor was heard. */
export interface Kept {
  readonly readings: readonly PointReading[]
  readonly contact: Omit<Contact, 'fromMs' | 'toMs'>
}

/** The real way of a reading: ingest with its store, one device a run. */
export class RealRoad {
  readonly #harness = new IngestHarness()
  readonly #reads = this.#harness.reads()
  readonly #findingReads = openFindingReads({ path: this.#harness.path })
  #runs = 0

  /** Sends the messages; answers what the judge is given after each of them, and how many conflicts are held. */
  send({ readings, sent, sizes }: Road): { given: readonly PointReading[][]; conflicts: number } {
    this.#runs += 1
    const deviceId = `device-${this.#runs}`
    const piece = { device: deviceId, sensor: 'main', fromMs: minute(0), toMs: minute(1_000) }
    const reads = this.#harness.reads()
    const given: PointReading[][] = []
    let rest = [...sent]
    for (let nth = 0; rest.length > 0; nth += 1) {
      const size = sizes[nth % sizes.length] ?? 1
      const items = rest.slice(0, size).map(({ seq, other }) => {
        const { at = 0, temperature } = readings[seq] ?? {}
        const isOther = other && typeof temperature === 'number'
        return { at: minute(at), seq, temperature: isOther ? temperature + OTHER_BY : temperature }
      })
      rest = rest.slice(size)
      this.#harness.receive(items, { deviceId, receivedAtMs: RECEIVED_MS })
      given.push(reads.temperatures(piece).map(({ tMs, temperatureMilliC: value }) => ({ tMs, value })))
    }
    if (!reads.balance(deviceId).balanced) throw new Error('the counters of the device do not add up')
    const held = reads.heldPage({ devices: [deviceId], reason: 'conflict' }, 1_000).items
    reads.close()
    return { given, conflicts: held.length }
  }

  /** Has messages ingested in slices of these sizes, in turn; the store is opened anew in the midst if asked. */
  deliver(deliveries: readonly Delivery[], sizes: readonly number[], isRestarted: boolean): Kept {
    this.#runs += 1
    const deviceId = `device-${this.#runs}`
    const messages = deliveries.map(({ received, items }) => {
      const payload = items.map(({ at, ...sent }) => (at === null ? sent : { ...sent, at: minute(at) }))
      return { payload, receivedAtMs: minute(received) }
    })
    const slices: (typeof messages)[] = []
    for (let from = 0; from < messages.length; from += slices.at(-1)?.length ?? 0) {
      slices.push(messages.slice(from, from + (sizes[slices.length % sizes.length] ?? 1)))
    }
    const before = isRestarted ? slices.splice(0, 1 + Math.floor(slices.length / 2)) : []
    if (isRestarted) {
      this.#harness.receiveSlices(before, { deviceId })
      this.#harness.restart()
    }
    this.#harness.receiveSlices(slices, { deviceId })
    if (!this.#reads.balance(deviceId).balanced) throw new Error('the counters of the device do not add up')
    const piece = { device: deviceId, sensor: 'main', fromMs: minute(0), toMs: minute(1_000) }
    const readings = this.#reads.temperatures(piece)
    return {
      readings: inOrderOf(readings.map(({ tMs, temperatureMilliC: value }) => ({ tMs, value }))),
      contact: this.#findingReads.contactOf(deviceId, 'main', Number.MIN_SAFE_INTEGER),
    }
  }

  close(): void {
    this.#reads.close()
    this.#findingReads.close()
    this.#harness.close()
  }
}

/** What the judge must be given in the end: each reading as it first came; what is no temperature is a fault. */
export function expectedOf({ readings }: Road): PointReading[] {
  return readings.map(({ at, temperature }) => {
    const isValue = typeof temperature === 'number' && temperature >= -200 && temperature <= 200
    return { tMs: minute(at), value: isValue ? Math.round(temperature * 1_000) : null }
  })
}

/** A refrigerator in service that is judged by an instant, a lasting and a cold rule, and may not be silent. */
export function roadPoint(readings: readonly PointReading[]): PointInput {
  const always = { fromMs: minute(0), toMs: null }
  const rules = ['> 8', '>= 7.5 for 10', '< 2', `silent for ${SILENT_MS / 60_000}`].map((text, nth) => {
    return { ...always, packVersion: 1, rule: { ...ruleOf(text), id: `road/${nth}` } }
  })
  return {
    point: 'point',
    quantity: 'temperature',
    place: 'place',
    zone: 'UTC',
    placeKind: 'refrigerator',
    role: 'product',
    life: always,
    placements: [always],
    expectedIntervals: [{ ...always, expectedIntervalMs: 5 * 60_000 }],
    duties: [],
    rules,
    readings,
  }
}
