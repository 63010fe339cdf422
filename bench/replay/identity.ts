import type { CanonicalTransaction, DeviceState, StoredReading } from '../../store/index.ts'

const CAPACITY_MIN = 1_024
const NOTHING = -2_147_483_648

/** A temperature that was stored: its device, instant and value. */
export type OnStored = (device: string, tMs: number, milliC: number) => void

/** What ingest calls for readings that are fine, and what it is asked for when something is not. */
export type Identity = Pick<
  CanonicalTransaction,
  | 'deviceState'
  | 'putDeviceState'
  | 'series'
  | 'at'
  | 'displaced'
  | 'undated'
  | 'seqUse'
  | 'putSeqUse'
  | 'insert'
  | 'complement'
  | 'repeat'
  | 'contact'
  | 'putContact'
  | 'putSilence'
  | 'count'
  | 'setCursor'
>

/** What is kept of one device. */
interface Known {
  readonly device: string
  state: DeviceState
  /** Numbers of its series by sensor. */
  readonly series: Map<string, number>
  /** By its numbers, the instants they were used with. */
  seqs: Float64Array<ArrayBuffer>
}

/**
 * The identities of readings in memory, beside the real ingest: enough for readings with `at` and `seq`, whose times
 * are trusted. What it cannot keep (held, faults, readings without time) is refused, so that nothing is measured by
 * leaving it out.
 */
export class MemoryIdentity implements Identity {
  readonly #devices = new Map<string, Known>()
  /** The one that was asked for last: several questions are about it. */
  #last: Known | undefined
  readonly #columns: Column[] = []
  readonly #contacts = new Map<number, number>()
  readonly #onStored: OnStored

  constructor(onStored: OnStored) {
    this.#onStored = onStored
  }

  deviceState(device: string): DeviceState {
    return this.#known(device).state
  }

  putDeviceState(device: string, state: DeviceState): void {
    this.#known(device).state = state
  }

  series(device: string, sensor: string): number {
    const { series } = this.#known(device)
    let number = series.get(sensor)
    if (number === undefined) {
      series.set(sensor, (number = this.#columns.length))
      this.#columns.push(new Column(device))
    }
    return number
  }

  at(series: number, tMs: number, sub: number): StoredReading | undefined {
    return this.#columns[series]?.find(series, tMs, sub)
  }

  displaced(): undefined {
    return undefined
  }

  undated(): never {
    throw new Error('the month has readings with a time only')
  }

  seqUse(device: string, boot: number, seq: number): number | undefined {
    const atMs = boot === 0 ? this.#known(device).seqs[seq] : undefined
    return atMs === undefined || Number.isNaN(atMs) ? undefined : atMs
  }

  putSeqUse(device: string, boot: number, seq: number, atMs: number): void {
    if (boot !== 0) throw new Error('the month has one boot of each device')
    const known = this.#known(device)
    if (seq >= known.seqs.length) {
      const larger = new Float64Array(Math.max(seq + 1, known.seqs.length * 2)).fill(Number.NaN)
      larger.set(known.seqs)
      known.seqs = larger
    }
    known.seqs[seq] = atMs
  }

  insert(reading: StoredReading): void {
    const column = this.#columns[reading.series]
    column?.add(reading)
    const { temperatureMilliC } = reading.values
    if (column === undefined || temperatureMilliC === undefined) return
    this.#onStored(column.device, reading.tMs, temperatureMilliC)
  }

  complement(): never {
    throw new Error('the month has whole readings only')
  }

  repeat(): void {
    // the same once more changes nothing
  }

  contact(series: number): number | null {
    return this.#contacts.get(series) ?? null
  }

  putContact(series: number, contactMs: number): void {
    this.#contacts.set(series, contactMs)
  }

  putSilence(): void {
    // silences are not judged here
  }

  count(): void {
    // the counters are checked by what was stored
  }

  setCursor(): void {
    // there is one pass
  }

  #known(device: string): Known {
    if (this.#last?.device === device) return this.#last
    let known = this.#devices.get(device)
    if (known === undefined) {
      const state = { previousReceivedAtMs: null, lastSeq: null, boot: 0 }
      const seqs = new Float64Array(CAPACITY_MIN).fill(Number.NaN)
      this.#devices.set(device, (known = { device, state, series: new Map(), seqs }))
    }
    this.#last = known
    return known
  }
}

/** The readings of one series by their instants. */
class Column {
  readonly device: string
  #times = new Float64Array(CAPACITY_MIN)
  #subs = new Uint32Array(CAPACITY_MIN)
  #milliC = new Int32Array(CAPACITY_MIN)
  #count = 0

  constructor(device: string) {
    this.device = device
  }

  add({ tMs, sub, values }: StoredReading): void {
    if (this.#count > 0 && (this.#times[this.#count - 1] ?? 0) >= tMs) {
      throw new Error('the month comes in order')
    }
    if (this.#count === this.#times.length) this.#grow()
    this.#times[this.#count] = tMs
    this.#subs[this.#count] = sub
    this.#milliC[this.#count] = values.temperatureMilliC ?? NOTHING
    this.#count += 1
  }

  find(series: number, tMs: number, sub: number): StoredReading | undefined {
    if (this.#count === 0 || (this.#times[this.#count - 1] ?? 0) < tMs) return undefined
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#times[middle] ?? 0) < tMs) low = middle + 1
      else high = middle
    }
    const isThere = low < this.#count && this.#times[low] === tMs && this.#subs[low] === sub
    if (!isThere) return undefined
    const milliC = this.#milliC[low] ?? NOTHING
    const values = milliC === NOTHING ? {} : { temperatureMilliC: milliC }
    const place = { index: 0, item: 0, marks: 0, payloadHash: null, receivedAtMs: tMs }
    return { series, tMs, sub, atMs: tMs, seq: sub - 1, values, ...place }
  }

  #grow(): void {
    const length = this.#times.length * 2
    const [times, subs, milliC] = [new Float64Array(length), new Uint32Array(length), new Int32Array(length)]
    times.set(this.#times)
    subs.set(this.#subs)
    milliC.set(this.#milliC)
    this.#times = times
    this.#subs = subs
    this.#milliC = milliC
  }
}
