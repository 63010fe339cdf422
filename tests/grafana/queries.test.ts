import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  alertRules,
  type Committed,
  dashboards,
  panelsOf,
  type Target,
  targetsOf,
  type Variable,
  variablesOf,
} from './committed.ts'
import { Filled, influxdSkipReason, type Series } from './filled.ts'
import { type Asked, type Chosen, interpolated, intervalOf, optionsOf } from './interpolate.ts'

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24 }

/** Where everything shown goes on, nothing has an end. */
const MAY_BE_MISSING = 'end_ms'

describe.skipIf(influxdSkipReason() !== undefined)(
  'every query of the committed files, on a real InfluxDB',
  () => {
    const filled = new Filled()
    const toMs = Date.now() + 60_000
    beforeAll(() => filled.open(), 120_000)
    afterAll(() => filled.close())

    function askedFor({ dashboard }: Committed, variables: ReadonlyMap<string, Chosen>): Asked {
      const [, count, unit] = /^now-(\d+)([hd])$/.exec(dashboard.time?.from ?? '') ?? []
      const fromMs = toMs - Number(count) * (HOURS[unit ?? ''] ?? Number.NaN) * 3_600_000
      return { fromMs, toMs, interval: intervalOf(fromMs, toMs, undefined), variables }
    }

    /** What Grafana makes of the answer to a variable: the texts in it, whatever the series. */
    async function textsOf(variable: Variable, asked: Asked): Promise<readonly string[]> {
      const { query } = variable.query as { query: string }
      const series = await filled.asked(interpolated(query, asked))
      return series.flatMap(({ columns, values }) => {
        const column = columns.includes('value') ? columns.indexOf('value') : 1
        return values.map((row) => String(row[column]))
      })
    }

    /** Asks for the variables in their order; the first of each is chosen, or all. */
    async function chosenOf(committed: Committed): Promise<Map<string, Chosen>> {
      const chosen = new Map<string, Chosen>()
      for (const variable of variablesOf(committed)) {
        if (variable.type !== 'query') continue
        const texts = await textsOf(variable, askedFor(committed, chosen))
        const options = optionsOf(texts, variable.regex)
        expect([variable.name, options.length > 0]).toEqual([variable.name, true])
        const multi = variable.multi === true
        const all = variable.allValue ?? options.map(({ value }) => value)
        const one = options[0]?.value ?? ''
        chosen.set(variable.name, {
          value: multi ? all : one,
          multi,
          isAllValue: multi && variable.allValue !== undefined,
        })
      }
      return chosen
    }

    const influx = dashboards().filter((each) => !each.name.endsWith('/system'))

    test('there are seven dashboards of InfluxDB in two languages', () => {
      expect(influx.map(({ name }) => name)).toHaveLength(14)
    })

    test.each(influx.map((each) => [each.name, each] as const))('%s', async (_, committed) => {
      const chosen = await chosenOf(committed)
      const asked = askedFor(committed, chosen)
      const wrong: string[] = []
      for (const panel of panelsOf(committed)) {
        const interval = intervalOf(asked.fromMs, asked.toMs, panel.interval)
        const series: Series[] = []
        for (const target of targetsOf(panel)) {
          const found = await filled.asked(interpolated(target.query ?? '', { ...asked, interval }))
          const what = `panel ${panel.id} ${panel.title}, query ${target.refId}`
          wrong.push(...objectionsTo(target, found).map((objection) => `${what}: ${objection}`))
          series.push(...found)
        }
        wrong.push(
          ...missingColumns(panel, series).map((field) => `panel ${panel.id} ${panel.title}: no ${field}`),
        )
      }
      for (const annotation of committed.dashboard.annotations.list ?? []) {
        const { query, textColumn } = annotation.target as unknown as { query: string; textColumn: string }
        const series = await filled.asked(interpolated(query, asked))
        wrong.push(...regionObjections(series, textColumn, toMs).map((text) => `${annotation.name}: ${text}`))
      }
      expect(wrong).toEqual([])
    })

    test('hours of a lot tell what was in range, too warm, too cold and unknown', async () => {
      const [hours] = await filled.asked(
        'SELECT sum("in_s"), sum("warm_s"), sum("cold_s"), sum("unknown_s") FROM "lot_hour"',
      )
      const [, ...seconds] = hours?.values[0] ?? []
      expect(seconds.map((each) => Number(each) > 0)).toEqual([true, true, true, true])
      expect(new Set(seconds).size).toBe(4)
    })

    test('what goes on is counted, and what is over is not', async () => {
      const [excursions] = await filled.asked('SELECT sum("open") FROM "excursion"')
      expect(excursions?.values.map(([, open]) => open)).toEqual([2])
    })

    test.each(alertRules().map((rule) => [rule.uid, rule] as const))('alert %s', async (_, rule) => {
      for (const { refId, model, relativeTimeRange } of rule.data) {
        const query = model['query']
        if (typeof query !== 'string') continue
        const nowMs = Date.now()
        const fromMs = nowMs - relativeTimeRange.from * 1_000
        const asked = { fromMs, toMs: nowMs, interval: '1m', variables: new Map<string, Chosen>() }
        const series = await filled.asked(interpolated(query, asked))
        expect([refId, rowsOf(series).length > 0]).toEqual([refId, true])
        for (const { columns, tags } of series) {
          // a number and nothing else, or Grafana can reckon with none of it
          expect(columns).toHaveLength(2)
          expect(Object.keys(tags ?? {})).toContain('site')
        }
      }
    })

    test('the alert of open excursions sees the one that goes on, that of silent sites none', async () => {
      const valuesOf = async (uid: string) => {
        const rule = alertRules().find((each) => each.uid === uid)
        const first = rule?.data[0]
        const nowMs = Date.now()
        const fromMs = nowMs - (first?.relativeTimeRange.from ?? 0) * 1_000
        const asked = { fromMs, toMs: nowMs, interval: '1m', variables: new Map<string, Chosen>() }
        const series = await filled.asked(interpolated(String(first?.model['query']), asked))
        return series.map(({ tags, values }) => [tags?.['place'] ?? tags?.['site'], values.at(-1)?.[1]])
      }
      expect(await valuesOf('isotherm-excursion-open')).toEqual([
        ['fridge', 1],
        ['van-7', 1],
      ])
      const [clinic] = await valuesOf('isotherm-site-silent')
      expect(Number(clinic?.[1])).toBeGreaterThan(0.01)
    })
  },
)

function rowsOf(series: readonly Series[]): readonly (readonly unknown[])[] {
  return series.flatMap(({ values }) => values)
}

/** What is wrong with an answer, as the series or rows Grafana makes of it. */
function objectionsTo({ alias = '', resultFormat }: Target, series: readonly Series[]): readonly string[] {
  const [, tag] = /\$tag_(\w+)/.exec(alias) ?? []
  const tags = series.map((each) => Object.keys(each.tags ?? {}))
  return [
    ...(rowsOf(series).length === 0 ? ['no rows'] : []),
    ...emptyColumns(series).map((column) => `no value of ${column}`),
    // series are named by what their alias says
    ...(tag !== undefined && tags.some((names) => names.join() !== tag) ? [`series without ${tag}`] : []),
    // Grafana mixes up the columns of several tags, because it goes through them in random order
    ...(resultFormat === 'table' && tags.some((names) => names.length > 1) ? ['several tags'] : []),
  ]
}

/** Columns in which no series has anything: rows of gaps alone would be a chart without a line. */
function emptyColumns(series: readonly Series[]): readonly string[] {
  const columns = new Set(series.flatMap((each) => each.columns))
  return [...columns].filter((column) => {
    const values = series.flatMap((each) => {
      const at = each.columns.indexOf(column)
      return at === -1 ? [] : each.values.map((row) => row[at])
    })
    return values.every((value) => value === null) && column !== MAY_BE_MISSING
  })
}

/** What a panel has a name, a unit or a colour for, and no answer has a value of. */
function missingColumns(panel: Panel, series: readonly Series[]): readonly string[] {
  const named = (panel.fieldConfig?.overrides ?? [])
    .filter(({ matcher }) => matcher.id === 'byName')
    .map(({ matcher }) => String(matcher.options))
  return named.filter((field) => {
    const values = series.flatMap(({ columns, tags = {}, values: rows }) => {
      const column = columns.indexOf(field === 'Time' ? 'time' : field)
      return column === -1 ? [tags[field]] : rows.map((row) => row[column])
    })
    return values.every((value) => value === null || value === undefined) && field !== MAY_BE_MISSING
  })
}

/** Regions have an end behind their begin and words, in every row: Grafana leaves out rows with a gap. */
function regionObjections(series: readonly Series[], text: string, toMs: number): readonly string[] {
  const [first, more] = series
  if (first === undefined || more !== undefined) return [`${series.length} series`]
  const wanted = ['time', 'point', 'rule', text, 'end_ms'].join()
  const isWhole = ([begin, point, rule, words, end]: readonly unknown[]) =>
    [point, rule, words].every((each) => typeof each === 'string' && each !== '') &&
    Number(end) > Number(begin)
  return [
    ...(first.columns.join() === wanted ? [] : [`columns ${first.columns.join()}`]),
    ...first.values.filter((row) => !isWhole(row)).map((row) => `row ${row.join()}`),
    ...(first.values.some((row) => row.at(-1) === toMs) ? [] : ['none goes on to the right edge']),
  ]
}
