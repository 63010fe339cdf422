import { hourOf, HOUR_MS, laneOf, lotsSpokenFor } from '../../../batches/index.ts'
import type { FactColumns, FedRow } from '../../../domain/index.ts'
import type { ChangedSpan, FactsView } from '../../../store/index.ts'
import { TouchedPoints } from '../judge/touched-points.ts'

/** Hours of a lot that have to be written again, [fromMs, toMs) of whole hours. */
export interface StaleHours {
  readonly fromMs: number
  readonly toMs: number
  /** True when the lot may have been elsewhere than what is written says: that is taken away first. */
  readonly isMoved: boolean
}

const NO_HOURS: StaleHours = { fromMs: 0, toMs: 0, isMoved: false }
/** Of the past of a lot no more is written again: who watches a chart does not look back further. */
const PAST_MS_MAX = 400 * 86_400_000

/** Which hours of which lots are no more what readings and facts say. */
export class StaleLots {
  readonly #view: FactsView
  readonly #touched: TouchedPoints
  readonly #hours = new Map<string, StaleHours>()
  /** Rows that may be superseded, by table and number. */
  readonly #rows = new Map<string, FactColumns>()

  constructor(view: FactsView) {
    this.#view = view
    this.#touched = new TouchedPoints(view)
    for (const point of view.pointIds()) this.#touched.noteDevicesOf(point)
    for (const fed of view.rows()) {
      if (isOneOf(remembered, fed)) this.#rows.set(`${fed.table} ${fed.row.fact}`, fed.row)
    }
  }

  get size(): number {
    return this.#hours.size
  }

  /** Those that have stale hours. */
  lots(): readonly string[] {
    return [...this.#hours.keys()]
  }

  /** The stale hours of a lot; none, where nothing is marked. */
  hoursOf(lot: string): StaleHours {
    return this.#hours.get(lot) ?? NO_HOURS
  }

  /** Hours of a lot up to an instant are written. */
  written(lot: string, toMs: number): void {
    const stale = this.#hours.get(lot)
    if (stale === undefined) return
    if (stale.toMs <= toMs) this.#hours.delete(lot)
    else this.#hours.set(lot, { ...stale, fromMs: toMs })
  }

  /** What is written of the marked hours of a lot is taken away; they are those in which it was anywhere. */
  cleared(lot: string): void {
    const { fromMs, toMs } = this.hoursOf(lot)
    this.#hours.set(lot, { fromMs, toMs, isMoved: false })
    this.written(lot, hourOf(Math.max(fromMs, this.#firstMs(lot) ?? toMs)))
  }

  #firstMs(lot: string): number | undefined {
    return this.#view.custodyOf(lot)[0]?.validFrom
  }

  /** Marks hours of a lot while it was anywhere, up to the hours that are due; of one that moved, also those before. */
  mark(lot: string, fromMs: number, toMs: number, isMoved = false): void {
    const begin = isMoved ? fromMs : Math.max(fromMs, this.#firstMs(lot) ?? toMs)
    const hours = { fromMs: hourOf(Math.max(begin, toMs - PAST_MS_MAX)), toMs: hourOf(toMs), isMoved }
    if (hours.fromMs >= hours.toMs) return
    const before = this.#hours.get(lot) ?? hours
    this.#hours.set(lot, {
      fromMs: Math.min(before.fromMs, hours.fromMs),
      toMs: Math.max(before.toMs, hours.toMs),
      isMoved: before.isMoved || isMoved,
    })
  }

  /** Marks every lot that is anywhere at or after an instant. */
  markAll(fromMs: number, toMs: number): void {
    for (const lot of this.#view.lotIds()) {
      const isThere = this.#view
        .custodyOf(lot)
        .some(({ validFrom, validTo }) => validFrom < toMs && (validTo === null || validTo > fromMs))
      if (isThere) this.mark(lot, fromMs, toMs)
    }
  }

  /** Marks whole lives of lots that are somewhere now. */
  markLives(toMs: number): void {
    for (const lot of this.#view.lotIds()) {
      const isOpen = this.#view.custodyOf(lot).some(({ validTo }) => validTo === null)
      if (isOpen) this.mark(lot, Number.MIN_SAFE_INTEGER, toMs)
    }
  }

  /** Marks what readings or faults lie in, as far as it is before `doneMs`: later hours are written when over. */
  markReadings(spans: readonly ChangedSpan[], doneMs: number): void {
    const late = spans.filter(({ firstMs }) => firstMs < doneMs)
    for (const [point, { fromMs, toMs }] of this.#touched.bySpans(late)) {
      const fact = this.#view.point(point)
      if (fact === undefined) continue
      const period = { fromMs, toMs: toMs + 1 }
      // a reading speaks for a while, also after the hour it was taken in
      const spokenMs = toMs + laneOf(this.#view, fact, period).longestGapMs
      for (const lot of lotsSpokenFor(this.#view, point, { fromMs, toMs: spokenMs + 1 })) {
        this.mark(lot, fromMs, Math.min(hourOf(spokenMs) + HOUR_MS, doneMs))
      }
    }
  }

  /** Marks what a change of the facts is about, up to `doneMs`. */
  markFact(fed: FedRow, doneMs: number): void {
    const view = this.#view
    const fromMs = this.#sinceOf(fed)
    if (fed.table === 'custody') this.mark(fed.row.lot, fromMs, doneMs, true)
    if (fed.table === 'lot') this.mark(fed.row.id, fromMs, doneMs, true)
    if (fed.table === 'product') {
      for (const lot of view.lotIds()) {
        if (view.lot(lot)?.product === fed.row.id) this.mark(lot, Number.MIN_SAFE_INTEGER, doneMs)
      }
    }
    if (!isOneOf(placing, fed)) return
    for (const point of this.#touched.byFact(fed)) {
      this.#touched.noteDevicesOf(point)
      for (const lot of lotsSpokenFor(view, point, { fromMs, toMs: doneMs })) this.mark(lot, fromMs, doneMs)
    }
  }

  /** From when on a row says something else than the one it supersedes; that one is no more in the view. */
  #sinceOf(fed: FedRow): number {
    if (!isOneOf(remembered, fed)) return Number.MIN_SAFE_INTEGER
    const { table, row } = fed
    const before = row.supersedes === null ? undefined : this.#rows.get(`${table} ${row.supersedes}`)
    if (row.supersedes !== null) this.#rows.delete(`${table} ${row.supersedes}`)
    this.#rows.set(`${table} ${row.fact}`, row)
    if (row.supersedes === null) return row.validFrom
    if (before === undefined) return Number.MIN_SAFE_INTEGER
    if (contentOf(before) !== contentOf(row)) return Math.min(before.validFrom, row.validFrom)
    return Math.min(before.validTo ?? Number.MAX_SAFE_INTEGER, row.validTo ?? Number.MAX_SAFE_INTEGER)
  }
}

/** Tables that decide which sensors speak for a lot, and for how long. */
const placing = ['placement', 'point', 'place', 'device'] as const
/** Tables of which a row is compared with the one it supersedes. */
const remembered = [...placing, 'custody', 'lot'] as const

type RowOf<T extends FedRow['table']> = Extract<FedRow, { readonly table: T }>

function isOneOf<T extends FedRow['table']>(tables: readonly T[], fed: FedRow): fed is RowOf<T> {
  return (tables as readonly string[]).includes(fed.table)
}

const apart: ReadonlySet<string> = new Set([
  'fact',
  'validTo',
  'recordedAt',
  'recordedBy',
  'reason',
  'supersedes',
])

/** What a row says and since when, without when it ends and how it was recorded. */
function contentOf(row: FactColumns): string {
  return JSON.stringify(row, (name, value: unknown) => (apart.has(name) ? undefined : value))
}
