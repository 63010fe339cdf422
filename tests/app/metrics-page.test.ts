import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { metricDefinitions } from '../../app/metrics/definitions.ts'
import { openMetrics } from '../../app/metrics/registry.ts'

test('docs/metrics.md has every metric with type, labels and meaning, and no other', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/metrics.md'), 'utf8')
  const rows = page.split('\n').filter((line) => line.startsWith('| `isotherm_'))
  const expected = Object.entries(metricDefinitions).map(([name, { type, labels, help, of }]) => {
    const named = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${named} | ${help} | ${of} |`
  })
  expect(rows).toEqual(expected)
})

test('what is told later stands for what was told before, and nothing stays of the scrape before', async () => {
  const metrics = openMetrics()
  const restarted = metrics.countRestarts('query')
  let at = 0
  metrics.addSource(() => [
    { name: 'isotherm_core_connected', value: 0 },
    { name: 'isotherm_gateway_refusals_total', labels: { reason: `r${(at += 1)}` }, value: 5 },
  ])
  metrics.addSource(async () => [{ name: 'isotherm_core_connected', value: 1 }])
  const own = async () => (await metrics.text()).split('\n').filter((line) => line.startsWith('isotherm_'))
  expect(await own()).toEqual([
    'isotherm_thread_restarts_total{thread="query"} 0',
    'isotherm_core_connected 1',
    'isotherm_gateway_refusals_total{reason="r1"} 5',
  ])
  restarted()
  metrics.observeSync(3)
  const text = await own()
  expect(text).toContain('isotherm_thread_restarts_total{thread="query"} 1')
  expect(text).toContain('isotherm_gateway_refusals_total{reason="r2"} 5')
  expect(text).not.toContain('isotherm_gateway_refusals_total{reason="r1"} 5')
  expect(text).toContain('isotherm_journal_sync_seconds_bucket{le="0.0025"} 0')
  expect(text).toContain('isotherm_journal_sync_seconds_bucket{le="0.005"} 1')
})

test('a summary is told with the two numbers it was given', async () => {
  const metrics = openMetrics()
  metrics.addSource(() => [
    { name: 'isotherm_judge_seconds', part: 'sum', value: 0.25 },
    { name: 'isotherm_judge_seconds', part: 'count', value: 3 },
  ])
  const lines = (await metrics.text()).split('\n')
  expect(lines.filter((line) => line.includes('isotherm_'))).toEqual([
    `# HELP isotherm_judge_seconds ${metricDefinitions.isotherm_judge_seconds.help}`,
    '# TYPE isotherm_judge_seconds summary',
    'isotherm_judge_seconds_sum 0.25',
    'isotherm_judge_seconds_count 3',
  ])
})
