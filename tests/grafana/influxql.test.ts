import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { alertRules, root, textOf } from './committed.ts'

// 2.x and 3 Core know less InfluxQL than 1.x, on which every query runs in queries.test.ts. What they have in common:
// https://docs.influxdata.com/influxdb3/core/reference/influxql/feature-support/ and the page of that name of v2.

const functions = [
  'count',
  'sum',
  'mean',
  'min',
  'max',
  'first',
  'last',
  'now',
  'time',
  'fill',
  'tz',
  'moving_average',
]
const statements = /^(?:select|show tag values from) /i
/** Writes, cardinalities and limits of series, types, and clauses that one of them lacks. */
const lacking = /\b(?:into|slimit|soffset|cardinality|delete|drop)\b|::/i

/** All InfluxQL of the committed files. */
function queries(): readonly string[] {
  const found = new Set<string>()
  const walk = (value: unknown): void => {
    if (typeof value === 'string' && /^\s*(?:select|show|delete|drop|create)\s/i.test(value)) found.add(value)
    else if (typeof value === 'object' && value !== null) for (const each of Object.values(value)) walk(each)
  }
  const folder = join(root, 'provisioning/dashboards')
  for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.json')) walk(JSON.parse(textOf(join('provisioning/dashboards', path))))
  }
  walk(alertRules())
  return [...found]
}

/** What a query has that not every InfluxDB knows. */
function unknownIn(query: string): readonly string[] {
  const code = query.replaceAll(/"[^"]*"|'[^']*'|\/[^/]*\//g, '""')
  const called = [...code.matchAll(/\b([a-z_]+)\s*\(/gi)].map(([, name = '']) => name.toLowerCase())
  const words = new Set(['from', 'where', 'and', 'or', 'by', ...functions])
  return [
    ...called.filter((name) => !words.has(name)),
    ...(statements.test(query) ? [] : [`statement of ${query}`]),
    ...(lacking.exec(code) ?? []),
  ]
}

test('queries keep to what InfluxQL of 2.x and 3 Core has too', () => {
  const all = queries()
  expect(all.length).toBeGreaterThan(80)
  expect(all.filter((query) => query.includes('point_limit')).length).toBeGreaterThan(5)
  expect(all.flatMap(unknownIn)).toEqual([])
})

test.each([
  ['SELECT integral("a") FROM "b"', 'integral'],
  ['SELECT "a" INTO "c" FROM "b"', 'INTO'],
  ['SELECT "a" FROM "b" SLIMIT 1', 'SLIMIT'],
  ['SHOW SERIES FROM "b"', 'statement of SHOW SERIES FROM "b"'],
])('%s is found', (query, told) => {
  expect(unknownIn(query)).toEqual([told])
})
