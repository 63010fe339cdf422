import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { missingProgram } from '../support/services.ts'
import { alertRules, dashboards, panelsOf, targetsOf } from './committed.ts'

const run = promisify(execFile)
const metricsPage = resolve(import.meta.dirname, '../../docs/metrics.md')

/** Metrics that Prometheus and its client library bring. */
const foreign = ['up', 'process_resident_memory_bytes', 'process_cpu_seconds_total']

/** Expressions as Grafana sends them. */
function expressions(): readonly string[] {
  const ofPanels = dashboards().flatMap((committed) =>
    panelsOf(committed).flatMap((panel) => targetsOf(panel).flatMap(({ expr }) => expr ?? [])),
  )
  const ofAlerts = alertRules().flatMap(({ data }) => data.flatMap(({ model }) => model['expr'] ?? []))
  return [...new Set([...ofPanels, ...ofAlerts.map(String)])].map((expr) =>
    expr.replaceAll('$__rate_interval', '1m').replaceAll('$instance', '.*'),
  )
}

/** Names of metrics in an expression: words before a brace. */
function metricsIn(expr: string): readonly string[] {
  return [...expr.matchAll(/([a-z_]+)\{/g)].map(([, name]) => name ?? '')
}

describe.skipIf(missingProgram('promtool', 'prometheus') !== undefined)('PromQL', () => {
  test('promtool understands every expression', async () => {
    const all = expressions()
    expect(all.length).toBeGreaterThan(40)
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-promql-'))
    try {
      const rules = all.map((expr, index) => ({ record: `test:expression_${index}`, expr }))
      const file = join(folder, 'rules.yml')
      writeFileSync(file, stringify({ groups: [{ name: 'dashboards', rules }] }))
      const { stdout } = await run('promtool', ['check', 'rules', file])
      expect(stdout).toContain(`${all.length} rules found`)
      writeFileSync(
        file,
        stringify({ groups: [{ name: 'broken', rules: [{ record: 'a', expr: 'sum(up' }] }] }),
      )
      await expect(run('promtool', ['check', 'rules', file])).rejects.toThrow(/parse error/)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

test('every metric is one that Isotherm has', ({ skip }) => {
  if (!existsSync(metricsPage)) skip('docs/metrics.md is not there yet')
  const page = readFileSync(metricsPage, 'utf8')
  const used = new Set(expressions().flatMap(metricsIn))
  expect(used.size).toBeGreaterThan(30)
  const known = (name: string) => page.includes(`\`${name}`) || page.includes(`${name} `)
  // of a histogram and a summary the page has the name they have in common
  const isKnown = (name: string) => known(name) || known(name.replace(/_(?:bucket|sum|count)$/, ''))
  expect([...used].filter((name) => !foreign.includes(name) && !isKnown(name))).toEqual([])
})
