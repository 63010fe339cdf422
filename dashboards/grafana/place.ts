import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { RulePack } from '../../domain/index.ts'
import { findingAnnotations } from './annotations.ts'
import { dashboardOf } from './dashboard.ts'
import { excursionTable } from './finding-tables.ts'
import { BEGAN, OF_PLACE, OF_POINT, SHOWN } from './influxql.ts'
import { batterySteps } from './limits.ts'
import { doorMappings, powerMappings } from './mappings.ts'
import { type AnyPanel, dashedThresholds, lines, stat, states, thresholds } from './panels.ts'
import { pointColumns, pointQueries } from './site.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { table } from './tables.ts'
import { temperatureLines } from './temperature.ts'
import { influxVariable, isothermVariable, placeVariable, pointVariable, siteVariable } from './variables.ts'
import { dictionary, type Language, type PanelWords } from './words.ts'

const OF_POINTS = `${OF_PLACE} AND ${OF_POINT}`

/** One place with all its points. */
export function placeDashboard(language: Language, packs: readonly RulePack[]): Dashboard {
  const words = dictionary[language]
  const { place, empty } = words
  const temperature = { id: 2, words: place.temperature, size: [24, 11], empty: empty.readings } as const
  const panels = [
    newest(place.newest, empty.readings),
    temperatureLines(words, temperature, { where: OF_POINTS, tag: 'point', limits: OF_POINTS }),
    table(
      {
        id: 3,
        words: place.points,
        size: [12, 8],
        empty: empty.readings,
        source: INFLUX,
        queries: pointQueries(OF_POINTS),
      },
      pointColumns(language),
      { joinedBy: 'point' },
    ),
    excursionTable(language, { id: 4, words: place.findings, size: [12, 8] }, `${BEGAN} AND ${OF_PLACE}`),
    doorStates(language, { id: 5, words: place.door }),
    powerStates(language),
    humidity(language),
    battery(language, packs),
  ]
  return dashboardOf({
    name: 'place',
    language,
    words: place,
    from: 'now-24h',
    // oxlint-disable-next-line no-template-curly-in-string -- Grafana puts the variable in
    page: 'place/${place:percentencode}',
    variables: [
      influxVariable(words),
      siteVariable(words, 'some'),
      placeVariable(words),
      pointVariable(words),
      isothermVariable(words),
    ],
    annotations: findingAnnotations(language, OF_PLACE),
    panels,
  })
}

function newest(words: PanelWords, empty: string): AnyPanel {
  const query = `SELECT last("temperature") AS "temperature" FROM "reading" WHERE ${SHOWN} AND ${OF_POINTS} GROUP BY "point"`
  const queries = [influxQuery('A', query, { alias: '$tag_point' })]
  const spec = { id: 1, words, size: [24, 4], unit: 'celsius', empty, source: INFLUX, queries } as const
  return stat(spec).decimals(1)
}

/** The door contacts of the place chosen. */
export function doorStates(
  language: Language,
  { id, words, size = [12, 5] }: { id: number; words: PanelWords; size?: readonly [number, number] },
): AnyPanel {
  const said = dictionary[language]
  const queries = [influxQuery('A', lastStates('door_open'), { alias: '$tag_point' })]
  const spec = { id, words, size, unit: 'none', empty: said.empty.door, source: INFLUX, queries }
  return states(spec, doorMappings(said)).interval('1m')
}

function powerStates(language: Language): AnyPanel {
  const words = dictionary[language]
  const queries = [influxQuery('A', lastStates('mains_power'), { alias: '$tag_point' })]
  const rest = { unit: 'none', empty: words.empty.power, source: INFLUX, queries }
  return states({ id: 6, words: words.place.power, size: [12, 5], ...rest }, powerMappings(words)).interval(
    '1m',
  )
}

function lastStates(field: string): string {
  const of = `SELECT last("${field}") AS "${field}" FROM "reading" WHERE ${SHOWN} AND ${OF_POINTS}`
  return `${of} GROUP BY time($__interval), "point" fill(none)`
}

function overTime(fn: string, field: string): string {
  const of = `SELECT ${fn}("${field}") AS "${field}" FROM "reading" WHERE ${SHOWN} AND ${OF_POINTS}`
  return `${of} GROUP BY time($__interval), "point" fill(null)`
}

function humidity(language: Language): AnyPanel {
  const { place, empty } = dictionary[language]
  const queries = [influxQuery('A', overTime('mean', 'humidity'), { alias: '$tag_point' })]
  const rest = { unit: 'percent', empty: empty.humidity, source: INFLUX, queries }
  return lines({ id: 7, words: place.humidity, size: [12, 7], ...rest })
    .decimals(0)
    .interval('1m')
}

function battery(language: Language, packs: readonly RulePack[]): AnyPanel {
  const { place, empty } = dictionary[language]
  const queries = [influxQuery('A', overTime('min', 'battery'), { alias: '$tag_point' })]
  const rest = { unit: 'percent', empty: empty.battery, source: INFLUX, queries }
  return withBatteryLimit(lines({ id: 8, words: place.battery, size: [12, 7], ...rest }), packs).interval(
    '10m',
  )
}

/** Battery levels from 0 to 100 %, with the limit of the rules as a dashed line. */
export function withBatteryLimit(
  panel: ReturnType<typeof lines>,
  packs: readonly RulePack[],
): ReturnType<typeof lines> {
  return panel
    .decimals(0)
    .min(0)
    .max(100)
    .thresholds(thresholds(batterySteps(packs)))
    .thresholdsStyle(dashedThresholds())
}
