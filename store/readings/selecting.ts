import type { NumericQuantity, Period, Selection } from './port.ts'
import { SENSOR_PATH } from './rows.ts'
import type { ColumnValue } from './sqlite.ts'

/** The value of a point's name for readings of sensors that are placed nowhere. */
export const UNPLACED = 'none'

/** The column of a quantity, in thousandths of its unit. */
export const quantityColumn = {
  temperature: 'temperature_milli_c',
  humidity: 'humidity_milli_pct',
  battery: 'battery_milli_pct',
} as const satisfies Record<NumericQuantity, string>

/** Part of a statement that picks series: device `d`, series `s`, with the parameters it needs. */
export interface SeriesPick {
  readonly from: string
  readonly where: string
  readonly values: readonly ColumnValue[]
  /** The order (t, sensor, sub); with one sensor the key of `reading` gives it without sorting. */
  readonly order: readonly string[]
}

/**
 * Picks the series of a selection, only those of `devices` when given; undefined when there can be none.
 * Places do not exist yet: every sensor is unplaced, so the point `none` means every series and no other point
 * has any.
 */
export function pickSeries(selection: Selection, devices?: readonly string[]): SeriesPick | undefined {
  const scope = devices === undefined ? '' : ' and d.id in (select value from json_each(?))'
  const scoped = devices === undefined ? [] : [JSON.stringify(devices)]
  const from = 'device d cross join series s on s.device = d.no'
  if (selection.by === 'sensor') {
    const values = [selection.device, selection.sensor, ...scoped]
    return { from, where: `d.id = ? and s.sensor = ?${scope}`, values, order: ['r.t', 'r.sub'] }
  }
  if (selection.point !== UNPLACED) return undefined
  return { from, where: `true${scope}`, values: scoped, order: ['r.t', SENSOR_PATH, 'r.sub'] }
}

/**
 * The readings of picked series in a period. `cross join` keeps the order of the tables: the period is sought
 * in each series, never over the whole table.
 */
export function inPeriod(
  pick: SeriesPick,
  period: Period,
): { readonly sql: string; readonly values: ColumnValue[] } {
  return {
    sql: `from ${pick.from} cross join reading r on r.series = s.no where ${pick.where} and r.t >= ? and r.t < ?`,
    values: [...pick.values, period.fromMs, period.toMs],
  }
}
