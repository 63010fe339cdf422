import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat'
import { colours, PLAIN } from './colours.ts'
import { openSum, sensorsHeard } from './influxql.ts'
import { type PanelSpec, stat } from './panels.ts'
import { influxQuery, INFLUX } from './sources.ts'
import type { Words } from './words.ts'

type StatSpec = Pick<PanelSpec, 'id' | 'words' | 'size'>

/** None is good; the first step is also the colour of what is not known, which is never that. */
export const NONE_IS_GOOD = [
  { value: null, color: colours.unknown },
  { value: 0, color: colours.inRange },
  { value: 1, color: colours.warm },
]
/** None is bad. */
export const SOME_IS_GOOD = [
  { value: null, color: colours.warm },
  { value: 1, color: PLAIN },
]

/** How many excursions, or other findings, go on now. */
export function openStat(
  words: Words,
  spec: StatSpec,
  measurement: 'excursion' | 'condition',
  where: string,
): PanelBuilder {
  const queries = [influxQuery('A', openSum(measurement, where), { alias: words.columns.open })]
  const steps = measurement === 'excursion' ? NONE_IS_GOOD : NONE_IS_FINE
  return stat({ ...spec, unit: 'short', empty: words.empty.neverOpen, source: INFLUX, queries }, { steps })
}

const NONE_IS_FINE = [
  { value: null, color: colours.unknown },
  { value: 0, color: colours.inRange },
  { value: 1, color: colours.near },
]

/** How many sensors were heard in the last hour. */
export function heardStat(words: Words, spec: StatSpec, where: string): PanelBuilder {
  const queries = [influxQuery('A', sensorsHeard(where), { alias: words.columns.sensor })]
  const steps = SOME_IS_GOOD
  return stat({ ...spec, unit: 'short', empty: words.empty.readings, source: INFLUX, queries }, { steps })
}

/** One number over the time chosen. */
export function numberStat(
  spec: StatSpec & Pick<PanelSpec, 'unit' | 'empty'> & { readonly query: string },
  color: string = PLAIN,
): PanelBuilder {
  const { query, ...rest } = spec
  const steps = [
    { value: null, color: PLAIN },
    { value: 0, color },
  ]
  const queries = [influxQuery('A', query, { alias: '$col' })]
  return stat({ ...rest, source: INFLUX, queries }, { steps })
}
