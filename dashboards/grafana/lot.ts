import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { findingAnnotations } from './annotations.ts'
import { colours } from './colours.ts'
import { numberStat } from './counts.ts'
import { dashboardOf } from './dashboard.ts'
import { placeColumn } from './finding-tables.ts'
import { SHOWN } from './influxql.ts'
import { type AnyPanel, bars, coloured, lines } from './panels.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { table, timeColumn } from './tables.ts'
import { HOUR_GAP_MS, withLimitLines } from './temperature.ts'
import { influxVariable, isothermVariable, lotVariable, placesOfLotVariable } from './variables.ts'
import { dictionary, type Language } from './words.ts'

const OF_LOT = `"lot" = '$lot'`

/** Where the seconds of an hour are, and in which colour. */
const parts = [
  ['in_s', 'inRange', colours.inRange],
  ['warm_s', 'warm', colours.warm],
  ['cold_s', 'cold', colours.cold],
  ['unknown_s', 'unknown', colours.unknown],
] as const

/** What a lot went through, hour by hour. */
export function lotDashboard(language: Language): Dashboard {
  const words = dictionary[language]
  const { lot, empty } = words
  const sums = parts.map(([field, word, color], index) => {
    const query = `SELECT sum("${field}") AS "${field}" FROM "lot_hour" WHERE ${SHOWN} AND ${OF_LOT}`
    const spec = {
      id: index + 1,
      words: lot[word],
      size: [6, 4],
      unit: 's',
      empty: empty.lots,
      query,
    } as const
    return numberStat(spec, color)
  })
  return dashboardOf({
    name: 'lot',
    language,
    words: lot,
    from: 'now-7d',
    page: '',
    variables: [
      influxVariable(words),
      lotVariable(words),
      placesOfLotVariable(words),
      isothermVariable(words),
    ],
    annotations: findingAnnotations(language, '"place" =~ /^$place$/'),
    panels: [...sums, temperature(language), hours(language), where(language)],
  })
}

function temperature(language: Language): AnyPanel {
  const { lot, empty, series } = dictionary[language]
  const query =
    'SELECT max("max") AS "hottest", min("min") AS "coldest", min("high") AS "high", max("low") AS "low" ' +
    `FROM "lot_hour" WHERE ${SHOWN} AND ${OF_LOT} GROUP BY time(1h) fill(null)`
  const queries = [influxQuery('A', query, { alias: '$col' })]
  const rest = { unit: 'celsius', empty: empty.lots, source: INFLUX, queries }
  const panel = lines({ id: 5, words: lot.temperature, size: [24, 9], ...rest }, HOUR_GAP_MS)
    .decimals(1)
    .overrideByName('hottest', [{ id: 'displayName', value: series.hottest }, coloured(colours.near)])
    .overrideByName('coldest', [{ id: 'displayName', value: series.coldest }, coloured(colours.inRange)])
  return withLimitLines(panel, [
    ['high', series.labelHigh, colours.warm],
    ['low', series.labelLow, colours.cold],
  ])
}

function hours(language: Language): AnyPanel {
  const { lot, empty, columns } = dictionary[language]
  const sums = parts.map(([field]) => `sum("${field}") AS "${field}"`).join(', ')
  const query = `SELECT ${sums} FROM "lot_hour" WHERE ${SHOWN} AND ${OF_LOT} GROUP BY time(1h) fill(none)`
  const queries = [influxQuery('A', query, { alias: '$col' })]
  const rest = { unit: 's', empty: empty.lots, source: INFLUX, queries }
  const panel = bars({ id: 6, words: lot.hours, size: [24, 8], ...rest }, true)
  for (const [field, word, color] of parts) {
    panel.overrideByName(field, [{ id: 'displayName', value: columns[word] }, coloured(color)])
  }
  return panel
}

function where(language: Language): AnyPanel {
  const { lot, empty, columns } = dictionary[language]
  const query =
    'SELECT "place", "min", "max", "in_s", "warm_s", "cold_s", "unknown_s" FROM "lot_hour" ' +
    `WHERE ${SHOWN} AND ${OF_LOT} ORDER BY time DESC LIMIT 500`
  const queries = [influxQuery('A', query, 'table')]
  const spec = {
    id: 7,
    words: lot.where,
    size: [24, 10],
    empty: empty.lots,
    source: INFLUX,
    queries,
  } as const
  const degrees = { unit: 'celsius', decimals: 1, width: 90 }
  return table(spec, [
    timeColumn(columns.hour),
    placeColumn(language),
    { field: 'min', title: columns.lowest, ...degrees },
    { field: 'max', title: columns.highest, ...degrees },
    ...parts.map(([field, word]) => ({ field, title: columns[word], unit: 's' })),
  ])
}
