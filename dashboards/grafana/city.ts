import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { findingAnnotations } from './annotations.ts'
import { colours } from './colours.ts'
import { heardStat, openStat, SOME_IS_GOOD } from './counts.ts'
import { dashboardOf } from './dashboard.ts'
import { excursionTable } from './finding-tables.ts'
import { BEGAN, BY_DAY, HOUR_TO_NOW, KNOWN, OF_SITE, openSum, PLACED, SHOWN } from './influxql.ts'
import { dashboardUrl, ofRow } from './links.ts'
import { type AnyPanel, bars, coloured, stat } from './panels.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { table } from './tables.ts'
import { influxVariable, isothermVariable, siteVariable } from './variables.ts'
import { dictionary, type Language, type PanelWords } from './words.ts'

/** All sites: what is wrong, and where nothing is known. */
export function cityDashboard(language: Language): Dashboard {
  const words = dictionary[language]
  const { city, columns, empty, series } = words
  const readings = `SELECT count("received_ms") AS "readings" FROM "reading" WHERE ${HOUR_TO_NOW} AND ${OF_SITE}`
  const bySite =
    `SELECT count("received_ms") AS "readings" FROM "reading" WHERE ${SHOWN} AND ${OF_SITE} AND ${PLACED} ` +
    'GROUP BY time($__interval), "site" fill(0)'
  const panels = [
    openStat(words, { id: 1, words: city.openExcursions, size: [6, 4] }, 'excursion', OF_SITE),
    openStat(words, { id: 2, words: city.openConditions, size: [6, 4] }, 'condition', OF_SITE),
    heardStat(words, { id: 3, words: city.sensorsHeard, size: [6, 4] }, OF_SITE),
    stat(
      {
        id: 4,
        words: city.readings,
        size: [6, 4],
        unit: 'short',
        empty: empty.readings,
        source: INFLUX,
        queries: [influxQuery('A', readings, { alias: columns.readings })],
      },
      { steps: SOME_IS_GOOD },
    ),
    sites(language),
    excursionTable(language, { id: 6, words: city.open, size: [12, 9] }, `${OF_SITE} AND "open" = 1`, 100),
    newByDay(language, { id: 7, words: city.perDay }, series),
    bars(
      {
        id: 8,
        words: city.perSite,
        size: [12, 8],
        unit: 'short',
        empty: empty.readings,
        source: INFLUX,
        queries: [influxQuery('A', bySite, { alias: '$tag_site' })],
      },
      true,
    ).interval('10m'),
  ]
  return dashboardOf({
    name: 'city',
    language,
    words: city,
    from: 'now-24h',
    page: '',
    variables: [influxVariable(words), siteVariable(words, 'some'), isothermVariable(words)],
    annotations: findingAnnotations(language, OF_SITE),
    panels,
  })
}

function sites(language: Language): AnyPanel {
  const words = dictionary[language]
  const { city, columns, empty } = words
  const bySite = 'GROUP BY "site"'
  const name = `SELECT last("site_name") AS "site_name" FROM "place" WHERE ${KNOWN} AND ${OF_SITE} ${bySite}`
  const newest = `SELECT last("received_ms") AS "last_reading" FROM "reading" WHERE ${SHOWN} AND ${OF_SITE} AND ${PLACED}`
  const open = (measurement: 'excursion' | 'condition', field: string) =>
    `${openSum(measurement, OF_SITE).replace('AS "open"', `AS "${field}"`)} ${bySite}`
  const url = dashboardUrl('site', language, { site: ofRow('site') })
  return table(
    {
      id: 5,
      words: city.sites,
      size: [12, 9],
      empty: empty.places,
      source: INFLUX,
      queries: [
        influxQuery('A', name, 'table'),
        influxQuery('B', open('excursion', 'open_excursions'), 'table'),
        influxQuery('C', open('condition', 'open_conditions'), 'table'),
        influxQuery('D', `${newest} ${bySite}`, 'table'),
      ],
    },
    [
      { field: 'site_name', title: columns.site, unit: 'none', link: { title: columns.site, url } },
      { field: 'site', title: columns.id, unit: 'none', width: 120 },
      {
        field: 'open_excursions',
        title: columns.openExcursions,
        unit: 'short',
        width: 100,
        steps: badFromOne,
      },
      {
        field: 'open_conditions',
        title: columns.openConditions,
        unit: 'short',
        width: 110,
        steps: poorFromOne,
      },
      { field: 'last_reading', title: columns.lastReading, unit: 'dateTimeFromNow', width: 140 },
    ],
    { joinedBy: 'site', sort: { title: columns.openExcursions, desc: true } },
  )
}

/** None is nothing to look at. */
export const badFromOne = [
  { value: null, color: 'text' },
  { value: 1, color: colours.warm },
]
/** The same for what is less. */
export const poorFromOne = [
  { value: null, color: 'text' },
  { value: 1, color: colours.near },
]

/** Findings that began, by day. */
export function newByDay(
  language: Language,
  { id, words }: { readonly id: number; readonly words: PanelWords },
  series: { readonly excursions: string; readonly conditions: string },
): AnyPanel {
  const { empty } = dictionary[language]
  const query = (measurement: string) =>
    `SELECT count("finding") AS "findings" FROM "${measurement}" WHERE ${BEGAN} AND ${OF_SITE} ${BY_DAY}`
  const queries = [
    influxQuery('A', query('excursion'), { alias: series.excursions }),
    influxQuery('B', query('condition'), { alias: series.conditions }),
  ]
  const spec = {
    id,
    words,
    size: [12, 8],
    unit: 'short',
    empty: empty.excursions,
    source: INFLUX,
    queries,
  } as const
  return bars(spec, false)
    .decimals(0)
    .min(0)
    .overrideByQuery('A', [coloured(colours.warm)])
    .overrideByQuery('B', [coloured(colours.unknown)])
}
