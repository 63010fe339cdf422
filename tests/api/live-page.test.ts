import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { liveSections } from '../../api/live/state.ts'
import { LiveMemory, LiveParser, type LiveEvent } from '../support/live-reader.ts'
import { newIncident } from './operations-incidents.ts'
import { findingOf, furnishTheStage } from './operations-places.ts'
import { openStage, peopleTheStage, type Stage } from './stage.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/live.md'), 'utf8')
const examples = [...page.matchAll(/^```text\n([\s\S]*?)^```$/gm)].flatMap((match) =>
  new LiveParser().take(`${match[1] ?? ''}\n`),
)

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await furnishTheStage(stage)
})
afterAll(() => stage.close())

function example(event: string): LiveEvent {
  const found = examples.find((each) => each.event === event)
  if (found === undefined) throw new Error(`docs/live.md has no example of ${event}`)
  return found
}

test('docs/live.md has an example of every event', () => {
  const events = liveSections.map(({ event }) => event)
  expect(examples.map(({ event }) => event)).toEqual(['snapshot', ...events, 'gone', 'heartbeat'])
  expect(Object.keys(example('snapshot').data)).toEqual(['asOf', ...liveSections.map(({ name }) => name)])
})

test('the examples have the members the server writes, in its order', async () => {
  const values = {
    temperatureMilliC: 1,
    humidityMilliPct: 1,
    batteryMilliPct: 1,
    doorOpen: true,
    mainsPower: true,
  }
  const row = {
    series: 1,
    device: 'city-device',
    sensor: 'main',
    tMs: 0,
    sub: 0,
    seq: null,
    receivedAtMs: 0,
    values,
    faultMs: null,
    earlier: null,
  }
  stage.tell({ part: 'readings', rows: [row] })
  const judged = { finding: { ...findingOf('city', 0), open: true }, asOfMs: 0 }
  stage.tell({ part: 'changes', changes: [{ kind: 'opened', judged, stands: true, replaces: [] }] })
  await newIncident(stage, 'city', true)
  const { headers } = await stage.user('reader', 'root', 'viewer')
  const answer = await stage.app.inject({ url: '/api/v1/live', headers, query: { follow: 'false' } })
  const [snapshot] = new LiveParser().take(answer.body)
  const { points, findings, incidents, checks } = (snapshot?.data ?? {}) as Record<string, object[]>
  const members = Object.keys(points?.[0] ?? {})
  expect(Object.keys((example('snapshot').data['points'] as object[])[0] ?? {})).toEqual(members)
  expect(Object.keys(example('reading').data)).toEqual(members)
  expect(Object.keys(example('finding').data)).toEqual([
    ...Object.keys(findings?.[0] ?? {}),
    'change',
    'replaces',
  ])
  expect(Object.keys(example('incident').data)).toEqual(Object.keys(incidents?.[0] ?? {}))
  expect(Object.keys(example('check').data)).toEqual(Object.keys(checks?.[0] ?? {}))
})

test('a reader that does what the page says knows in the end what the examples tell', () => {
  const memory = new LiveMemory()
  for (const event of examples) memory.take(event)
  expect([...memory.points.values()]).toEqual([example('reading').data])
  expect(memory.findings.size).toBe(0)
  expect([...memory.incidents.values()]).toEqual([example('incident').data])
})
