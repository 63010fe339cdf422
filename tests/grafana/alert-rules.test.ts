import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { alertRules, dashboards, panelsOf, textOf } from './committed.ts'
import { alertsSchema, errorsOf } from './schema.ts'

const all = dashboards()

describe('alert rules', () => {
  const rules = alertRules()

  test('are of the form of files', () => {
    expect(errorsOf(alertsSchema, parse(textOf('provisioning/alerting/isotherm.yaml')))).toEqual([])
    expect(new Set(rules.map(({ uid }) => uid)).size).toBe(rules.length)
  })

  test('reckon with what they have asked for', () => {
    for (const { condition, data } of rules) {
      expect(data.map(({ model }) => model['refId'])).toEqual(data.map(({ refId }) => refId))
      const unknown = data.flatMap(({ model }, index) => {
        const before = data.slice(0, index).map(({ refId }) => refId)
        const expression = model['expression']
        const used = typeof expression === 'string' ? (expression.match(/\b[A-Z]\b/g) ?? []) : []
        return used.filter((refId) => !before.includes(refId))
      })
      expect(unknown).toEqual([])
      expect(data.map(({ refId }) => refId)).toContain(condition)
    }
  })

  test('lead to a panel', () => {
    for (const { dashboardUid, panelId, annotations } of rules) {
      const target = all.find((each) => each.dashboard.uid === dashboardUid)
      expect(target === undefined ? [] : panelsOf(target).map(({ id }) => id)).toContain(panelId)
      expect(annotations).toMatchObject({ __dashboardUid__: dashboardUid, __panelId__: String(panelId) })
    }
  })

  test('lead to a section of the runbook', () => {
    const sections = rules.map(({ annotations }) => annotations['runbook_url']?.split('#') ?? [])
    expect(new Set(sections.map(([path]) => path))).toEqual(new Set(['docs/runbook.md']))
    const page = resolve(import.meta.dirname, '../../docs/runbook.md')
    const text = readFileSync(page, 'utf8')
    const headings = [...text.matchAll(/^## (.*)$/gm)].map(([, name]) => name?.toLowerCase())
    expect(sections.flatMap(([, section]) => (headings.includes(section) ? [] : [section]))).toEqual([])
  })

  test('say nothing that Grafana would take for a variable of its environment', () => {
    for (const { labels, annotations } of rules) {
      for (const text of Object.values(labels)) expect(text).not.toContain('$')
      for (const text of Object.values(annotations))
        expect(text.replaceAll('{{ $labels.', '')).not.toContain('$')
    }
  })
})
