import { measuredKindOf } from '../batches/index.ts'
import {
  HEAT_MILLI_C,
  instantText,
  isPowerUpValue,
  maxGapFloorMs,
  maxGapMs,
  POWER_UP_MILLI_C,
} from '../domain/index.ts'
import type { FactsView, LatestRow, TemperatureRow } from '../store/index.ts'

/**
 * What is wrong with the probe that the newest row of a sensor is of, as the live stream tells it: nothing; or since
 * when, and whether it sent something that is no temperature (`impossible-value`), or what it answers before it has
 * measured (`power-up`). The engine judges the same so (docs/engine.md).
 */
export function probeFaultOf(
  view: FactsView,
  row: LatestRow,
): { readonly fault: 'impossible-value' | 'power-up' | null; readonly faultAt: string | null } {
  if (row.faultMs !== null) return { fault: 'impossible-value', faultAt: instantText(row.faultMs) }
  const isPowerUp = row.values.temperatureMilliC === POWER_UP_MILLI_C
  const fault = isPowerUp ? powerUpOf(view, row, row.earlier) : undefined
  return fault === undefined ? { fault: null, faultAt: null } : { fault, faultAt: instantText(row.tMs) }
}

/** Whether a reading of 85.000 is a power-up value, given what was at the sensor's instant before it. */
export function powerUpOf(view: FactsView, row: SensorInstant, earlier: TemperatureRow | null) {
  return isPowerUpValue(POWER_UP_MILLI_C, isHotBefore(view, row, earlier)) ? 'power-up' : undefined
}

interface SensorInstant {
  readonly device: string
  readonly sensor: string
  readonly tMs: number
}

/** Whether the instant before was hot, of the same placement, and still speaks. */
function isHotBefore(
  view: FactsView,
  { device, sensor, tMs }: SensorInstant,
  earlier: TemperatureRow | null,
): boolean {
  if (earlier === null || (earlier.temperatureMilliC ?? 0) < HEAT_MILLI_C) return false
  const placement = view.placementOf(device, sensor, earlier.tMs)
  const now = view.placementOf(device, sensor, tMs)
  if (placement?.point !== now?.point || placement?.validFrom !== now?.validFrom) return false
  const expected = view.deviceHistory(device).findLast(({ validFrom }) => validFrom <= earlier.tMs)
  const place = placement === undefined ? undefined : view.point(placement.point)?.place
  const floorMs = place === undefined ? undefined : maxGapFloorMs(measuredKindOf(view, place))
  return tMs < earlier.tMs + maxGapMs(expected?.expectedInterval ?? 0, floorMs)
}
