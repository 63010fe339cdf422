import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/isotherm.ts'
import { decideRules } from '../support/second-person.ts'
import { Stage } from '../support/stage.ts'

const MINUTE_MS = 60_000
const WAIT_MS = 15_000
const reason = 'as the log book says'
/** Whole minutes, two hours ago: all of it lies in the past when the test runs. */
const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 120 * MINUTE_MS

const stage = new Stage()
let secret: string

beforeAll(async () => {
  await stage.open()
  const { folder } = stage
  await folder.json(['organisation', 'create', 'yixin', '--kind', 'distributor', '--name', '医药', '--demo'])
  await folder.json(['site', 'create', 'depot', '--organisation', 'yixin', '--name', '仓库'])
  const made = await folder.json(['device', 'create', 'logger', '--site', 'depot', '--simulated'])
  secret = String(made['secret'])
  const since = { from: at(-60), reason }
  await stage.post('places', { id: 'room', site: 'depot', kind: 'cold-room', name: '一号库', ...since })
  for (const [id, sensor] of [
    ['room-a', 'a'],
    ['room-b', 'b'],
  ]) {
    await stage.post('points', { id, place: 'room', name: id, role: 'air', from: at(-60), reason })
    await stage.post('placements', { device: 'logger', sensor, point: id, ...since })
  }
}, 60_000)
afterAll(() => stage.close())

function at(minute: number): string {
  return new Date(startMs + minute * MINUTE_MS).toISOString()
}

/** Publishes readings [seq, minute, degrees] of a sensor, each as a record that is acknowledged. */
async function send(sensor: string, rows: readonly (readonly [number, number, number])[]): Promise<void> {
  const client = await stage.connect({ username: 'logger', password: secret })
  for (const [seq, minute, temperature] of rows) {
    const payload = JSON.stringify({ at: at(minute), seq, sensor, temperature })
    await client.publishAsync('isotherm/v1/logger/readings', payload, { qos: 1 })
  }
  await client.endAsync()
}

interface Shown {
  readonly point: string
  readonly from: number
  readonly to: number | null
  readonly peak: unknown
}

async function shown(filter = ''): Promise<readonly Shown[]> {
  const items = await stage.items(`findings?kind=excursion&place=room${filter}`)
  return items.map((item) => ({
    point: String(item['point']),
    from: minuteOf(item['start']),
    to: item['end'] === null ? null : minuteOf(item['end']),
    peak: item['peak'],
  }))
}

function minuteOf(time: unknown): number {
  return (Date.parse(String(time)) - startMs) / MINUTE_MS
}

/** Waits until exactly these findings stand. */
async function expectFindings(wanted: readonly Shown[]): Promise<void> {
  let last: readonly Shown[] = []
  const same = async (): Promise<boolean> => {
    last = await shown()
    return JSON.stringify(last) === JSON.stringify(wanted)
  }
  await waitFor(same, WAIT_MS, () => JSON.stringify(last))
}

test('above eight degrees is an excursion, eight itself is none', async () => {
  await send('a', [
    [1, 0, 5],
    [2, 5, 8],
    [4, 15, 8.01],
  ])
  await send('b', [[5, 15, 4]])
  await expectFindings([{ point: 'room-a', from: 15, to: null, peak: 8.01 }])
  await stage.running.kill()
  await stage.restart()
  await send('a', [[6, 20, 9.5]])
  await send('a', [[7, 25, 7.9]])
  await expectFindings([{ point: 'room-a', from: 15, to: 25, peak: 9.5 }])
  expect(await shown('&open=true')).toEqual([])
  expect(await shown('&open=false&point=room-b')).toEqual([])
  expect(await shown(`&from=${at(25)}`)).toEqual([])
  expect(await shown(`&to=${encodeURIComponent(at(16))}`)).toHaveLength(1)
}, 60_000)

test('a late reading moves the start, under an id of its own', async () => {
  const [before] = await stage.items('findings?place=room')
  await send('a', [[8, 10, 8.3]])
  await expectFindings([{ point: 'room-a', from: 10, to: 25, peak: 9.5 }])
  const [after] = await stage.items('findings?place=room')
  expect(after?.['id']).not.toBe(before?.['id'])
  const id = String(after?.['id'])
  const told = await stage.get(`places/room/findings/${id}/explain`)
  const temperatures = (told['readings'] as { temperature: number }[]).map(({ temperature }) => temperature)
  expect(temperatures).toEqual([8.3, 8.01, 9.5])
  expect(told).toMatchObject({ before: { temperature: 8 }, endedBy: { temperature: 7.9 }, unknown: [] })
  const { out } = await stage.folder.run(['finding', 'explain', 'room', id])
  expect(out).toContain(`began ${at(10)} by a reading`)
  expect(out).toMatch(/out is > 8 degC for 0 s: .*\nsource \(/)
  expect(out).toContain(`ended ${at(25)}: recovered, ${at(25)} 7.9 degC (logger/a)`)
  const { out: list } = await stage.folder.run(['finding', 'list', '--place', 'room', '--state', 'over'])
  expect(list).toContain(id)
}, 60_000)

test('a corrected placement moves the end, and a kill changes nothing', async () => {
  const correction = { device: 'logger', sensor: 'a', at: at(0), reason }
  await stage.post('placements/correct', { ...correction, to: at(12) })
  const moved = [{ point: 'room-a', from: 10, to: null, peak: 8.3 }]
  await expectFindings(moved)
  await stage.running.kill()
  await stage.restart()
  await expectFindings(moved)
  await stage.post('placements/correct', { ...correction, to: at(8) })
  await expectFindings([])
  expect(await shown()).toEqual([])
  await stage.post('placements/correct', { ...correction, at: at(7), to: null })
  await expectFindings([{ point: 'room-a', from: 10, to: 25, peak: 9.5 }])
}, 60_000)

test('the rule packs tell their clause and where they hold; an act makes the others hold', async () => {
  const ruleOf = async (id: string) => {
    const packs = (await stage.items('rules')) as { rules: { id: string }[] }[]
    return packs.flatMap(({ rules }) => rules).find((rule) => rule.id === id)
  }
  expect(await ruleOf('cn-gsp-storage/warm-range')).toMatchObject({ confidence: 'seen', activeFor: ['root'] })
  expect(await ruleOf('cn-gsp-storage/warm-critical')).toMatchObject({ confidence: 'mem', activeFor: [] })
  const activation = { pack: 'cn-gsp-storage', version: 1, organisation: 'root', from: at(-60) }
  await decideRules(stage, 'activations', activation)
  expect(await ruleOf('cn-gsp-storage/warm-critical')).toMatchObject({ activeFor: ['root'] })
  await expectFindings([
    { point: 'room-a', from: 5, to: null, peak: 9.5 },
    { point: 'room-a', from: 10, to: 25, peak: 9.5 },
  ])
  await decideRules(stage, 'deactivations', { ...activation, from: at(1), organisation: 'yixin' })
  await expectFindings([])
}, 60_000)

test('a power-up value and what is no temperature are faults: unknown, told as such, and no excursion', async () => {
  const since = { organisation: 'yixin', from: at(100) }
  await decideRules(stage, 'activations', { pack: 'cn-gsp-storage', version: 1, ...since })
  await send('a', [
    [20, 101, 5],
    [21, 106, 85],
    [22, 111, 5],
  ])
  await send('b', [
    [23, 101, 9],
    [24, 106, 327.67],
  ])
  const warm = { point: 'room-b', from: 101, to: null, peak: 9 }
  await expectFindings([warm, warm])
  const read = await stage.items(`readings?point=room-a&from=${at(101)}&to=${at(112)}`)
  expect(read.map(({ temperature, fault }) => [temperature, fault])).toEqual([
    [5, undefined],
    [85, 'power-up'],
    [5, undefined],
  ])
  const impossible = async () => (await stage.items('held?reason=impossible-value'))[0]
  // it comes behind what makes the finding
  await expect
    .poll(impossible)
    .toMatchObject({ device: 'logger', detail: 'temperature 327.67 is outside -200 to 200' })
  // the live stream is told twice a second
  const faults = async (): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/live?follow=false`, {
      headers: { authorization: `Bearer ${stage.key}` },
    })
    const snapshot = /^data: (\{"asOf".*\})$/m.exec(await answer.text())?.[1] ?? '{"points":[]}'
    const { points } = JSON.parse(snapshot) as { readonly points: readonly Record<string, unknown>[] }
    return points.map(({ sensor, fault, faultAt }) => [sensor, fault, faultAt])
  }
  const wanted = [
    ['logger/a', null, null],
    ['logger/b', 'impossible-value', at(106)],
  ]
  let last: unknown
  await waitFor(
    async () => JSON.stringify((last = await faults())) === JSON.stringify(wanted),
    WAIT_MS,
    () => JSON.stringify(last),
  )
}, 60_000)
