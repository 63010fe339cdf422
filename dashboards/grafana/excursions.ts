import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard'
import { findingAnnotations } from './annotations.ts'
import { newByDay } from './city.ts'
import { numberStat, openStat } from './counts.ts'
import { dashboardOf } from './dashboard.ts'
import { conditionTable, excursionTable } from './finding-tables.ts'
import { BEGAN, OF_SITE } from './influxql.ts'
import { type AnyPanel, barGauge } from './panels.ts'
import { influxQuery, INFLUX } from './sources.ts'
import { influxVariable, isothermVariable, siteVariable } from './variables.ts'
import { dictionary, type Language, type PanelWords } from './words.ts'

const OF_BEGAN = `${BEGAN} AND ${OF_SITE}`

/** Excursions and other findings: how many, how long, by which rule, where. */
export function excursionsDashboard(language: Language): Dashboard {
  const words = dictionary[language]
  const { excursions, empty } = words
  const number = (id: number, said: PanelWords, unit: string, selected: string) => {
    const query = `SELECT ${selected} FROM "excursion" WHERE ${OF_BEGAN}`
    return numberStat({ id, words: said, size: [6, 4], unit, empty: empty.excursions, query })
  }
  const panels = [
    openStat(words, { id: 1, words: excursions.open, size: [6, 4] }, 'excursion', OF_SITE),
    number(2, excursions.began, 'short', 'count("finding") AS "began"'),
    number(3, excursions.observed, 's', 'sum("observed_s") AS "observed"'),
    number(4, excursions.longest, 's', 'max("observed_s") AS "longest"'),
    excursionTable(language, { id: 5, words: excursions.list, size: [24, 10] }, OF_BEGAN),
    newByDay(language, { id: 6, words: excursions.perDay }, words.series),
    counted({ id: 7, words: excursions.byRule }, 'rule', empty.excursions),
    counted({ id: 8, words: excursions.byPlace }, 'place', empty.excursions),
    conditionTable(language, { id: 9, words: excursions.conditions, size: [24, 10] }, OF_BEGAN),
  ]
  return dashboardOf({
    name: 'excursions',
    language,
    words: excursions,
    from: 'now-30d',
    page: 'incidents',
    variables: [influxVariable(words), siteVariable(words, 'some'), isothermVariable(words)],
    annotations: findingAnnotations(language, OF_SITE),
    panels,
  })
}

function counted(spec: { id: number; words: PanelWords }, tag: 'rule' | 'place', empty: string): AnyPanel {
  const query = `SELECT count("finding") AS "findings" FROM "excursion" WHERE ${OF_BEGAN} GROUP BY "${tag}"`
  const queries = [influxQuery('A', query, { alias: `$tag_${tag}` })]
  return barGauge({ ...spec, size: [6, 8], unit: 'short', empty, source: INFLUX, queries })
}
