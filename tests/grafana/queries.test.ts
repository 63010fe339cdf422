import type { Panel, VariableModel } from '@grafana/grafana-foundation-sdk/dashboard'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  alertRules,
  type Committed,
  dashboards,
  panelsOf,
  type Target,
  targetsOf,
  variablesOf,
} from './committed.ts'
import { Filled, influxdSkipReason, type Series } from './filled.ts'
import { type Asked, type Chosen, interpolated, intervalOf, optionsOf } from './interpolate.ts'

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24 }

/** What the whole filled InfluxDB has nothing of, because nobody sent it. */
const mayBeNull: Readonly<Record<string, readonly string[]>> = {
  // of an excursion that goes on
  end_ms: ['excursion', 'condition'],
}

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
    async function textsOf(variable: VariableModel, asked: Asked): Promise<readonly string[]> {
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
        expect(options, `${committed.name}: variable ${variable.name}`).not.toEqual([])
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
      for (const panel of panelsOf(committed)) {
        const interval = intervalOf(asked.fromMs, asked.toMs, panel.interval)
        const frames = new Map<string, readonly Series[]>()
        for (const target of targetsOf(panel)) {
          const what = `${committed.name}: panel ${panel.id} ${panel.title}, query ${target.refId}`
          const series = await filled.asked(interpolated(target.query ?? '', { ...asked, interval }))
          expect(rowsOf(series), what).not.toEqual([])
          expectNames(target, series, what)
          frames.set(target.refId, series)
        }
        expectColumns(
          panel,
          [...frames.values()].flat(),
          `${committed.name}: panel ${panel.id} ${panel.title}`,
        )
      }
      for (const annotation of committed.dashboard.annotations.list ?? []) {
        const { query, textColumn } = annotation.target as unknown as { query: string; textColumn: string }
        await expectRegions(interpolated(query, asked), textColumn, `${committed.name}: ${annotation.name}`)
      }
    })

    /** Series are named by what their alias says. */
    function expectNames(
      { alias = '', resultFormat }: Target,
      series: readonly Series[],
      what: string,
    ): void {
      const [, tag] = /\$tag_(\w+)/.exec(alias) ?? []
      if (tag !== undefined)
        for (const { tags } of series) expect(Object.keys(tags ?? {}), what).toEqual([tag])
      // Grafana mixes up the columns of several tags, because it goes through them in random order
      if (resultFormat === 'table') {
        for (const { tags = {} } of series) expect(Object.keys(tags).length, what).toBeLessThanOrEqual(1)
      }
    }

    /** Whatever a panel has a name, a unit or a colour for is a column with values. */
    function expectColumns(panel: Panel, series: readonly Series[], what: string): void {
      const named = (panel.fieldConfig?.overrides ?? [])
        .filter(({ matcher }) => matcher.id === 'byName')
        .map(({ matcher }) => String(matcher.options))
      for (const field of named) {
        if (field === 'Time') continue
        const values = series.flatMap(({ columns, tags = {}, values: rows }) => {
          const column = columns.indexOf(field)
          return column === -1 ? [tags[field]] : rows.map((row) => row[column])
        })
        const isThere = values.some((value) => value !== null && value !== undefined)
        expect(isThere || mayBeNull[field] !== undefined, `${what}: column ${field}`).toBe(true)
      }
    }

    /** Regions have an end behind their begin and words, in every row: Grafana leaves out rows with a gap. */
    async function expectRegions(query: string, text: string, what: string): Promise<void> {
      const series = await filled.asked(query)
      expect(
        series.map(({ columns }) => columns),
        what,
      ).toEqual([['time', 'point', 'rule', text, 'end_ms']])
      const rows = rowsOf(series)
      for (const row of rows) {
        const [begin, point, rule, words, end] = row
        expect(
          [point, rule, words].every((each) => typeof each === 'string' && each !== ''),
          what,
        ).toBe(true)
        expect(Number(end), what).toBeGreaterThan(Number(begin))
      }
      expect(new Set(series.map(({ name }) => name)).size, what).toBe(1)
      expect(
        rows.some(([, , , , end]) => end === toMs),
        `${what}: one goes on to the right edge`,
      ).toBe(true)
    }

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
        expect(rowsOf(series), `${rule.uid} ${refId}`).not.toEqual([])
        for (const { columns, tags } of series) {
          // a number and nothing else, or Grafana can reckon with none of it
          expect(columns, rule.uid).toHaveLength(2)
          expect(Object.keys(tags ?? {}), rule.uid).toContain('site')
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
