import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import type { RulePack } from '../../domain/index.ts'
import { findingAnnotations } from './annotations.ts'
import { heardStat, openStat } from './counts.ts'
import { dashboardOf } from './dashboard.ts'
import { conditionTable, placeColumn } from './finding-tables.ts'
import { BEGAN, OF_SITE, SHOWN } from './influxql.ts'
import { batterySteps } from './limits.ts'
import { type AnyPanel, lines } from './panels.ts'
import { withBatteryLimit } from './place.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { table } from './tables.ts'
import { influxVariable, isothermVariable, sensorVariable, siteVariable } from './variables.ts'
import { dictionary, type Language } from './words.ts'

const OF_SENSOR = `${OF_SITE} AND "sensor" =~ /^$sensor$/`

/** Each sensor: last heard, how often, battery, silences. */
export function devicesDashboard(language: Language, packs: readonly RulePack[]): Dashboard {
  const words = dictionary[language]
  const { devices, empty } = words
  const ofKind = (kind: string) => `${OF_SITE} AND "kind" = '${kind}'`
  const deviceKinds = `("kind" = 'silence' OR "kind" = 'power' OR "kind" = 'battery')`
  const lowest =
    `SELECT min("battery") AS "battery" FROM "reading" WHERE ${SHOWN} AND ${OF_SENSOR} ` +
    'GROUP BY time($__interval), "sensor" fill(null)'
  const counted =
    `SELECT count("received_ms") AS "readings" FROM "reading" WHERE ${SHOWN} AND ${OF_SENSOR} ` +
    'GROUP BY time($__interval), "sensor" fill(0)'
  const of = { source: INFLUX, size: [12, 8] } as const
  const readings = { ...of, id: 5, words: devices.readings, unit: 'short', empty: empty.readings }
  const battery = { ...of, id: 6, words: devices.battery, unit: 'percent', empty: empty.battery }
  const panels = [
    openStat(words, { id: 1, words: devices.silent, size: [8, 4] }, 'condition', ofKind('silence')),
    openStat(words, { id: 2, words: devices.lowBattery, size: [8, 4] }, 'condition', ofKind('battery')),
    heardStat(words, { id: 3, words: devices.heard, size: [8, 4] }, OF_SITE),
    sensors(language, packs),
    lines({ ...readings, queries: [influxQuery('A', counted, { alias: '$tag_sensor' })] })
      .min(0)
      .interval('10m'),
    withBatteryLimit(
      lines({ ...battery, queries: [influxQuery('A', lowest, { alias: '$tag_sensor' })] }),
      packs,
    ).interval('10m'),
    conditionTable(
      language,
      { id: 7, words: devices.silences, size: [24, 9] },
      `${BEGAN} AND ${OF_SITE} AND ${deviceKinds}`,
    ),
  ]
  return dashboardOf({
    name: 'devices',
    language,
    words: devices,
    from: 'now-24h',
    page: '',
    variables: [
      influxVariable(words),
      siteVariable(words, 'some'),
      sensorVariable(words),
      isothermVariable(words),
    ],
    annotations: findingAnnotations(language, OF_SITE),
    panels,
  })
}

function sensors(language: Language, packs: readonly RulePack[]): AnyPanel {
  const { devices, columns, empty } = dictionary[language]
  const where = `FROM "reading" WHERE ${SHOWN} AND ${OF_SENSOR} GROUP BY "sensor"`
  const newest = 'SELECT last("received_ms") AS "last_reading", "site", "place", "point"'
  return table(
    {
      id: 4,
      words: devices.sensors,
      size: [24, 10],
      empty: empty.readings,
      source: INFLUX,
      queries: [
        influxQuery('A', `${newest} ${where}`, 'table'),
        influxQuery('B', `SELECT count("received_ms") AS "readings" ${where}`, 'table'),
        influxQuery('C', `SELECT last("temperature") AS "temperature" ${where}`, 'table'),
        influxQuery('D', `SELECT last("battery") AS "battery" ${where}`, 'table'),
      ],
    },
    [
      { field: 'sensor', title: columns.sensor, unit: 'none' },
      { field: 'last_reading', title: columns.lastReading, unit: 'dateTimeFromNow', width: 150 },
      { field: 'readings', title: columns.readings, unit: 'short', width: 100 },
      { field: 'temperature', title: columns.temperature, unit: 'celsius', decimals: 1, width: 100 },
      {
        field: 'battery',
        title: columns.battery,
        unit: 'percent',
        decimals: 0,
        width: 90,
        steps: batterySteps(packs),
      },
      { field: 'site', title: columns.site, unit: 'none', width: 130 },
      placeColumn(language),
      { field: 'point', title: columns.point, unit: 'none', width: 140 },
    ],
    { joinedBy: 'sensor', sort: { title: columns.lastReading, desc: false } },
  )
}
