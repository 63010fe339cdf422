import {
  type FrameGeometrySource,
  FrameGeometrySourceMode,
  MapLayerOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import {
  ControlsOptionsBuilder,
  MapViewConfigBuilder,
  PanelBuilder,
  TooltipMode,
  TooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/geomap'
import type { RulePack } from '../../domain/index.ts'
import { findingAnnotations } from './annotations.ts'
import { dashboardOf } from './dashboard.ts'
import { OF_PLACE, OF_POINT, SHOWN } from './influxql.ts'
import { transportSteps } from './limits.ts'
import { type AnyPanel, panelOf, stat, thresholds } from './panels.ts'
import { doorStates } from './place.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { table, timeColumn } from './tables.ts'
import { temperatureLines } from './temperature.ts'
import {
  influxVariable,
  isothermVariable,
  pointVariable,
  siteVariable,
  vehicleVariable,
} from './variables.ts'
import { dictionary, type Language } from './words.ts'

const OF_POINTS = `${OF_PLACE} AND ${OF_POINT}`

/** One vehicle or box: where it went, and how warm it was. */
export function vehicleDashboard(language: Language, packs: readonly RulePack[]): Dashboard {
  const words = dictionary[language]
  const { vehicle, empty } = words
  const temperature = { id: 3, words: vehicle.temperature, size: [24, 9], empty: empty.readings } as const
  const panels = [
    map(language, packs),
    [newest(language, packs), positions(language)],
    temperatureLines(words, temperature, { where: OF_POINTS, tag: 'point', limits: OF_POINTS }),
    doorStates(language, { id: 4, words: vehicle.door, size: [24, 5] }),
  ]
  return dashboardOf({
    name: 'vehicle',
    language,
    words: vehicle,
    from: 'now-12h',
    // oxlint-disable-next-line no-template-curly-in-string -- Grafana puts the variable in
    page: 'place/${place:percentencode}',
    variables: [
      influxVariable(words),
      siteVariable(words, 'some'),
      vehicleVariable(words),
      pointVariable(words),
      isothermVariable(words),
    ],
    annotations: findingAnnotations(language, OF_PLACE),
    panels,
  })
}

function newest(language: Language, packs: readonly RulePack[]): AnyPanel {
  const { vehicle, empty } = dictionary[language]
  const query = `SELECT last("temperature") AS "temperature" FROM "reading" WHERE ${SHOWN} AND ${OF_POINTS} GROUP BY "point"`
  const queries = [influxQuery('A', query, { alias: '$tag_point' })]
  const rest = { unit: 'celsius', empty: empty.readings, source: INFLUX, queries }
  return stat(
    { id: 2, words: vehicle.newest, size: [10, 5], ...rest },
    { steps: transportSteps(packs) },
  ).decimals(1)
}

function positions(language: Language): AnyPanel {
  const { vehicle, empty, columns } = dictionary[language]
  const query =
    `SELECT "lat", "lon", "temperature", "point" FROM "reading" WHERE ${SHOWN} AND ${OF_POINTS} ` +
    'AND "lat" >= -90 ORDER BY time DESC LIMIT 200'
  const queries = [influxQuery('A', query, 'table')]
  const spec = {
    id: 5,
    words: vehicle.positions,
    size: [10, 9],
    empty: empty.positions,
    source: INFLUX,
  } as const
  return table({ ...spec, queries }, [
    timeColumn(columns.start),
    { field: 'temperature', title: columns.temperature, unit: 'celsius', decimals: 1, width: 80 },
    { field: 'lat', title: columns.latitude, unit: 'degree', decimals: 5 },
    { field: 'lon', title: columns.longitude, unit: 'degree', decimals: 5 },
    { field: 'point', title: columns.point, unit: 'none' },
  ])
}

/** The builder of the SDK for a place on a map refuses plain names of columns. */
const position: FrameGeometrySource = {
  mode: FrameGeometrySourceMode.Coords,
  latitude: 'lat',
  longitude: 'lon',
}

/** The way as a line, and every reading on it as a dot in the colour of its temperature. */
function map(language: Language, packs: readonly RulePack[]): AnyPanel {
  const { vehicle, empty, columns } = dictionary[language]
  const query =
    'SELECT last("lat") AS "lat", last("lon") AS "lon", last("temperature") AS "temperature" FROM "reading" ' +
    `WHERE ${SHOWN} AND ${OF_POINTS} GROUP BY time($__interval) fill(none)`
  const dots = {
    style: {
      color: { field: 'temperature', fixed: 'text' },
      opacity: 0.9,
      size: { fixed: 6, min: 2, max: 15 },
      symbol: { fixed: 'img/icons/marker/circle.svg', mode: 'fixed' },
    },
    showLegend: true,
  }
  const way = {
    style: { color: { fixed: 'text' }, lineWidth: 2, opacity: 0.5, size: { fixed: 2 } },
    arrow: 1,
  }
  const spec = { id: 1, words: vehicle.map, size: [14, 14], unit: 'none', empty: empty.positions } as const
  return panelOf(new PanelBuilder(), { ...spec, source: INFLUX, queries: [influxQuery('A', query, 'table')] })
    .thresholds(thresholds(transportSteps(packs)))
    .interval('1m')
    .overrideByName('temperature', [
      { id: 'unit', value: 'celsius' },
      { id: 'decimals', value: 1 },
      { id: 'displayName', value: columns.temperature },
    ])
    .overrideByName('lat', [{ id: 'unit', value: 'degree' }])
    .overrideByName('lon', [{ id: 'unit', value: 'degree' }])
    .view(new MapViewConfigBuilder().id('fit').allLayers(true).padding(10).lat(0).lon(0).zoom(12))
    .controls(
      new ControlsOptionsBuilder().showZoom(true).mouseWheelZoom(true).showAttribution(true).showScale(true),
    )
    .basemap(new MapLayerOptionsBuilder().type('default').name('Layer 0').config({}))
    .layers([layer('route', way), layer('markers', dots)])
    .tooltip(new TooltipOptionsBuilder().mode(TooltipMode.Details))
}

function layer(type: string, config: object): MapLayerOptionsBuilder {
  const made = new MapLayerOptionsBuilder().type(type).name(type).config(config).tooltip(true)
  made.build().location = position
  return made
}
