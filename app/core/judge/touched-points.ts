import type { FedRow } from '../../../domain/index.ts'
import type { ChangedSpan, FactsView, SensorSilence } from '../../../store/index.ts'
import { type Changed, together } from './changed.ts'
import { pointsByLabels } from './labels.ts'

/** Which points have to be judged again when something has changed. */
export class TouchedPoints {
  readonly #view: FactsView
  /** Points at which a device is or was placed; a point is never removed, because its past stays. */
  readonly #pointsOfDevice = new Map<string, Set<string>>()
  /** By point, the version of the facts its devices were looked up in. */
  readonly #notedAt = new Map<string, number>()

  constructor(view: FactsView) {
    this.#view = view
  }

  /** The judged points of sensors about which something has changed within spans, each with the span of it all. */
  bySpans(spans: readonly ChangedSpan[]): ReadonlyMap<string, Changed> {
    const points = new Map<string, Changed>()
    for (const { device, sensor, firstMs, lastMs } of spans) {
      for (const { standing, point, validFrom, validTo } of this.#view.placementHistory(device, sensor)) {
        const toMs = Math.min(lastMs, (validTo ?? Number.POSITIVE_INFINITY) - 1)
        const fromMs = Math.max(firstMs, validFrom)
        if (standing !== 'judged' || fromMs > toMs) continue
        const before = points.get(point)
        points.set(point, before === undefined ? { fromMs, toMs } : together(before, { fromMs, toMs }))
      }
    }
    return points
  }

  /** Where the sensor was while it was silent. */
  bySilence({ device, sensor, fromMs, toMs }: SensorSilence): readonly string[] {
    return this.#view
      .placementHistory(device, sensor)
      .filter(({ standing, validFrom, validTo }) => {
        return standing === 'judged' && validFrom < toMs && (validTo === null || fromMs < validTo)
      })
      .map(({ point }) => point)
  }

  /** Points whose facts a row may change; the row it supersedes was of one of them, or of the same device. */
  byFact(fed: FedRow): readonly string[] {
    const view = this.#view
    // they are among those of their unit, whose labels it may change
    if (fed.table === 'point' || fed.table === 'place') return pointsByLabels(view, fed)
    if (fed.table === 'duty') return view.pointsOf(fed.row.place).map(({ id }) => id)
    if (fed.table === 'device') return [...(this.#pointsOfDevice.get(fed.row.id) ?? [])]
    if (fed.table === 'placement') {
      return [fed.row.point, ...(this.#pointsOfDevice.get(fed.row.device) ?? [])]
    }
    return fed.table === 'rule_activation' ? view.pointIds() : pointsByLabels(view, fed)
  }

  /** Keeps which devices are or were at a point; as long as no fact has changed, it is known. */
  noteDevicesOf(point: string): void {
    if (this.#notedAt.get(point) === this.#view.version) return
    this.#notedAt.set(point, this.#view.version)
    const period = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
    for (const { device } of this.#view.placementsAt(point, period)) {
      const points = this.#pointsOfDevice.get(device)
      if (points === undefined) this.#pointsOfDevice.set(device, new Set([point]))
      else points.add(point)
    }
  }
}
