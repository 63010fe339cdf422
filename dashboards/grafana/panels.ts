import { PanelBuilder as BarGaugePanel } from '@grafana/grafana-foundation-sdk/bargauge'
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  GraphDrawStyle,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common'
import {
  type DynamicConfigValue,
  FieldColorBuilder,
  FieldColorModeId,
  type Panel,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard'
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat'
import { PanelBuilder as StateTimelinePanel } from '@grafana/grafana-foundation-sdk/statetimeline'
import { PanelBuilder as TimeseriesPanel } from '@grafana/grafana-foundation-sdk/timeseries'
import { MAX_GAP_FLOOR_MS } from '../../domain/index.ts'
import { PLAIN } from './colours.ts'
import type { Step } from './limits.ts'
import type { Query, SourceRef } from './sources.ts'
import type { PanelWords } from './words.ts'

/** What every panel has. */
export interface PanelSpec {
  /** Never changes: links to a panel and its alerts name it. */
  readonly id: number
  readonly words: PanelWords
  /** Columns of 24 and rows of the grid; a row of panels has 24 columns in all. */
  readonly size: readonly [columns: number, rows: number]
  /** Of Grafana; `short` or `none` where there is none. */
  readonly unit: string
  /** Why there may be nothing to see. */
  readonly empty: string
  readonly source: SourceRef
  readonly queries: readonly Query[]
}

/** One panel, built by the SDK. */
export interface AnyPanel {
  build(): Panel
}

interface Common {
  id(id: number): this
  title(title: string): this
  description(description: string): this
  datasource(ref: SourceRef): this
  span(columns: number): this
  height(rows: number): this
  unit(unit: string): this
  noValue(text: string): this
  targets(queries: Query[]): this
}

/** Gives a panel what every panel has. */
export function panelOf<P extends Common>(panel: P, spec: PanelSpec): P {
  const [columns, rows] = spec.size
  return panel
    .id(spec.id)
    .title(spec.words.title)
    .description(spec.words.description)
    .datasource(spec.source)
    .span(columns)
    .height(rows)
    .unit(spec.unit)
    .noValue(spec.empty)
    .targets([...spec.queries])
}

/** Steps as the SDK wants them. */
export function thresholds(steps: readonly Step[]): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps([...steps])
}

/** Numbers, each large; coloured by steps, or plain. */
export function stat(
  spec: PanelSpec,
  { steps = [{ value: null, color: PLAIN }], mappings = [] }: StatLook = {},
): StatPanel {
  return panelOf(new StatPanel(), spec)
    .thresholds(thresholds(steps))
    .mappings([...mappings])
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.None)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
}

/** How a number is shown. */
export interface StatLook {
  readonly steps?: readonly Step[]
  readonly mappings?: readonly ValueMapping[]
}

/** Points further apart are not joined: nothing is known in between. A reading speaks for so long at most, ms. */
export const GAP_MS = 2 * MAX_GAP_FLOOR_MS

/** Lines over time. Whatever lies further apart than `gapMs` is not joined. */
export function lines(spec: PanelSpec, gapMs = GAP_MS): TimeseriesPanel {
  return panelOf(new TimeseriesPanel(), spec)
    .drawStyle(GraphDrawStyle.Line)
    .lineInterpolation(LineInterpolation.Linear)
    .lineWidth(1)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(gapMs)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassicByName))
    .legend(legend())
    .tooltip(allAtOnce())
}

/** What stands under the pointer, the highest first. */
function allAtOnce(): VizTooltipOptionsBuilder {
  const tooltip = new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi)
  tooltip.build().sort = SortOrder.Descending
  return tooltip
}

/** Bars over time, on top of each other when they add up to something. */
export function bars(spec: PanelSpec, stacked: boolean): TimeseriesPanel {
  return lines(spec)
    .drawStyle(GraphDrawStyle.Bars)
    .fillOpacity(80)
    .showPoints(VisibilityMode.Never)
    .stacking(new StackingConfigBuilder().mode(stacked ? StackingMode.Normal : StackingMode.None).group('A'))
}

function legend(): VizLegendOptionsBuilder {
  return new VizLegendOptionsBuilder()
    .displayMode(LegendDisplayMode.List)
    .placement(LegendPlacement.Bottom)
    .showLegend(true)
}

/** States over time, as coloured words. */
export function states(spec: PanelSpec, mappings: readonly ValueMapping[]): StateTimelinePanel {
  return panelOf(new StateTimelinePanel(), spec)
    .mappings([...mappings])
    .mergeValues(true)
    .showValue(VisibilityMode.Auto)
    .spanNulls(GAP_MS)
    .rowHeight(0.8)
    .legend(legend())
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single))
}

/** Counts beside each other, the bars as long as they are large. */
export function barGauge(spec: PanelSpec): BarGaugePanel {
  return panelOf(new BarGaugePanel(), spec)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .min(0)
    .thresholds(thresholds([{ value: null, color: 'blue' }]))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false).fields(''))
}

/** One colour for whatever is called so. */
export function coloured(color: string): DynamicConfigValue {
  return { id: 'color', value: { mode: 'fixed', fixedColor: color } }
}

/** Thresholds as dashed lines across a chart. */
export function dashedThresholds(): GraphThresholdsStyleConfigBuilder {
  return new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed)
}
