import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries'
import { colours } from './colours.ts'
import { LAST_HOUR, SHOWN, SHOWN_AND_HOUR_BEFORE } from './influxql.ts'
import { coloured, GAP_MS, lines, type PanelSpec } from './panels.ts'
import { influxQuery, INFLUX, type Query } from './sources.ts'
import type { Words } from './words.ts'

/** What is noted at the start of an hour holds up to the next; a little more, so that the line is whole. */
export const HOUR_GAP_MS = 3_900_000

/** Highest and lowest temperatures by a tag, both under its name: nothing is lost in a mean. */
export function extremes(where: string, tag: 'point' | 'place'): readonly Query[] {
  const query = (fn: string) =>
    `SELECT ${fn}("temperature") AS "temperature" FROM "reading" WHERE ${SHOWN} AND ${where} ` +
    `GROUP BY time($__interval), "${tag}" fill(null)`
  return [
    influxQuery('A', query('max'), { alias: `$tag_${tag}` }),
    influxQuery('B', query('min'), { alias: `$tag_${tag}` }),
  ]
}

/** The tightest limits in force: as they were noted, and the last of them up to the right edge. */
function limits(where: string): readonly Query[] {
  const query = (time: string, fill: string) =>
    `SELECT max("low") AS "low", min("high") AS "high" FROM "point_limit" WHERE ${time} AND ${where} ` +
    `GROUP BY time($__interval) fill(${fill})`
  return [
    influxQuery('L', query(SHOWN_AND_HOUR_BEFORE, 'null'), { alias: '$col' }),
    influxQuery('N', query(LAST_HOUR, 'previous'), { alias: '$col' }),
  ]
}

/** Lines of temperature by a tag; with the limits of the points where they have some in common. */
export function temperatureLines(
  words: Words,
  spec: Omit<PanelSpec, 'unit' | 'source' | 'queries'>,
  of: { readonly where: string; readonly tag: 'point' | 'place'; readonly limits?: string },
): PanelBuilder {
  const queries = [...extremes(of.where, of.tag), ...(of.limits === undefined ? [] : limits(of.limits))]
  const panel = lines({ ...spec, unit: 'celsius', source: INFLUX, queries }, GAP_MS)
    .decimals(1)
    .interval('1m')
    .overrideByQuery('B', [{ id: 'custom.hideFrom', value: { legend: true, tooltip: false, viz: false } }])
  if (of.limits === undefined) return panel
  return withLimitLines(panel, [
    ['high', words.series.high, colours.warm],
    ['low', words.series.low, colours.cold],
  ])
}

/** Dashed steps for what is called so. */
export function withLimitLines(
  panel: PanelBuilder,
  named: readonly (readonly [field: string, title: string, color: string])[],
): PanelBuilder {
  for (const [field, title, color] of named) {
    panel.overrideByName(field, [
      { id: 'displayName', value: title },
      coloured(color),
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 6] } },
      { id: 'custom.lineInterpolation', value: 'stepAfter' },
      { id: 'custom.lineWidth', value: 2 },
      { id: 'custom.showPoints', value: 'never' },
      { id: 'custom.spanNulls', value: HOUR_GAP_MS },
    ])
  }
  return panel
}
