import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { stringify } from 'yaml'
import { commandLine, wrongInCall } from '../support/documented-calls.ts'
import { missingProgram, programPath } from '../support/services.ts'
import {
  type AlertRule,
  checksOf,
  metricFindings,
  rulesOf,
  rulesPath,
  ruleTestPaths,
  section,
} from './rules.ts'
import { tableRows, textOf } from './rules.ts'

const yaml = textOf('deploy/prometheus/alerts.yml')
const rules = rulesOf(yaml)
const names = rules.map(({ alert }) => alert)
const runbook = textOf('docs/runbook.md')
const missing = missingProgram('promtool', 'prometheus')

function promtool(...words: readonly string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(programPath('promtool') ?? '', words, { encoding: 'utf8' })
  return { code: status, output: `${stdout}${stderr}` }
}

/** A folder for one test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'isotherm-rules-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

describe.skipIf(missing !== undefined)('promtool', () => {
  test('takes the rules', () => {
    expect(promtool('check', 'rules', rulesPath).output).toContain(`SUCCESS: ${rules.length} rules found`)
  })

  test('takes the configuration, with the token where it is said to be', () => {
    const path = folder()
    const text = textOf('deploy/prometheus/prometheus.yml')
    const token = join(path, 'metrics_token')
    writeFileSync(join(path, 'prometheus.yml'), text.replace('/run/secrets/metrics_token', token))
    writeFileSync(join(path, 'alerts.yml'), yaml)
    const check = () => promtool('check', 'config', join(path, 'prometheus.yml'))
    expect(check().code).toBe(1)
    writeFileSync(token, 'a token')
    expect(check().output).toMatch(/SUCCESS: .*prometheus\.yml is valid/)
  })

  test.each(ruleTestPaths())('%s holds', (path) => {
    const { code, output } = promtool('test', 'rules', path)
    expect(output).toContain('SUCCESS')
    expect(code).toBe(0)
  })

  /** Alerts whose tests fail once the rules are changed. */
  function failing(change: (rule: AlertRule) => Partial<AlertRule>): readonly string[] {
    const path = folder()
    const found = ruleTestPaths().flatMap((file) => {
      const tested = new Set(checksOf([file]).map(({ alertname }) => alertname))
      const changed = rules.filter(({ alert }) => tested.has(alert)).map(change)
      writeFileSync(join(path, 'alerts.yml'), stringify({ groups: [{ name: 'changed', rules: changed }] }))
      const copy = join(path, 'some.test.yml')
      const text = readFileSync(file, 'utf8')
      writeFileSync(copy, text.replace('../../../deploy/prometheus/alerts.yml', 'alerts.yml'))
      const { output } = promtool('test', 'rules', copy)
      return [...output.matchAll(/^ {4}alertname: (\w+),/gm)].map(([, name = '']) => name)
    })
    return [...new Set(found)].toSorted()
  }

  test('a rule that waits for nothing, or never fires, is found by its tests', { timeout: 60_000 }, () => {
    const waiting = rules.filter((rule) => rule.for !== undefined).map(({ alert }) => alert)
    expect(failing((rule) => ({ ...rule, for: '0s' }))).toEqual(waiting.toSorted())
    expect(failing((rule) => ({ ...rule, expr: 'vector(0) > 1' }))).toEqual(names.toSorted())
  })

  test('a rule that lets the first one pass is found by its tests', { timeout: 60_000 }, () => {
    const first = /> 0(?![\d.])/g
    const fromTheFirst = rules.filter(({ expr }) => expr.search(first) !== -1).map(({ alert }) => alert)
    expect(fromTheFirst.length).toBeGreaterThan(10)
    // 2 and not 1: an increase reaches beyond its first and last look, so that one event may be 1.02
    const found = failing((rule) => ({ ...rule, expr: rule.expr.replaceAll(first, '> 2') }))
    expect(found).toEqual(fromTheFirst.toSorted())
  })

  test.each([0.5, 2])('bounds times %f are found by the tests', { timeout: 60_000 }, (factor) => {
    const bounds = /(?<=[<>]=? )(?!0(?![.\d]))\d+(?:\.\d+)?/g
    const bounded = rules.filter(({ expr }) => expr.search(bounds) !== -1).map(({ alert }) => alert)
    expect(bounded.length).toBeGreaterThan(20)
    const changed = (expr: string) => expr.replaceAll(bounds, (value) => String(Number(value) * factor))
    expect(failing((rule) => ({ ...rule, expr: changed(rule.expr) }))).toEqual(bounded.toSorted())
  })
})

describe('each alert', () => {
  test('has a name of its own', () => {
    expect(new Set(names).size).toBe(names.length)
    expect(names.length).toBeGreaterThan(40)
  })

  test.each(rules)('$alert says what it is, in two languages, and where to read on', (rule) => {
    const { alert, labels, annotations } = rule
    expect(Object.keys(annotations)).toEqual(['summary', 'summary_zh', 'description', 'runbook_url'])
    expect(annotations['summary_zh']).toMatch(/[\u4e00-\u9fff]/)
    expect(annotations['summary']).toMatch(/\w+ \w+/)
    expect(annotations['description']).toMatch(/\.$/)
    expect(annotations['runbook_url']).toBe(`{{ $externalLabels.runbook }}#${alert.toLowerCase()}`)
    expect(labels['severity']).toMatch(/^(?:critical|warning)$/)
    expect(labels['area']).toMatch(/^[a-z]+$/)
  })

  test.each(names)('%s says what its threshold rests on, in a comment above it', (alert) => {
    const before = yaml.slice(0, yaml.indexOf(`      - alert: ${alert}\n`)).trimEnd()
    expect(before.slice(before.lastIndexOf('\n') + 1)).toMatch(/^ {6}# .+/)
  })

  test.each(names)('%s is seen to fire, and to keep quiet', (alert) => {
    const checks = checksOf(ruleTestPaths()).filter(({ alertname }) => alertname === alert)
    expect(checks.some(({ exp_alerts }) => exp_alerts.length > 0)).toBe(true)
    expect(checks.some(({ exp_alerts }) => exp_alerts.length === 0)).toBe(true)
  })

  test('rests on metrics that docs/metrics.md tells, with labels it tells', () => {
    expect(rules.flatMap((rule) => metricFindings(rule, metricsPage()))).toEqual([])
    expect(metricFindings({ ...rules[0], alert: 'Some', expr: 'isotherm_none{x="1"} > 0' }, '')).toEqual([
      'Some: isotherm_none is in no row',
    ])
    const page = '| `isotherm_some{reason}` | gauge | `reason` |'
    expect(metricFindings({ ...rules[0], alert: 'Some', expr: 'isotherm_some{state="a"}' }, page)).toEqual([
      'Some: isotherm_some has no label state',
    ])
  })
})

describe('docs/runbook.md', () => {
  const sections = [...runbook.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading)
  const general = ['First', 'Which failure is seen by which alert']

  test('has a section for every alert, in the order of the rules, and no other', () => {
    expect(sections).toEqual([...general, ...names])
  })

  test.each(names)('%s: what it means, what to look at, what to do, when it is over', (alert) => {
    const text = section(runbook, alert)
    for (const word of ['**Means.**', '**Look.**', '**Do.**', '**Over**']) expect(text).toContain(word)
  })

  test('names commands and options that the command line has', async () => {
    const lines = [...runbook.matchAll(/(?:^|`)(?:npx )?isotherm ([a-z][^`\n]*)/gm)].map(
      ([, line = '']) => line,
    )
    const calls = [...new Set(lines)].map((line) => line.split(' '))
    expect(calls.length).toBeGreaterThan(8)
    const program = await commandLine()
    const wrong = calls.flatMap((words) => {
      const end = words.findIndex((word) => !/^[a-z][a-z-]*$/.test(word))
      const options = words.filter((word) => word.startsWith('--'))
      return wrongInCall(program, end === -1 ? words : words.slice(0, end), options)
    })
    expect(wrong).toEqual([])
    expect(wrongInCall(program, ['held', 'lists'], ['--alles'])).toHaveLength(2)
  })

  test('tells for every failure of ARCHITECTURE.md which alert sees it, or why none', () => {
    const rows = tableRows(section(runbook, 'Which failure is seen by which alert'))
    const failures = tableRows(section(textOf('ARCHITECTURE.md'), 'What happens when')).map(([what]) => what)
    expect(failures.length).toBeGreaterThan(40)
    expect(rows.map(([what]) => what)).toEqual(failures)
    const wrong = rows.flatMap(([what, seen = '']) => {
      const alerts = [...seen.matchAll(/\[(\w+)\]\(#(\w+)\)/g)]
      const unknown = alerts.filter(
        ([, name = '', anchor]) => !names.includes(name) || anchor !== name.toLowerCase(),
      )
      const hasReason = /^none: \w+ \w+/.test(seen)
      return unknown.length > 0 || (alerts.length === 0 && !hasReason) ? [`${what}: ${seen}`] : []
    })
    expect(wrong).toEqual([])
  })
})

/** The page of metrics; a metric counts as told when a row of a table names it. */
const metricsPage = () => textOf('docs/metrics.md')
