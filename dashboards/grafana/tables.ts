import type {
  DataTransformerConfig,
  DynamicConfigValue,
  ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { TableSortByFieldStateBuilder } from '@grafana/grafana-foundation-sdk/common'
import { PanelBuilder as TablePanel } from '@grafana/grafana-foundation-sdk/table'
import type { Step } from './limits.ts'
import { type PanelSpec, panelOf } from './panels.ts'

/** One column: the name in the answer, and how it is shown. */
export interface Column {
  readonly field: string
  readonly title: string
  readonly unit: string
  readonly decimals?: number
  /** Pixels; else it takes what is left. */
  readonly width?: number
  readonly mappings?: readonly ValueMapping[]
  /** Where a click on a cell leads. */
  readonly link?: { readonly title: string; readonly url: string }
  /** Colours of the text. */
  readonly steps?: readonly Step[]
}

/** A column of instants: of the rows themselves, or of a field with epoch milliseconds. */
export function timeColumn(title: string, field = 'Time'): Column {
  return { field, title, unit: 'dateTimeAsIso', width: 160 }
}

/** What stands in a cell that has nothing, instead of the reason why a whole panel has nothing. */
const NOTHING = '–'

/** A table of the columns, in this order; queries whose rows are about the same thing are joined by that column. */
export function table(
  spec: Omit<PanelSpec, 'unit'>,
  columns: readonly Column[],
  look: {
    readonly joinedBy?: string
    readonly sort?: { readonly title: string; readonly desc: boolean }
  } = {},
): TablePanel {
  const panel = panelOf(new TablePanel(), { ...spec, unit: 'none' })
    .filterable(true)
    .transformations(transformations(columns, look.joinedBy))
  for (const column of columns) panel.overrideByName(column.field, [...properties(column)])
  const { sort } = look
  if (sort === undefined) return panel
  return panel.sortBy([new TableSortByFieldStateBuilder().displayName(sort.title).desc(sort.desc)])
}

function properties(column: Column): readonly DynamicConfigValue[] {
  const { title, unit, decimals, width, mappings, link, steps } = column
  const colour =
    steps === undefined
      ? []
      : [
          { id: 'thresholds', value: { mode: 'absolute', steps } },
          { id: 'color', value: { mode: 'thresholds' } },
        ]
  const isColoured = steps !== undefined || mappings !== undefined
  return [
    { id: 'displayName', value: title },
    { id: 'unit', value: unit },
    { id: 'noValue', value: NOTHING },
    ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
    ...(width === undefined ? [] : [{ id: 'custom.width', value: width }]),
    ...(mappings === undefined ? [] : [{ id: 'mappings', value: mappings }]),
    ...(link === undefined ? [] : [{ id: 'links', value: [link] }]),
    ...colour,
    ...(isColoured ? [{ id: 'custom.cellOptions', value: { type: 'color-text' } }] : []),
  ]
}

/** Every query has a time of its own, which says nothing after they are joined. */
function transformations(columns: readonly Column[], joinedBy: string | undefined): DataTransformerConfig[] {
  const order = Object.fromEntries(columns.map(({ field }, index) => [field, index]))
  const organize = { id: 'organize', options: { indexByName: order, excludeByName: {}, renameByName: {} } }
  const only = {
    id: 'filterFieldsByName',
    options: { include: { names: columns.map(({ field }) => field) } },
  }
  if (joinedBy === undefined) return [only, organize]
  return [only, { id: 'joinByField', options: { byField: joinedBy, mode: 'outer' } }, organize]
}
