import { QueryBuilder, type Rule, RuleBuilder } from '@grafana/grafana-foundation-sdk/alerting'
import { PLACED, SHOWN } from './influxql.ts'
import { type DashboardName, uidOf } from './links.ts'
import { built, SOURCE_UIDS } from './sources.ts'
import { dictionary } from './words.ts'

/** Where alerts about Isotherm itself are explained, one section each. */
const RUNBOOK = 'docs/runbook.md'
/** The folder of the rules, and their group. */
export const ALERT_FOLDER = 'Isotherm'
/** Rules are looked at this often. */
const INTERVAL = '1m'
/** Grafana's data source for what is reckoned from answers. */
const EXPRESSION = '__expr__'

const MINUTE_S = 60
const DAY_S = 86_400

/** One rule, as the words, the queries and what holds for how long say. */
interface RuleSpec {
  readonly uid: string
  readonly words: 'excursion' | 'above' | 'below' | 'silent' | 'unscraped'
  readonly forDuration: string
  readonly severity: 'critical' | 'warning'
  readonly noData: 'OK' | 'Alerting'
  readonly queries: readonly QueryBuilder[]
  /** The query whose outcome is not zero when it fires. */
  readonly condition: string
  /** Where to look: a dashboard and one of its panels. */
  readonly look: { readonly dashboard: DashboardName; readonly panel: number }
  /** Section of the runbook. */
  readonly section: string
}

/** Rules in the form of provisioning files, which is not that of the HTTP interface. */
export function alertRules(): object {
  const rules = [excursionOpen(), beyondLimit('above'), beyondLimit('below'), siteSilent(), notScraped()]
  const group = { orgId: 1, name: 'isotherm', folder: ALERT_FOLDER, interval: INTERVAL }
  return { apiVersion: 1, groups: [{ ...group, rules: rules.map(inFile) }] }
}

function inFile(spec: RuleSpec): object {
  const {
    title,
    condition,
    data,
    for: duration,
    noDataState,
    execErrState,
    labels,
    annotations,
  } = ruleOf(spec)
  const { look } = spec
  const dashboard = { dashboardUid: uidOf(look.dashboard, 'zh'), panelId: look.panel }
  return {
    uid: spec.uid,
    title,
    condition,
    data,
    for: duration,
    noDataState,
    execErrState,
    ...dashboard,
    labels,
    annotations,
  }
}

function ruleOf(spec: RuleSpec): Rule {
  const [zh, en] = [dictionary.zh.alerts[spec.words], dictionary.en.alerts[spec.words]]
  return new RuleBuilder(`${en.title} · ${zh.title}`)
    .uid(spec.uid)
    .condition(spec.condition)
    .queries([...spec.queries])
    .forDuration(spec.forDuration)
    .noDataState(spec.noData)
    .execErrState('Error')
    .labels({ severity: spec.severity, product: 'isotherm' })
    .annotations({
      summary: en.description,
      summary_zh: zh.description,
      runbook_url: `${RUNBOOK}#${spec.section}`,
      __dashboardUid__: uidOf(spec.look.dashboard, 'zh'),
      __panelId__: String(spec.look.panel),
    })
    .build()
}

/** The engine has concluded it and Isotherm calls people for it; this is for those who live in Grafana. */
function excursionOpen(): RuleSpec {
  const query = `SELECT sum("open") AS "open" FROM "excursion" WHERE ${SHOWN} GROUP BY "site", "place"`
  return {
    uid: 'isotherm-excursion-open',
    words: 'excursion',
    forDuration: '0s',
    severity: 'critical',
    noData: 'OK',
    queries: [influx('A', query, 30 * DAY_S), last('B', 'A'), compare('C', 'B', 'gt', 0)],
    condition: 'C',
    look: { dashboard: 'excursions', panel: 5 },
    section: 'first',
  }
}

/** Beside the engine, by another way: that it fires without an excursion means that the judge is behind. */
function beyondLimit(side: 'above' | 'below'): RuleSpec {
  const by = 'GROUP BY "site", "place", "point"'
  const where = `WHERE ${SHOWN} AND ${PLACED}`
  const newest = `SELECT last("temperature") AS "temperature" FROM "reading" ${where} ${by}`
  const [field, operator] = side === 'above' ? ['high', '>'] : ['low', '<']
  const limit = `SELECT last("${field}") AS "limit" FROM "point_limit" ${where} ${by}`
  return {
    uid: `isotherm-${side}-limit`,
    words: side,
    forDuration: '30m',
    severity: 'warning',
    noData: 'OK',
    queries: [
      influx('A', newest, 15 * MINUTE_S),
      influx('B', limit, 65 * MINUTE_S),
      last('C', 'A'),
      last('D', 'B'),
      expression('E', { type: 'math', expression: `$C ${operator} $D` }),
    ],
    condition: 'E',
    look: { dashboard: 'site', panel: 4 },
    section: 'judgelags',
  }
}

/** A site that sent something within three days, and nothing in the last half hour. */
function siteSilent(): RuleSpec {
  const counted =
    `SELECT count("received_ms") AS "readings" FROM "reading" WHERE ${SHOWN} AND ${PLACED} ` +
    'GROUP BY time(10m), "site" fill(0)'
  const query = `SELECT moving_average("readings", 4) AS "readings" FROM (${counted}) GROUP BY "site"`
  return {
    uid: 'isotherm-site-silent',
    words: 'silent',
    forDuration: '0s',
    severity: 'warning',
    noData: 'OK',
    queries: [influx('A', query, 3 * DAY_S), last('B', 'A'), compare('C', 'B', 'lt', 0.01)],
    condition: 'C',
    look: { dashboard: 'city', panel: 8 },
    section: 'noreadingsarrive',
  }
}

function notScraped(): RuleSpec {
  const model = { refId: 'A', expr: 'up{job="isotherm"}', instant: true, range: false, ...RATE }
  const query = new QueryBuilder('A')
    .datasourceUid(SOURCE_UIDS.prometheus)
    .relativeTimeRange({ from: 5 * MINUTE_S, to: 0 })
    .model(built({ ...model, datasource: { type: 'prometheus', uid: SOURCE_UIDS.prometheus } }))
  return {
    uid: 'isotherm-not-scraped',
    words: 'unscraped',
    forDuration: '5m',
    severity: 'critical',
    noData: 'Alerting',
    queries: [query, last('B', 'A'), compare('C', 'B', 'lt', 1)],
    condition: 'C',
    look: { dashboard: 'system', panel: 1 },
    section: 'isothermdown',
  }
}

/** What Grafana writes into every query of an alert. */
const RATE = { intervalMs: 60_000, maxDataPoints: 43_200 }

function influx(refId: string, query: string, fromS: number): QueryBuilder {
  const datasource = { type: 'influxdb', uid: SOURCE_UIDS.influxdb }
  return new QueryBuilder(refId)
    .datasourceUid(SOURCE_UIDS.influxdb)
    .relativeTimeRange({ from: fromS, to: 0 })
    .model(built({ refId, datasource, rawQuery: true, query, resultFormat: 'time_series', ...RATE }))
}

/** The newest value of each series; times without one are left out. */
function last(refId: string, of: string): QueryBuilder {
  return expression(refId, { type: 'reduce', expression: of, reducer: 'last', settings: { mode: 'dropNN' } })
}

function compare(refId: string, of: string, how: 'gt' | 'lt', limit: number): QueryBuilder {
  const conditions = [{ evaluator: { type: how, params: [limit] } }]
  return expression(refId, { type: 'threshold', expression: of, conditions })
}

function expression(refId: string, model: Readonly<Record<string, unknown>>): QueryBuilder {
  const datasource = { type: EXPRESSION, uid: EXPRESSION }
  return new QueryBuilder(refId)
    .datasourceUid(EXPRESSION)
    .relativeTimeRange({ from: 0, to: 0 })
    .model(built({ refId, datasource, ...model }))
}
