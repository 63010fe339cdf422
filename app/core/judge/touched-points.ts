import type { FedRow, Measurements, PlacementFact } from '../../../domain/index.ts'
import type { ChangedRow, FactsView, FaultSpan, SensorSilence } from '../../../store/index.ts'
import { type Changed, together } from './changed.ts'
import { pointsByLabels } from './labels.ts'
import type { Touched } from './point-judge.ts'

/** Which points have to be judged again when something has changed. */
export class TouchedPoints {
  readonly #view: FactsView
  /** Points at which a device is or was placed; a point is never removed, because its past stays. */
  readonly #pointsOfDevice = new Map<string, Set<string>>()

  constructor(view: FactsView) {
    this.#view = view
  }

  /** The judged points of rows and faults, each with the earliest and the latest instant among them. */
  byRows(rows: readonly ChangedRow[], faults: readonly FaultSpan[]): ReadonlyMap<string, Changed> {
    const view = this.#view
    const points = new Map<string, Changed>()
    const add = (placement: PlacementFact | undefined, fromMs: number, toMs: number): void => {
      if (placement?.standing !== 'judged') return
      const added = { fromMs, toMs }
      points.set(placement.point, together(points.get(placement.point) ?? added, added))
    }
    for (const { device, sensor, tMs, values } of rows) {
      if (isJudged(values)) add(view.placementOf(device, sensor, tMs), tMs, tMs)
    }
    for (const { device, sensor, firstMs, lastMs } of faults) {
      for (const placement of view.placementHistory(device, sensor)) {
        const { validFrom, validTo } = placement
        if (validFrom <= lastMs && firstMs < (validTo ?? lastMs + 1))
          add(placement, Math.max(firstMs, validFrom), lastMs)
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

  /** Keeps which devices are or were at a point. */
  noteDevicesOf(point: string): void {
    const period = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }
    for (const { device } of this.#view.placementsAt(point, period)) {
      const points = this.#pointsOfDevice.get(device)
      if (points === undefined) this.#pointsOfDevice.set(device, new Set([point]))
      else points.add(point)
    }
  }
}

/** Whether any rule can be about what was measured. */
function isJudged({ temperatureMilliC, doorOpen, mainsPower, batteryMilliPct }: Measurements): boolean {
  return [temperatureMilliC, doorOpen, mainsPower, batteryMilliPct].some((value) => value !== undefined)
}

/** Nothing about a point has changed. */
export const untouched: Touched = {
  values: { fromMs: Number.POSITIVE_INFINITY, toMs: Number.NEGATIVE_INFINITY },
  silenceMs: Number.POSITIVE_INFINITY,
  timeCounts: false,
}

/** Records have changed something about a point, and not facts or time alone. */
export function isByRecords({ values, silenceMs }: Touched): boolean {
  return Math.min(values.fromMs, silenceMs) < Number.POSITIVE_INFINITY
}
