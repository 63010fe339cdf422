import { type MessageRecord, SILENCE_MS_MIN } from '../domain/index.ts'
import type {
  CanonicalTransaction,
  DeviceCounts,
  DeviceState,
  HeldRow,
  SeriesSilence,
} from '../store/index.ts'

const DETAIL_CHARACTERS_MAX = 200
const EXCERPT_CHARACTERS_MAX = 2_000

/** Counters of a device that are being added to. */
export type Tally = { -readonly [C in keyof DeviceCounts]: DeviceCounts[C] }

/** What records of one device share: the transaction, and what is written once for all at the end. */
export class Slice {
  readonly tx: CanonicalTransaction
  readonly device: string
  readonly tally: Tally = emptyTally()
  #state: DeviceState | undefined
  readonly #contacts = new Map<number, number>()
  readonly #silences = new Map<number, SeriesSilence[]>()

  constructor(tx: CanonicalTransaction, device: string) {
    this.tx = tx
    this.device = device
  }

  /** What the device was like before, and is after what was taken so far. */
  get state(): DeviceState {
    return this.#state ?? this.tx.deviceState(this.device)
  }

  set state(state: DeviceState) {
    this.#state = state
  }

  /** A temperature of the series came; where long none had, or never one, that is kept. */
  heard(series: number, receivedAtMs: number, index: number): void {
    const lastMs = this.#contacts.get(series) ?? this.tx.contact(series)
    if (lastMs !== null && receivedAtMs - lastMs >= SILENCE_MS_MIN) {
      const silence = { fromMs: lastMs, toMs: receivedAtMs, index }
      const own = this.#silences.get(series)
      if (own === undefined) this.#silences.set(series, [silence])
      else own.push(silence)
    }
    this.#contacts.set(series, receivedAtMs)
  }

  /** Holds a reading; details and excerpts are cut to what is kept of them. */
  hold(row: HeldRow): void {
    this.tx.hold({
      ...row,
      detail: row.detail.slice(0, DETAIL_CHARACTERS_MAX),
      excerpt: row.excerpt.slice(0, EXCERPT_CHARACTERS_MAX),
    })
  }

  /** Holds a whole message, with the start of its payload as text. */
  holdMessage(
    index: number,
    { deviceId: device, receivedAtMs, payload }: MessageRecord,
    { reason, detail }: Pick<HeldRow, 'reason' | 'detail'>,
  ): void {
    const excerpt = Buffer.from(payload).toString('utf8')
    this.hold({ index, item: null, device, receivedAtMs, reason, detail, excerpt })
  }

  /** Writes counters, state, contacts and silences; nothing is taken into it any more. */
  flush(): void {
    this.tx.count(this.device, this.tally)
    if (this.#state !== undefined) this.tx.putDeviceState(this.device, this.#state)
    for (const [series, contactMs] of this.#contacts) this.tx.putContact(series, contactMs)
    for (const [series, silences] of this.#silences) this.tx.putSilences(series, silences)
  }
}

function emptyTally(): Tally {
  return {
    decoded: 0,
    heldMessages: 0,
    readings: 0,
    stored: 0,
    complement: 0,
    duplicate: 0,
    heldReadings: 0,
  }
}
