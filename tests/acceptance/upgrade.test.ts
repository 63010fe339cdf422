import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DATA_FORMAT } from '../../app/format.ts'
import { layEarlierDirectory, type SeenBefore } from '../support/earlier-directory.ts'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

// A data directory of the release before, opened by this one.

const stage = new Stage()
const { dataDir } = stage.folder
let before: SeenBefore

beforeAll(async () => {
  before = layEarlierDirectory(dataDir)
  await stage.restart()
  const made = await stage.folder.json(['key', 'create', 'tests', '--role', 'administrator'])
  stage.key = String(made['key'])
}, 60_000)
afterAll(() => stage.close())

/** Before the first reading of that directory: without it a list is of the last day. */
const from = '2026-11-25T00:00:00Z'
const itemsOf = (answer: Readonly<Record<string, unknown>>) => answer['items'] as Record<string, unknown>[]

/** What of an item the release before knew as well: fields may have come since, and none may have gone. */
function known(items: readonly Record<string, unknown>[], earlier: readonly Record<string, unknown>[]) {
  return items.map((item, index) =>
    Object.fromEntries(Object.keys(earlier[index] ?? {}).map((key) => [key, item[key]])),
  )
}

test('readings, held messages, the balance and the stock are what they were', async () => {
  for (const [path, earlier] of [
    [`readings?sensor=logger/a&limit=500&from=${from}`, before.readings],
    [`readings?sensor=logger/b&limit=500&from=${from}`, before.readingsB],
    ['held', before.held],
    ['stock', before.stock],
  ] as const) {
    expect(known(await stage.items(path), itemsOf(earlier))).toEqual(itemsOf(earlier))
  }
  expect(await stage.get('devices/logger/balance')).toEqual(before.balance)
})

test('findings and incidents are what they were, and nobody is called', async () => {
  // an open finding grows with the time, until the reading is too old to hold
  const growing = ['asOf', 'observedSeconds', 'worstCaseSeconds']
  const settled = (items: readonly Record<string, unknown>[]) =>
    items.map((item) =>
      item['open'] === true
        ? Object.fromEntries(Object.entries(item).filter(([key]) => !growing.includes(key)))
        : item,
    )
  const earlier = itemsOf(before.findings)
  expect(earlier.map((each) => each['open'])).toEqual([false, true, false])
  const findings = await stage.items('findings?kind=excursion')
  expect(settled(known(findings, earlier))).toEqual(settled(earlier))
  const incidents = itemsOf(before.incidents)
  expect(known(await stage.items('incidents'), incidents)).toEqual(incidents)
  expect(stage.running.output()).not.toContain('ALARM')
})

test('every act is there, and only what this test did has been added', async () => {
  const earlier = itemsOf(before.acts)
  const acts = await stage.items('audit?limit=500')
  expect(known(acts.slice(0, earlier.length), earlier)).toEqual(earlier)
  // each start tells who keeps its clock right
  const since = acts.slice(earlier.length).map(({ kind }) => kind)
  expect(since.filter((kind) => kind !== 'watch.report')).toEqual(['key.create'])
})

test('it goes on, and after a kill as well', async () => {
  const made = await stage.folder.json(['device', 'secret', 'logger', '--reason', 'an upgrade'])
  const send = async (seq: number) => {
    const client = await stage.connect({ username: 'logger', password: String(made['secret']) })
    const payload = JSON.stringify({ seq, sensor: 'b', temperature: 5.1 })
    await client.publishAsync('isotherm/v1/logger/readings', payload, { qos: 1 })
    await client.endAsync()
  }
  const count = async () => (await stage.items(`readings?sensor=logger/b&limit=500&from=${from}`)).length
  const earlier = itemsOf(before.readingsB).length
  await send(1_001)
  await waitFor(async () => (await count()) === earlier + 1, 10_000)
  await stage.running.kill()
  await stage.restart()
  await send(1_002)
  await waitFor(async () => (await count()) === earlier + 2, 10_000)
  expect(stage.running.output()).not.toContain('ALARM')
})

test('the format is written down, and the facts of before are kept', () => {
  expect(JSON.parse(readFileSync(join(dataDir, 'format.json'), 'utf8'))).toMatchObject({
    format: DATA_FORMAT,
  })
  expect(existsSync(join(dataDir, `before-format-${DATA_FORMAT}`, 'facts.sqlite'))).toBe(true)
})
