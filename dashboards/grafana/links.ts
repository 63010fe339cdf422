import {
  type DashboardLink,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { dictionary, type Language } from './words.ts'

/** The dashboards, by what their uids have in the middle. */
export const dashboardNames = [
  'city',
  'site',
  'place',
  'vehicle',
  'lot',
  'devices',
  'excursions',
  'system',
] as const
/** One of them. */
export type DashboardName = (typeof dashboardNames)[number]

/** The uid of a dashboard, which never changes: bookmarks and links have it. */
export function uidOf(name: DashboardName, language: Language): string {
  return `isotherm-${name}-${language}`
}

/** Dashboards of one language find each other by this tag. */
export function tagOf(language: Language): string {
  return `isotherm-${language}`
}

/** Variables that every dashboard of InfluxDB has, handed on by links. */
// oxlint-disable-next-line no-template-curly-in-string -- Grafana puts the variables in
const HANDED_ON = '${__url_time_range}&var-influx=${influx}&var-isotherm=${isotherm:percentencode}'

/** The address of another dashboard with variables set; `__all` means all. */
export function dashboardUrl(
  name: DashboardName,
  language: Language,
  variables: Readonly<Record<string, string>>,
): string {
  const set = Object.entries(variables).map(([variable, value]) => `&var-${variable}=${value}`)
  return `/d/${uidOf(name, language)}?${HANDED_ON}${set.join('')}`
}

/** Of a row, the value of a field. */
export function ofRow(field: string): string {
  return `\${__data.fields.${field}}`
}

/** Everything, as a value of a variable in an address. */
export const ALL = '%24__all'

/** Links at the top of a dashboard: the others, the same in the other language, and Isotherm itself. */
export function topLinks(
  name: DashboardName,
  language: Language,
  page: string | undefined,
): readonly DashboardLinkBuilder[] {
  const words = dictionary[language]
  const others = new DashboardLinkBuilder(words.otherDashboards)
    .type(DashboardLinkType.Dashboards)
    .tags([tagOf(language)])
    .asDropdown(true)
    .keepTime(true)
  const translated = new DashboardLinkBuilder(words.otherLanguage)
    .url(`/d/${uidOf(name, language === 'zh' ? 'en' : 'zh')}`)
    .keepTime(true)
    .includeVars(true)
  const isotherm = new DashboardLinkBuilder(words.openIsotherm)
    .url(`\${isotherm:raw}/#/${page ?? ''}`)
    .icon('external link')
    .targetBlank(true)
  return [others, translated, ...(page === undefined ? [] : [isotherm])].map(visible)
}

/** The SDK hides links in a menu that older versions of Grafana do not have. */
function visible(link: DashboardLinkBuilder): DashboardLinkBuilder {
  const built: DashboardLink = link.build()
  delete built.placement
  return link
}
