import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readRulePacks } from '../../app/doors/rule-packs.ts'
import { colours } from '../../dashboards/grafana/colours.ts'
import { isOut, type RulePack, type TemperatureRule } from '../../domain/index.ts'
import {
  alertRules,
  type Committed,
  dashboards,
  dataSources,
  panelsOf,
  targetsOf,
  textOf,
  variablesOf,
} from './committed.ts'
import { dashboardSchema, errorsOf } from './schema.ts'

const all = dashboards()
const named = all.map((each) => [each.name, each] as const)
const uids = all.map(({ dashboard }) => dashboard.uid ?? '')

/** Every text of a value, however deep. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

describe.each(named)('%s', (name, committed) => {
  const { dashboard } = committed

  test('is a classic dashboard', () => {
    expect(errorsOf(dashboardSchema, dashboard)).toEqual([])
  })

  test('has an id of its own for every panel', () => {
    const ids = (dashboard.panels ?? []).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('has a unit for every panel and every column', () => {
    for (const panel of panelsOf(committed)) {
      const { defaults, overrides } = panel.fieldConfig ?? { defaults: {}, overrides: [] }
      expect(defaults.unit).toBeTruthy()
      if (panel.type !== 'table') continue
      for (const { matcher, properties } of overrides) {
        const ids = properties.map(({ id }) => id)
        const missing = ['displayName', 'unit', 'noValue'].filter((id) => !ids.includes(id))
        expect([panel.title, String(matcher.options), ...missing]).toHaveLength(2)
      }
    }
  })

  test('has panels that lie beside each other, and fill each line', () => {
    const cells = new Map<string, string>()
    let bottom = 0
    for (const { gridPos, title = '' } of dashboard.panels ?? []) {
      const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 }
      bottom = Math.max(bottom, y + h)
      expect(x + w).toBeLessThanOrEqual(24)
      for (let column = x; column < x + w; column += 1) {
        for (let line = y; line < y + h; line += 1) {
          expect([title, cells.get(`${column} ${line}`)]).toEqual([title, undefined])
          cells.set(`${column} ${line}`, title)
        }
      }
    }
    expect(cells.size).toBe(24 * bottom)
  })

  test('uses no variable that it does not have, and has none that it does not use', () => {
    const variables = variablesOf(committed).map((variable) => variable.name)
    const { templating, ...rest } = dashboard
    const used = new Set(
      textsIn([
        rest,
        templating.list?.map(({ query }) => query),
        templating.list?.map((each) => each.datasource),
      ])
        .flatMap((text) => [...text.matchAll(/\$\{?(\w+)/g)].map(([, variable]) => variable ?? ''))
        .filter((variable) => !/^(?:__|tag_|timeFilter$|col$)/.test(variable)),
    )
    expect([...used].toSorted()).toEqual(variables.toSorted())
  })

  test('leads to dashboards and panels that there are', () => {
    const addresses = textsIn(dashboard).flatMap((text) => {
      return [...text.matchAll(/\/d\/([\w-]+)\??([^"]*)/g)].map(([, uid = '', rest = '']) => ({ uid, rest }))
    })
    expect(addresses.length).toBeGreaterThan(0)
    for (const { uid, rest } of addresses) {
      const target = all.find((each) => each.dashboard.uid === uid)
      expect(uids).toContain(uid)
      const theirs = target === undefined ? [] : variablesOf(target).map((variable) => variable.name)
      const set = [...rest.matchAll(/var-(\w+)=/g)].map(([, variable]) => variable ?? '')
      expect(set.filter((variable) => !theirs.includes(variable))).toEqual([])
    }
    const tags = (dashboard.links ?? []).flatMap((link) => link.tags)
    const found = all.filter((each) => tags.every((tag) => each.dashboard.tags?.includes(tag) === true))
    expect(found).toHaveLength(8)
  })

  test('leads to pages that Isotherm has', () => {
    const route = readFileSync(resolve(import.meta.dirname, '../../dashboards/live/src/route.ts'), 'utf8')
    const pages = textsIn(dashboard.links).flatMap((text) => /\/#\/(\w*)/.exec(text)?.[1] ?? [])
    expect(pages.length).toBe(name.endsWith('/system') ? 0 : 1)
    expect(pages.filter((page) => page !== '' && !route.includes(`'${page}'`))).toEqual([])
  })

  test('asks for tables grouped by one tag at most', () => {
    for (const panel of panelsOf(committed)) {
      for (const { resultFormat, query = '' } of targetsOf(panel)) {
        if (resultFormat !== 'table') continue
        const tags = (/GROUP BY (.*)$/.exec(query)?.[1] ?? '').replaceAll(/time\([^)]*\)|fill\([^)]*\)/g, '')
        expect(tags.match(/"\w+"/g)?.length ?? 0).toBeLessThanOrEqual(1)
      }
    }
  })

  test('has findings as annotations, where it is about InfluxDB', () => {
    const measurements = (dashboard.annotations.list ?? []).map(
      (each) => /FROM "(\w+)"/.exec((each.target as unknown as { query: string }).query)?.[1],
    )
    expect(measurements).toEqual(name.endsWith('/system') ? [] : ['excursion', 'condition'])
  })
})

test('uids are unique, and both languages have the same', () => {
  expect(new Set(uids).size).toBe(16)
  const of = (language: string) =>
    uids.filter((uid) => uid.endsWith(`-${language}`)).map((uid) => uid.slice(0, -3))
  expect(of('zh')).toEqual(of('en'))
})

test('both languages differ in words alone', () => {
  const shapeOf = ({ dashboard }: Committed): unknown =>
    panelsOf({ name: '', dashboard }).map(({ id, type, gridPos, targets = [] }) => [
      id,
      type,
      gridPos,
      targets.length,
    ])
  for (const each of all.filter(({ name }) => name.startsWith('zh/'))) {
    const other = all.find(({ name }) => name === each.name.replace('zh/', 'en/'))
    expect(other === undefined ? undefined : shapeOf(other)).toEqual(shapeOf(each))
  }
})

test('English dashboards have no Chinese but the name of the other language, Chinese ones a Chinese title everywhere', () => {
  for (const { name, dashboard } of all) {
    const panels = panelsOf({ name, dashboard })
    const texts = [
      dashboard.title,
      dashboard.description,
      ...panels.flatMap((each) => [each.title, each.description]),
    ]
    const isWrong = (text = '') =>
      /\p{Script=Han}/u.test(text) !== name.startsWith('zh/') && text !== 'InfluxDB'
    expect(texts.filter(isWrong)).toEqual([])
  }
})

test('nothing known is never in the colour of in range, and says why instead of a number', () => {
  for (const committed of all) {
    for (const { title, fieldConfig } of panelsOf(committed)) {
      const { thresholds, noValue = '' } = fieldConfig?.defaults ?? {}
      // Grafana gives the colour of the first step to what has no value
      expect([title, thresholds?.steps[0]?.color]).not.toEqual([title, colours.inRange])
      expect([title, noValue]).toEqual([title, expect.stringMatching(/\p{Letter}{2}/u)])
    }
  }
})

test('what Isotherm may well not have is not blamed on Prometheus', () => {
  const mayBeMissing = /isotherm_(?:influx|certificate|clock_synchronised)|> 0$/
  for (const language of ['zh', 'en']) {
    const system = all.find(({ name }) => name === `${language}/system`)
    const panels = system === undefined ? [] : panelsOf(system)
    const emptyOf = ({ fieldConfig }: (typeof panels)[number]) => fieldConfig?.defaults.noValue
    const usual = panels.filter(({ id }) => id === 10).map(emptyOf)
    const optional = panels.filter((each) => targetsOf(each).some(({ expr = '' }) => mayBeMissing.test(expr)))
    expect(optional.map(({ id }) => id)).toEqual([4, 6, 7, 14, 30, 31])
    expect(optional.filter((each) => usual.includes(emptyOf(each))).map(({ title }) => title)).toEqual([])
  }
})

describe('limits', () => {
  /** The colour of a value, as Grafana finds it: the last step that is not above it. */
  function colourOf(steps: readonly { value: number | null; color: string }[], value: number): string {
    return steps.filter((step) => step.value === null || step.value <= value).at(-1)?.color ?? ''
  }

  function stepsOf(name: string, id: number) {
    const committed = all.find((each) => each.name === name)
    const panel = committed === undefined ? undefined : panelsOf(committed).find((each) => each.id === id)
    return panel?.fieldConfig?.defaults.thresholds?.steps ?? []
  }

  function rulesOf(packs: readonly RulePack[]): readonly TemperatureRule[] {
    return packs
      .filter(({ id }) => id === 'cn-2017-cdc-clinic-transport')
      .flatMap(({ rules }) => rules)
      .flatMap((rule) => (rule.quantity === 'temperature' && rule.level === 'range' ? [rule] : []))
  }

  test.each([
    ['zh/vehicle', 1],
    ['zh/vehicle', 2],
    ['en/vehicle', 2],
  ])(
    '%s, panel %i: a value has the colour of out exactly when a rule of the pack finds it out',
    async (name, id) => {
      const rules = rulesOf(await readRulePacks())
      expect(rules).toHaveLength(2)
      const steps = stepsOf(name, id)
      expect(steps).toHaveLength(3)
      const fine = colourOf(steps, 5)
      for (const { limitMilliC } of rules) {
        for (const milliC of [limitMilliC - 1, limitMilliC, limitMilliC + 1]) {
          const isFine = !rules.some((rule) => isOut(rule, milliC))
          expect([milliC, colourOf(steps, milliC / 1_000) === fine]).toEqual([milliC, isFine])
        }
      }
    },
  )

  test('of batteries are those of the packs', async () => {
    const limits = (await readRulePacks())
      .flatMap(({ rules }) => rules)
      .flatMap((rule) => (rule.quantity === 'battery' ? [rule.limitMilliPct / 1_000] : []))
    expect(stepsOf('zh/place', 8).map(({ value }) => value)).toEqual([null, Math.max(...limits)])
  })
})

describe('provisioning', () => {
  test.each([
    'provisioning/datasources/isotherm.yaml',
    'datasources/influxdb-2.yaml',
    'datasources/influxdb-3.yaml',
  ])('%s has every data source that dashboards and alerts name', (path) => {
    const sources = dataSources(path)
    const byUid = new Map(sources.map(({ uid, type }) => [uid, type]))
    for (const committed of all) {
      for (const variable of variablesOf(committed)) {
        if (variable.type !== 'datasource') continue
        expect(byUid.get(String(variable.current?.value))).toBe(variable.query)
      }
    }
    const asked = alertRules().flatMap(({ data }) => data.map(({ datasourceUid }) => datasourceUid))
    expect(asked.filter((uid) => uid !== '__expr__' && !byUid.has(uid))).toEqual([])
    const influxdb = sources.find(({ type }) => type === 'influxdb')
    expect(influxdb?.jsonData).toMatchObject({ version: 'InfluxQL', dbName: '$ISOTHERM_INFLUX_DATABASE' })
  })

  test('2.x and 3 are asked with a token in a header', () => {
    for (const [path, scheme] of [
      ['datasources/influxdb-2.yaml', 'Token'],
      ['datasources/influxdb-3.yaml', 'Bearer'],
    ] as const) {
      const [influxdb] = dataSources(path)
      expect(influxdb?.jsonData['httpHeaderName1']).toBe('Authorization')
      expect(influxdb?.secureJsonData).toEqual({ httpHeaderValue1: `${scheme} $ISOTHERM_INFLUX_TOKEN` })
    }
  })

  test('each folder of dashboards has a provider that finds it', () => {
    const { providers } = parse(textOf('provisioning/dashboards/isotherm.yaml')) as {
      providers: { folder: string; folderUid: string; options: { path: string } }[]
    }
    expect(providers.map(({ folder }) => folder)).toEqual(['中文', 'English'])
    const below = providers.map(({ options }) => options.path.replace('/etc/grafana/', ''))
    const paths = all.map(({ name }) => `provisioning/dashboards/${name}`)
    expect(below.map((folder) => paths.filter((path) => path.startsWith(`${folder}/`)).length)).toEqual([
      8, 8,
    ])
  })
})
