import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/table'
import { BEGAN } from './influxql.ts'
import { ALL, dashboardUrl, ofRow } from './links.ts'
import { confirmedMappings, findingKindMappings, stateMappings } from './mappings.ts'
import type { PanelSpec } from './panels.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { type Column, table, timeColumn } from './tables.ts'
import { dictionary, type Language } from './words.ts'

type TableSpec = Pick<PanelSpec, 'id' | 'words' | 'size'>

/** A place whose name leads to its dashboard. */
export function placeColumn(language: Language): Column {
  const { columns } = dictionary[language]
  const link = { title: columns.place, url: placeUrl(language, 'place') }
  return { field: 'place', title: columns.place, unit: 'none', width: 140, link }
}

/** The dashboard of the place that a field of the row names. */
export function placeUrl(language: Language, field: string): string {
  return dashboardUrl('place', language, { site: ALL, place: ofRow(field), point: ALL })
}

/** Excursions that meet a condition, the newest first. */
export function excursionTable(
  language: Language,
  spec: TableSpec,
  where = BEGAN,
  limit = 500,
): PanelBuilder {
  const words = dictionary[language]
  const { columns } = words
  const selected = `"text_${language}", "place", "peak", "observed_s", "end_ms", "state", "confirmed", "rule"`
  const query = `SELECT ${selected} FROM "excursion" WHERE ${where} ORDER BY time DESC LIMIT ${limit}`
  const shown: readonly Column[] = [
    ...beginning(language),
    { field: 'peak', title: columns.peak, unit: 'celsius', decimals: 1, width: 90 },
    ...ending(language),
    { field: 'rule', title: columns.rule, unit: 'none' },
  ]
  const queries = [influxQuery('A', query, 'table')]
  return table({ ...spec, empty: words.empty.excursions, source: INFLUX, queries }, shown)
}

/** Other findings that meet a condition, the newest first. */
export function conditionTable(language: Language, spec: TableSpec, where = BEGAN): PanelBuilder {
  const words = dictionary[language]
  const selected = `"text_${language}", "place", "kind", "observed_s", "end_ms", "state", "confirmed"`
  const query = `SELECT ${selected} FROM "condition" WHERE ${where} ORDER BY time DESC LIMIT 500`
  const kind = { title: words.columns.kind, mappings: findingKindMappings(words) }
  const shown: readonly Column[] = [
    ...beginning(language),
    { field: 'kind', unit: 'none', width: 110, ...kind },
    ...ending(language),
  ]
  const queries = [influxQuery('A', query, 'table')]
  return table({ ...spec, empty: words.empty.conditions, source: INFLUX, queries }, shown)
}

function beginning(language: Language): readonly Column[] {
  const { columns } = dictionary[language]
  return [
    timeColumn(columns.start),
    { field: `text_${language}`, title: columns.text, unit: 'none' },
    placeColumn(language),
  ]
}

function ending(language: Language): readonly Column[] {
  const words = dictionary[language]
  const { columns } = words
  return [
    { field: 'observed_s', title: columns.observed, unit: 's', width: 110 },
    timeColumn(columns.end, 'end_ms'),
    { field: 'state', title: columns.state, unit: 'none', width: 90, mappings: stateMappings(words) },
    {
      field: 'confirmed',
      title: columns.confirmed,
      unit: 'none',
      width: 90,
      mappings: confirmedMappings(words),
    },
  ]
}
