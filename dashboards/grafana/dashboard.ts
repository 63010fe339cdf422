import {
  type AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  RowBuilder,
  TimePickerBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { type Item, placed } from './layout.ts'
import { type DashboardName, tagOf, topLinks, uidOf } from './links.ts'
import type { Variable } from './variables.ts'
import type { Language, PanelWords } from './words.ts'

/** What is different from dashboard to dashboard. */
export interface DashboardSpec {
  readonly name: DashboardName
  readonly language: Language
  readonly words: PanelWords
  /** The begin of the time that is shown at first, such as `now-24h`. */
  readonly from: string
  /** What stands behind `#/` in the page of Isotherm this dashboard leads to; undefined for none. */
  readonly page?: string
  readonly variables: readonly Variable[]
  readonly annotations: readonly AnnotationQueryBuilder[]
  readonly panels: readonly Item[]
}

/** How often a dashboard looks for what is new. */
const REFRESH = '1m'

/** Assembles a dashboard. Chinese ones are in the time of China, English ones in that of the browser. */
export function dashboardOf(spec: DashboardSpec): Dashboard {
  const { name, language, words, from, page, variables, annotations, panels } = spec
  const made = new DashboardBuilder(words.title)
    .uid(uidOf(name, language))
    .description(words.description)
    .tags(['isotherm', tagOf(language)])
    .timezone(language === 'zh' ? 'Asia/Shanghai' : 'browser')
    .weekStart('monday')
    .time({ from, to: 'now' })
    .timepicker(new TimePickerBuilder().refreshIntervals(['30s', REFRESH, '5m', '15m', '1h']))
    .refresh(REFRESH)
    .tooltip(DashboardCursorSync.Crosshair)
    .variables([...variables])
    .annotations([...annotations])
    .links([...topLinks(name, language, page)])
  for (const panel of placed(panels)) {
    if (panel instanceof RowBuilder) made.withRow(panel)
    else made.withPanel(panel)
  }
  return made.build()
}
