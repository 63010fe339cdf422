import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Dashboard, Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { parse } from 'yaml'

/** The folder of the committed files. */
export const root = resolve(import.meta.dirname, '../../dashboards/grafana')

/** One query of a panel, as Grafana reads it. */
export interface Target {
  readonly refId: string
  readonly datasource: { readonly type: string; readonly uid: string }
  readonly query?: string
  readonly expr?: string
  readonly resultFormat?: string
  readonly alias?: string
}

/** One committed dashboard. */
export interface Committed {
  /** `zh/city` and the like. */
  readonly name: string
  readonly dashboard: Dashboard
}

/** A file of the folder, as text. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** All committed dashboards. */
export function dashboards(): readonly Committed[] {
  const folder = join(root, 'provisioning/dashboards')
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.json'))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((path) => ({
      name: relative(folder, path).replace(/\.json$/, ''),
      dashboard: JSON.parse(readFileSync(path, 'utf8')) as Dashboard,
    }))
}

/** Panels of a dashboard, without the headings of rows. */
export function panelsOf({ dashboard }: Committed): readonly Panel[] {
  return (dashboard.panels ?? []).flatMap((each) => ('panels' in each ? each.panels : [each]))
}

/** Queries of a panel. */
export function targetsOf(panel: Panel): readonly Target[] {
  return (panel.targets ?? []) as unknown as readonly Target[]
}

/** Variables of a dashboard, in the order in which Grafana asks for them. */
export function variablesOf({ dashboard }: Committed): readonly Variable[] {
  return (dashboard.templating.list ?? []) as readonly Variable[]
}

/** A variable, whose type is one of these words. */
export type Variable = Omit<VariableModel, 'type'> & { readonly type: 'datasource' | 'query' | 'textbox' }

/** One alert rule of the committed file. */
export interface AlertRule {
  readonly uid: string
  readonly title: string
  readonly condition: string
  readonly dashboardUid: string
  readonly panelId: number
  readonly annotations: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly data: readonly {
    readonly refId: string
    readonly datasourceUid: string
    readonly relativeTimeRange: { readonly from: number; readonly to: number }
    readonly model: Readonly<Record<string, unknown>>
  }[]
}

/** All alert rules of the committed file. */
export function alertRules(): readonly AlertRule[] {
  const file = parse(textOf('provisioning/alerting/isotherm.yaml')) as {
    groups: { rules: AlertRule[] }[]
  }
  return file.groups.flatMap(({ rules }) => rules)
}

/** One provisioned data source. */
export interface DataSource {
  readonly uid: string
  readonly name: string
  readonly type: string
  readonly jsonData: Readonly<Record<string, unknown>>
  readonly secureJsonData?: Readonly<Record<string, unknown>>
}

/** Data sources of a committed file. */
export function dataSources(path = 'provisioning/datasources/isotherm.yaml'): readonly DataSource[] {
  return (parse(textOf(path)) as { datasources: DataSource[] }).datasources
}

/** The PromQL of all panels and alert rules, as Grafana sends it. */
export function expressions(): readonly string[] {
  const ofPanels = dashboards().flatMap((committed) =>
    panelsOf(committed).flatMap((panel) => targetsOf(panel).flatMap(({ expr }) => expr ?? [])),
  )
  const ofAlerts = alertRules().flatMap(({ data }) => data.flatMap(({ model }) => model['expr'] ?? []))
  return [...new Set([...ofPanels, ...ofAlerts.map(String)])].map((expr) =>
    expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'),
  )
}
