import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'yaml'

/** The folder of the checkout. */
export const root = resolve(import.meta.dirname, '../..')
/** The rules that are shipped. */
export const rulesPath = join(root, 'deploy/prometheus/alerts.yml')
const testsFolder = join(root, 'tests/deploy/alerts')

/** One alert as it is written in `alerts.yml`. */
export interface AlertRule {
  readonly alert: string
  readonly expr: string
  readonly for?: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
}

/** One question of a promtool test: which alerts there are at a time. */
export interface AlertCheck {
  readonly alertname: string
  readonly exp_alerts: readonly unknown[]
}

/** The text of a file of the checkout. */
export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** Every rule, in order. */
export function rulesOf(yaml: string): readonly AlertRule[] {
  const { groups } = parse(yaml) as { groups: readonly { rules: readonly AlertRule[] }[] }
  return groups.flatMap(({ rules }) => rules)
}

/** The files of promtool tests. */
export function ruleTestPaths(): readonly string[] {
  return readdirSync(testsFolder)
    .filter((name) => name.endsWith('.test.yml'))
    .toSorted()
    .map((name) => join(testsFolder, name))
}

/** What the promtool tests ask. */
export function checksOf(paths: readonly string[]): readonly AlertCheck[] {
  return paths.flatMap((path) => {
    const { tests } = parse(readFileSync(path, 'utf8')) as {
      tests: readonly { alert_rule_test: readonly AlertCheck[] }[]
    }
    return tests.flatMap(({ alert_rule_test }) => alert_rule_test)
  })
}

/** Cells of the rows of every table of a document, without those that head them. */
export function tableRows(document: string): readonly (readonly string[])[] {
  const lines = document.split('\n')
  return lines.flatMap((line, index) => {
    const isRow = line.startsWith('| ') && !/^\|[\s|-]+\|$/.test(line)
    const isHead = /^\|[\s|-]+\|$/.test(lines[index + 1] ?? '')
    return isRow && !isHead ? [cellsOf(line)] : []
  })
}

/** The section of a document under a heading of level 2, without the heading. */
export function section(document: string, heading: string): string {
  const [, after = ''] = document.split(`\n## ${heading}\n`)
  return after.split('\n## ')[0] ?? ''
}

function cellsOf(line: string): readonly string[] {
  return line
    .slice(1, line.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim())
}

/** Names of metrics in an expression, each with the labels it is chosen by. */
function metricsOf(expr: string): readonly { readonly name: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\b((?:isotherm|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g)].map(
    ([, name = '', chosen = '']) => {
      return { name, labels: [...chosen.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].map(([, label = '']) => label) }
    },
  )
}

/** Labels that Prometheus gives to every series it has scraped. */
const EVERYWHERE = new Set(['job', 'instance'])

/** What expressions ask for that the page of metrics does not tell: names, and labels of names. */
export function metricFindings(
  { alert, expr }: Pick<AlertRule, 'alert' | 'expr'>,
  page: string,
): readonly string[] {
  const rows = page.split('\n').filter((line) => line.startsWith('|'))
  return metricsOf(expr).flatMap(({ name, labels }) => {
    // `up` is of Prometheus itself, the others are those every process of Node has
    if (name === 'up' || /^(?:process|nodejs)_/.test(name)) return []
    const plain = name.replace(/_(?:sum|count|bucket)$/, '')
    const row = rows.find((line) => new RegExp(`\`(?:${name}|${plain})\\b`).test(line))
    if (row === undefined) return [`${alert}: ${name} is in no row`]
    return labels
      .filter((label) => !EVERYWHERE.has(label) && !new RegExp(`\\b${label}\\b`).test(row))
      .map((label) => `${alert}: ${name} has no label ${label}`)
  })
}
