import type { CanonicalTransaction, DeviceState, StoredReading } from '../../store/index.ts'

/** Rows there is room for at first. */
const ROWS_MIN = 1_024
/** Of each reading its instant, what tells it from others of that instant, and its temperature. */
const ROW = 3
/** More series are refused. */
const SERIES_MAX = 65_536

/** A temperature that was stored: the number of its series, its instant and value. */
export type OnStored = (series: number, tMs: number, milliC: number) => void

/** What ingest calls for readings that are fine, and what it is asked for when something is not. */
export type Identity = Pick<
  CanonicalTransaction,
  | 'ahead'
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
  | 'putSilences'
  | 'count'
  | 'setCursor'
>

/** What is kept of one device. */
interface Known {
  readonly device: string
  readonly state: { -readonly [F in keyof DeviceState]: DeviceState[F] }
  readonly sensors: string[]
  /** The numbers of their series. */
  readonly series: number[]
  /** By its numbers, the instants they were used with; nothing lies behind `seqMax`. */
  seqs: Float64Array<ArrayBuffer>
  seqMax: number
}

/**
 * The identities of readings in memory, beside the real ingest: enough for readings with `at` and `seq`, whose times
 * are trusted. What it cannot keep (held, faults, readings without time) is refused, so that nothing is measured by
 * leaving it out. What is asked about every reading lies in one list for all series.
 */
export class MemoryIdentity implements Identity {
  readonly #devices = new Map<string, Known>()
  /** The one that was asked for last: several questions are about it. */
  #last: Known | undefined
  readonly #deviceOf: string[] = []
  readonly #columns: Column[] = []
  readonly #newestMs = new Float64Array(SERIES_MAX).fill(Number.NEGATIVE_INFINITY)
  readonly #contactsMs = new Float64Array(SERIES_MAX).fill(Number.NaN)
  readonly #onStored: OnStored

  constructor(onStored: OnStored) {
    this.#onStored = onStored
  }

  deviceState(device: string): DeviceState {
    return this.#known(device).state
  }

  putDeviceState(device: string, { previousReceivedAtMs, lastSeq, boot }: DeviceState): void {
    // into what is kept already, as a row of a table is written: what came need not last
    const { state } = this.#known(device)
    state.previousReceivedAtMs = previousReceivedAtMs
    state.lastSeq = lastSeq
    state.boot = boot
  }

  /** The device a series is of. */
  deviceOf(series: number): string {
    return this.#deviceOf[series] ?? ''
  }

  series(device: string, sensor: string): number {
    const { sensors, series } = this.#known(device)
    // most have one
    const known = series[sensors[0] === sensor ? 0 : sensors.indexOf(sensor, 1)]
    if (known !== undefined) return known
    const number = this.#columns.length
    if (number === SERIES_MAX) throw new Error(`there are more than ${SERIES_MAX} series`)
    sensors.push(sensor)
    series.push(number)
    this.#columns.push(new Column())
    this.#deviceOf.push(device)
    return number
  }

  at(series: number, tMs: number, sub: number): StoredReading | undefined {
    if ((this.#newestMs[series] ?? 0) < tMs) return undefined
    return this.#columns[series]?.find(series, tMs, sub)
  }

  displaced(): undefined {
    return undefined
  }

  ahead(): undefined {
    return undefined
  }

  undated(): never {
    throw new Error('the month has readings with a time only')
  }

  seqUse(device: string, boot: number, seq: number): number | undefined {
    const { seqs, seqMax } = this.#known(device)
    const atMs = boot === 0 && seq <= seqMax ? seqs[seq] : undefined
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
    known.seqMax = Math.max(known.seqMax, seq)
  }

  insert(reading: StoredReading): void {
    const { series, tMs, values } = reading
    if ((this.#newestMs[series] ?? 0) >= tMs) throw new Error('the month comes in order')
    this.#newestMs[series] = tMs
    this.#columns[series]?.add(reading)
    if (values.temperatureMilliC !== undefined) this.#onStored(series, tMs, values.temperatureMilliC)
  }

  complement(): never {
    throw new Error('the month has whole readings only')
  }

  repeat(): void {
    // the same once more changes nothing
  }

  contact(series: number): number | null {
    const contactMs = this.#contactsMs[series] ?? Number.NaN
    return Number.isNaN(contactMs) ? null : contactMs
  }

  putContact(series: number, contactMs: number): void {
    this.#contactsMs[series] = contactMs
  }

  putSilences(): void {
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
      const seqs = new Float64Array(ROWS_MIN).fill(Number.NaN)
      known = { device, state, sensors: [], series: [], seqs, seqMax: -1 }
      this.#devices.set(device, known)
    }
    this.#last = known
    return known
  }
}

/** The readings of one series by their instants. */
class Column {
  /** Not a number where there is no temperature. */
  #rows = new Float64Array(ROWS_MIN * ROW)
  #count = 0

  add({ tMs, sub, values }: StoredReading): void {
    const at = this.#count * ROW
    if (at === this.#rows.length) {
      const larger = new Float64Array(this.#rows.length * 2)
      larger.set(this.#rows)
      this.#rows = larger
    }
    this.#rows[at] = tMs
    this.#rows[at + 1] = sub
    this.#rows[at + 2] = values.temperatureMilliC ?? Number.NaN
    this.#count += 1
  }

  find(series: number, tMs: number, sub: number): StoredReading | undefined {
    let low = 0
    let high = this.#count
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#rows[middle * ROW] ?? 0) < tMs) low = middle + 1
      else high = middle
    }
    const at = low * ROW
    const isThere = low < this.#count && this.#rows[at] === tMs && this.#rows[at + 1] === sub
    if (!isThere) return undefined
    const milliC = this.#rows[at + 2] ?? Number.NaN
    const values = Number.isNaN(milliC) ? {} : { temperatureMilliC: milliC }
    const place = { index: 0, item: 0, marks: 0, payloadHash: null, receivedAtMs: tMs }
    return { series, tMs, sub, atMs: tMs, seq: sub - 1, values, ...place }
  }
}
