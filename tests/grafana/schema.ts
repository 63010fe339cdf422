import { type TSchema, Type } from 'typebox'
import { Errors } from 'typebox/value'

/** What classic dashboards need of each part, after the documents and sources of Grafana 10 to 12. */
const source = Type.Object({
  type: Type.Enum(['influxdb', 'prometheus']),
  // oxlint-disable-next-line no-template-curly-in-string -- Grafana puts the variable in
  uid: Type.Enum(['${influx}', '${prometheus}']),
})

const text = Type.String({ minLength: 1 })

const influxTarget = Type.Object(
  {
    refId: Type.String({ pattern: '^[A-Z]$' }),
    datasource: source,
    rawQuery: Type.Literal(true),
    query: text,
    resultFormat: Type.Enum(['time_series', 'table']),
    alias: Type.Optional(text),
  },
  { additionalProperties: false },
)

const promTarget = Type.Object(
  {
    refId: Type.String({ pattern: '^[A-Z]$' }),
    datasource: source,
    expr: text,
    instant: Type.Boolean(),
    range: Type.Boolean(),
    legendFormat: Type.String(),
  },
  { additionalProperties: false },
)

const gridPos = Type.Object({
  x: Type.Integer({ minimum: 0, maximum: 23 }),
  y: Type.Integer({ minimum: 0 }),
  w: Type.Integer({ minimum: 1, maximum: 24 }),
  h: Type.Integer({ minimum: 1 }),
})

const step = Type.Object({ value: Type.Union([Type.Null(), Type.Number()]), color: text })

const override = Type.Object({
  matcher: Type.Object({ id: Type.Enum(['byName', 'byFrameRefID']), options: text }),
  properties: Type.Array(Type.Object({ id: text, value: Type.Unknown() }), { minItems: 1 }),
})

const panel = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  type: Type.Enum(['stat', 'timeseries', 'table', 'state-timeline', 'bargauge', 'geomap']),
  title: text,
  description: text,
  datasource: source,
  gridPos,
  targets: Type.Array(Type.Union([influxTarget, promTarget]), { minItems: 1 }),
  options: Type.Object({}),
  fieldConfig: Type.Object({
    defaults: Type.Object({
      unit: text,
      noValue: text,
      thresholds: Type.Optional(
        Type.Object({ mode: Type.Literal('absolute'), steps: Type.Array(step, { minItems: 1 }) }),
      ),
    }),
    overrides: Type.Array(override),
  }),
  transformations: Type.Optional(
    Type.Array(
      Type.Object({
        id: Type.Enum(['filterFieldsByName', 'joinByField', 'organize']),
        options: Type.Object({}),
      }),
    ),
  ),
})

const row = Type.Object({
  id: Type.Integer({ minimum: 1 }),
  type: Type.Literal('row'),
  title: text,
  collapsed: Type.Literal(false),
  gridPos,
  panels: Type.Array(Type.Unknown(), { maxItems: 0 }),
})

const option = Type.Object({
  text: Type.Union([text, Type.Array(text)]),
  value: Type.Union([text, Type.Array(text)]),
})

const variable = Type.Union([
  Type.Object({ type: Type.Literal('datasource'), name: text, label: text, query: text, current: option }),
  Type.Object({ type: Type.Literal('textbox'), name: text, label: text, query: text, current: option }),
  Type.Object({
    type: Type.Literal('query'),
    name: text,
    label: text,
    datasource: source,
    query: Type.Object({ query: text, refId: text }),
    definition: text,
    refresh: Type.Literal(2),
    regex: Type.Optional(Type.String({ pattern: '^/.*/$' })),
  }),
])

const annotation = Type.Object({
  name: text,
  enable: Type.Boolean(),
  hide: Type.Literal(false),
  iconColor: Type.String({ pattern: '^#[0-9A-F]{6}$' }),
  datasource: source,
  target: Type.Object({
    refId: text,
    query: text,
    fromAnnotations: Type.Literal(true),
    textColumn: text,
    titleColumn: text,
    timeEndColumn: text,
    tagsColumn: text,
  }),
})

const link = Type.Object({
  title: text,
  type: Type.Enum(['link', 'dashboards']),
  url: Type.Optional(text),
  tags: Type.Array(text),
  placement: Type.Optional(Type.Never()),
})

/** A classic dashboard. */
export const dashboardSchema = Type.Object({
  uid: Type.String({ pattern: '^[a-z-]{1,40}$' }),
  title: text,
  description: text,
  tags: Type.Array(text, { minItems: 2 }),
  schemaVersion: Type.Integer({ minimum: 36 }),
  timezone: Type.Enum(['browser', 'Asia/Shanghai']),
  refresh: Type.Literal('1m'),
  time: Type.Object({ from: Type.String({ pattern: '^now-\\d+[hd]$' }), to: Type.Literal('now') }),
  graphTooltip: Type.Literal(1),
  templating: Type.Object({ list: Type.Array(variable, { minItems: 2 }) }),
  annotations: Type.Object({ list: Type.Array(annotation) }),
  links: Type.Array(link, { minItems: 2 }),
  panels: Type.Array(Type.Union([panel, row]), { minItems: 5 }),
})

const expression = Type.Object({
  refId: text,
  datasourceUid: text,
  relativeTimeRange: Type.Object({ from: Type.Integer({ minimum: 0 }), to: Type.Literal(0) }),
  model: Type.Object({ refId: text, datasource: Type.Object({ type: text, uid: text }) }),
})

/** A file of alert rules, which is another form than that of the HTTP interface. */
export const alertsSchema = Type.Object({
  apiVersion: Type.Literal(1),
  groups: Type.Array(
    Type.Object({
      orgId: Type.Literal(1),
      name: text,
      folder: text,
      interval: Type.String({ pattern: '^\\d+[sm]$' }),
      rules: Type.Array(
        Type.Object({
          uid: Type.String({ pattern: '^[a-z-]{1,40}$' }),
          title: text,
          condition: text,
          data: Type.Array(expression, { minItems: 1 }),
          for: Type.String({ pattern: '^\\d+[sm]$' }),
          noDataState: Type.Enum(['OK', 'Alerting', 'NoData']),
          execErrState: Type.Enum(['OK', 'Alerting', 'Error']),
          dashboardUid: text,
          panelId: Type.Integer({ minimum: 1 }),
          labels: Type.Record(Type.String(), text),
          annotations: Type.Object({ summary: text, summary_zh: text, runbook_url: text }),
        }),
        { minItems: 1 },
      ),
    }),
    { minItems: 1, maxItems: 1 },
  ),
})

/** What is wrong with a value by a schema. */
export function errorsOf(schema: TSchema, value: unknown): readonly string[] {
  return [...Errors(schema, value)].map((error) => JSON.stringify(error).slice(0, 300))
}
