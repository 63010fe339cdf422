import type { Builder, Dataquery } from '@grafana/grafana-foundation-sdk/cog'
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus'

/** How a dashboard names a data source. */
export interface SourceRef {
  readonly type: 'influxdb' | 'prometheus'
  readonly uid: string
}

/** Uids of the data sources that are provisioned. */
export const SOURCE_UIDS = { influxdb: 'isotherm-influxdb', prometheus: 'isotherm-prometheus' } as const
/** Their names. */
export const SOURCE_NAMES = { influxdb: 'Isotherm InfluxDB', prometheus: 'Isotherm Prometheus' } as const

/** The InfluxDB chosen by the variable of that name, so that a dashboard works with any. */
// oxlint-disable-next-line no-template-curly-in-string -- Grafana puts the variable in
export const INFLUX: SourceRef = { type: 'influxdb', uid: '${influx}' }
/** The Prometheus chosen by the variable of that name. */
// oxlint-disable-next-line no-template-curly-in-string -- Grafana puts the variable in
export const PROMETHEUS: SourceRef = { type: 'prometheus', uid: '${prometheus}' }

/** One query of a panel. */
export type Query = Builder<Dataquery>

/**
 * A query in InfluxQL, for which the SDK has no builder. `series`: a line for each series, named by the alias. `table`:
 * all rows in one table; it may be grouped by one tag at most, because Grafana mixes up the columns of several.
 */
export function influxQuery(refId: string, query: string, how: { readonly alias: string } | 'table'): Query {
  const rest = how === 'table' ? { resultFormat: 'table' } : { resultFormat: 'time_series', alias: how.alias }
  return built({ refId, datasource: INFLUX, rawQuery: true, query, ...rest })
}

/** A query in PromQL over time; `{{label}}` in the legend is the value of a label. */
export function promQuery(refId: string, expr: string, legend: string): Query {
  return new DataqueryBuilder().refId(refId).datasource(PROMETHEUS).expr(expr).range().legendFormat(legend)
}

/** The present value in PromQL. */
export function promNow(refId: string, expr: string, legend: string): Query {
  return new DataqueryBuilder().refId(refId).datasource(PROMETHEUS).expr(expr).instant().legendFormat(legend)
}

/** Something for which the SDK has no type, as one of its builders. */
export function built(model: Readonly<Record<string, unknown>>): Query {
  // the method only marks a type; JSON leaves it out
  return { build: () => ({ ...model, _implementsDataqueryVariant: () => undefined }) }
}
