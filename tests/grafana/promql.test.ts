import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { metricFindings } from '../deploy/rules.ts'
import { missingProgram } from '../support/services.ts'
import { expressions } from './committed.ts'

const run = promisify(execFile)
const metricsPage = resolve(import.meta.dirname, '../../docs/metrics.md')

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

test('every metric is one that Isotherm has, with its labels', () => {
  const page = readFileSync(metricsPage, 'utf8')
  const findings = expressions().flatMap((expr) =>
    // the data source has its own instances, and buckets are of every histogram
    metricFindings({ alert: expr, expr: expr.replaceAll(/\b(?:le)\b/g, 'job') }, page),
  )
  expect(findings).toEqual([])
  expect(metricFindings({ alert: 'a', expr: 'isotherm_build_info{versio="1"}' }, page)).toHaveLength(1)
})
