import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { findingAnnotations } from './annotations.ts'
import { badFromOne, poorFromOne } from './city.ts'
import { heardStat, openStat } from './counts.ts'
import { dashboardOf } from './dashboard.ts'
import { excursionTable, conditionTable, placeColumn, placeUrl } from './finding-tables.ts'
import { BEGAN, KNOWN, LAST_HOUR, OF_SITE, openSum, SHOWN } from './influxql.ts'
import { kindMappings } from './mappings.ts'
import type { AnyPanel } from './panels.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { type Column, table } from './tables.ts'
import { temperatureLines } from './temperature.ts'
import { influxVariable, isothermVariable, siteVariable } from './variables.ts'
import { dictionary, type Language } from './words.ts'

/** All places of one site. */
export function siteDashboard(language: Language): Dashboard {
  const words = dictionary[language]
  const { site, empty } = words
  const temperature = { id: 6, words: site.temperature, size: [24, 9], empty: empty.readings } as const
  const panels = [
    openStat(words, { id: 1, words: site.openExcursions, size: [8, 4] }, 'excursion', OF_SITE),
    openStat(words, { id: 2, words: site.openConditions, size: [8, 4] }, 'condition', OF_SITE),
    heardStat(words, { id: 3, words: site.sensorsHeard, size: [8, 4] }, OF_SITE),
    points(language),
    places(language),
    temperatureLines(words, temperature, { where: `${OF_SITE} AND "place" != 'none'`, tag: 'place' }),
    excursionTable(
      language,
      { id: 7, words: words.excursions.list, size: [12, 8] },
      `${BEGAN} AND ${OF_SITE}`,
    ),
    conditionTable(
      language,
      { id: 8, words: words.excursions.conditions, size: [12, 8] },
      `${BEGAN} AND ${OF_SITE}`,
    ),
  ]
  return dashboardOf({
    name: 'site',
    language,
    words: site,
    from: 'now-24h',
    page: '',
    variables: [influxVariable(words), siteVariable(words, 'one'), isothermVariable(words)],
    annotations: findingAnnotations(language, OF_SITE),
    panels,
  })
}

/** Columns of a table of points: what is newest, the extremes, and the limits. */
export function pointColumns(language: Language): readonly Column[] {
  const { columns } = dictionary[language]
  const degrees = { unit: 'celsius', decimals: 1, width: 90 }
  return [
    { field: 'point', title: columns.point, unit: 'none' },
    { field: 'temperature', title: columns.temperature, ...degrees },
    { field: 'low', title: columns.low, ...degrees },
    { field: 'high', title: columns.high, ...degrees },
    { field: 'lowest', title: columns.lowest, ...degrees },
    { field: 'highest', title: columns.highest, ...degrees },
    { field: 'mean', title: columns.mean, ...degrees },
    { field: 'last_reading', title: columns.lastReading, unit: 'dateTimeFromNow', width: 140 },
  ]
}

/** What these columns are asked with, for points that meet a condition. */
export function pointQueries(where: string) {
  const newest = `SELECT last("temperature") AS "temperature", "place", "received_ms" AS "last_reading" FROM "reading"`
  const of = `SELECT min("temperature") AS "lowest", max("temperature") AS "highest", mean("temperature") AS "mean"`
  const limits = 'SELECT last("low") AS "low", last("high") AS "high" FROM "point_limit"'
  return [
    influxQuery('A', `${newest} WHERE ${SHOWN} AND ${where} GROUP BY "point"`, 'table'),
    influxQuery('B', `${of} FROM "reading" WHERE ${SHOWN} AND ${where} GROUP BY "point"`, 'table'),
    influxQuery('C', `${limits} WHERE ${LAST_HOUR} AND ${where} GROUP BY "point"`, 'table'),
  ]
}

function points(language: Language): AnyPanel {
  const { site, empty, columns } = dictionary[language]
  const [point, ...rest] = pointColumns(language)
  const shown =
    point === undefined ? [] : [placeColumn(language), point, ...rest.filter(({ field }) => field !== 'mean')]
  const queries = pointQueries(`${OF_SITE} AND "point" != 'none'`)
  return table(
    { id: 4, words: site.points, size: [14, 10], empty: empty.readings, source: INFLUX, queries },
    shown,
    {
      joinedBy: 'point',
      sort: { title: columns.place, desc: false },
    },
  )
}

function places(language: Language): AnyPanel {
  const words = dictionary[language]
  const { site, columns, empty } = words
  const byPlace = 'GROUP BY "place"'
  const described = `SELECT last("name") AS "name", last("kind") AS "kind" FROM "place" WHERE ${KNOWN} AND ${OF_SITE}`
  const open = (measurement: 'excursion' | 'condition', field: string) =>
    `${openSum(measurement, OF_SITE).replace('AS "open"', `AS "${field}"`)} ${byPlace}`
  return table(
    {
      id: 5,
      words: site.places,
      size: [10, 10],
      empty: empty.places,
      source: INFLUX,
      queries: [
        influxQuery('A', `${described} ${byPlace}`, 'table'),
        influxQuery('B', open('excursion', 'open_excursions'), 'table'),
        influxQuery('C', open('condition', 'open_conditions'), 'table'),
      ],
    },
    [
      {
        field: 'name',
        title: columns.place,
        unit: 'none',
        link: { title: columns.place, url: placeUrl(language, 'place') },
      },
      { field: 'place', title: columns.id, unit: 'none', width: 110 },
      { field: 'kind', title: columns.kind, unit: 'none', width: 100, mappings: kindMappings(words) },
      {
        field: 'open_excursions',
        title: columns.openExcursions,
        unit: 'short',
        width: 90,
        steps: badFromOne,
      },
      {
        field: 'open_conditions',
        title: columns.openConditions,
        unit: 'short',
        width: 100,
        steps: poorFromOne,
      },
    ],
    { joinedBy: 'place', sort: { title: columns.openExcursions, desc: true } },
  )
}
