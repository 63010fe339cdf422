import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { KNOWN, OF_PLACE, OF_SITE } from './influxql.ts'
import { INFLUX, PROMETHEUS, SOURCE_NAMES, SOURCE_UIDS } from './sources.ts'
import type { Words } from './words.ts'

/** A variable, built by the SDK. */
export type Variable = DatasourceVariableBuilder | QueryVariableBuilder | TextBoxVariableBuilder

/**
 * Of a label `NAME · id` people see all and queries get the id. Ids have letters, digits, dots, dashes and low lines.
 */
const BY_LABEL = String.raw`/^(?<text>.* · (?<value>[A-Za-z0-9._-]+))$/`

/** Where Isotherm is when it runs on the machine of the browser. */
const ISOTHERM_ADDRESS = 'http://127.0.0.1:8080'

/** Which InfluxDB. */
export function influxVariable({ variables }: Words): Variable {
  return source('influx', variables.influx, 'influxdb')
}

/** Which Prometheus, and which process of Isotherm. */
export function prometheusVariables({ variables }: Words): readonly Variable[] {
  const query = 'label_values(up{job="isotherm"}, instance)'
  const instance = queried('instance', variables.instance, { qryType: 1, query, refId: 'instance' }, query)
    .datasource(PROMETHEUS)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'], selected: true })
  return [source('prometheus', variables.prometheus, 'prometheus'), instance]
}

function source(name: string, label: string, type: 'influxdb' | 'prometheus'): Variable {
  return new DatasourceVariableBuilder(name)
    .label(label)
    .type(type)
    .current({ text: SOURCE_NAMES[type], value: SOURCE_UIDS[type], selected: true })
}

/** Where the links to Isotherm lead. */
export function isothermVariable({ variables }: Words): Variable {
  return new TextBoxVariableBuilder('isotherm')
    .label(variables.isotherm)
    .description(variables.isothermMeaning)
    .defaultValue(ISOTHERM_ADDRESS)
    .current({ text: ISOTHERM_ADDRESS, value: ISOTHERM_ADDRESS, selected: true })
}

/** Sites that were known in the time chosen: all, some, or one. */
export function siteVariable({ variables }: Words, how: 'some' | 'one'): Variable {
  const query = `SELECT last("site_label") AS "label" FROM "place" WHERE ${KNOWN} GROUP BY "site"`
  const made = influxql('site', variables.site, query).regex(BY_LABEL)
  return how === 'one' ? made : some(made)
}

/** One place of the sites chosen. */
export function placeVariable({ variables }: Words): Variable {
  return influxql('place', variables.place, placesOf(OF_SITE)).regex(BY_LABEL)
}

/** One vehicle or box of the sites chosen. */
export function vehicleVariable({ variables }: Words): Variable {
  const travels = `${OF_SITE} AND ("kind" = 'vehicle' OR "kind" = 'box')`
  return influxql('place', variables.vehicle, placesOf(travels)).regex(BY_LABEL)
}

function placesOf(where: string): string {
  return `SELECT last("label") AS "label" FROM "place" WHERE ${where} AND ${KNOWN} GROUP BY "place"`
}

/** Points of the place chosen. */
export function pointVariable({ variables }: Words): Variable {
  const query = `SHOW TAG VALUES FROM "reading" WITH KEY = "point" WHERE ${OF_PLACE}`
  return some(influxql('point', variables.point, query))
}

/** Sensors of the sites chosen; with all sites also those that are placed nowhere. */
export function sensorVariable({ variables }: Words): Variable {
  const query = `SHOW TAG VALUES FROM "reading" WITH KEY = "sensor" WHERE ${OF_SITE}`
  return some(influxql('sensor', variables.sensor, query))
}

/** One lot. */
export function lotVariable({ variables }: Words): Variable {
  return influxql('lot', variables.lot, 'SHOW TAG VALUES FROM "lot_hour" WITH KEY = "lot"')
}

/** Where the lot chosen was, for its annotations; nobody chooses it. */
export function placesOfLotVariable({ variables }: Words): Variable {
  const query = `SHOW TAG VALUES FROM "lot_hour" WITH KEY = "place" WHERE "lot" = '$lot'`
  return influxql('place', variables.place, query)
    .multi(true)
    .includeAll(true)
    .current({ text: ['All'], value: ['$__all'], selected: true })
    .hide(VariableHide.HideVariable)
}

/** Begins with all of them, also those that come later. */
function some(variable: QueryVariableBuilder): QueryVariableBuilder {
  return variable
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ text: ['All'], value: ['$__all'], selected: true })
}

function influxql(name: string, label: string, query: string): QueryVariableBuilder {
  return queried(name, label, { query, refId: `InfluxVariableQueryEditor-${name}` }, query).datasource(INFLUX)
}

function queried(
  name: string,
  label: string,
  query: Record<string, unknown>,
  definition: string,
): QueryVariableBuilder {
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .query(query)
    .definition(definition)
    .refresh(VariableRefresh.OnTimeRangeChanged)
  variable.build().sort = VariableSort.NaturalAsc
  return variable
}
