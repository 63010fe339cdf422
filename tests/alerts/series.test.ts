import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findings, findingsJson, silencesOf } from '../../alerts/index.ts'
import { contactOf, describeFinding, minute, pointOf } from './series.ts'

const page = readFileSync(new URL('../../docs/engine.md', import.meta.url), 'utf8')
const rows = page
  .split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| shows'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  )

describe('the series of docs/engine.md', () => {
  test('are all there', () => expect(rows.length).toBeGreaterThanOrEqual(12))

  test.each(rows)('%s', (_shows, rule = '', readings = '', facts = '', asOf = '', expected = '') => {
    const found = rule.startsWith('silent')
      ? silencesOf(contactOf(rule, readings, facts), minute(Number(asOf)))
      : findings({ points: [pointOf(rule, readings, facts)] }, minute(Number(asOf)))
    expect(found.map(describeFinding).join('; ')).toBe(expected)
  })
})

describe('a finding', () => {
  const all = findings({ points: [pointOf('> 8', '0 9, 10 5')] }, minute(10))

  test('has the fields of its JSON and no others', () => {
    expect(all).toHaveLength(1)
    expect(JSON.parse(findingsJson(all))).toEqual(all)
  })

  test('stands in the list by start, then point, then rule', () => {
    const [early, late] = [pointOf('> 8', '0 9, 5 5, 10 9'), pointOf('> 8', '10 9')]
    const [inForce] = late.rules
    if (inForce === undefined) throw new Error('the series has a rule')
    const points = [
      {
        ...late,
        point: 'b',
        rules: ['z', 'a', 'B'].map((id) => ({ ...inForce, rule: { ...inForce.rule, id } })),
      },
      { ...early, point: 'c' },
      { ...late, point: 'a' },
    ]
    const listed = findings({ points }, minute(10)).map(({ startMs, point, rule }) =>
      [(startMs - minute(0)) / 60_000, point, rule].join(' '),
    )
    expect(listed).toEqual([
      '0 c table/rule',
      '10 a table/rule',
      '10 b B',
      '10 b a',
      '10 b z',
      '10 c table/rule',
    ])
  })

  test('has an id made of point, rule, version and start', () => {
    const text = `isotherm finding 1\npoint point\nrule table/rule\nversion 1\nstart ${minute(0)}\n`
    expect(all[0]?.id).toBe(createHash('sha256').update(text).digest('hex').slice(0, 16))
  })

  test('has the id that the page shows', () => {
    const [, id, lines = ''] = /```text id (\w+)\n([\s\S]*?)```/.exec(page) ?? []
    const [, point = '', rule = '', version = '', start = ''] = lines
      .split('\n')
      .map((line) => line.replace(/^\w+ /, ''))
    const shown = pointOf('> 8', '0 9')
    const tMs = Number(start)
    const [found] = findings(
      {
        points: [
          {
            ...shown,
            point,
            readings: [{ tMs, value: 9000 }],
            rules: shown.rules.map((inForce) => ({
              ...inForce,
              packVersion: Number(version),
              rule: { ...inForce.rule, id: rule },
            })),
          },
        ],
      },
      tMs,
    )
    expect(found?.id).toBe(id)
  })
})
