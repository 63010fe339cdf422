import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { openBeside } from '../../app/core/influx/index.ts'
import type { BesideProjection, InfluxWriter } from '../../store/index.ts'
import { textsOf } from '../support/influx-lines.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, START_MS } from '../alerts/judge-stage.ts'

const reason = 'tested'
const { signal } = new AbortController()
let stage: JudgeStage
let hours: BesideProjection
let stop: () => void
let lines: string[]
let failing: { delete: boolean; write: boolean }
let onWrite: () => void
/** Records that wait in the journal. */
let waiting = 0

/** An InfluxDB that fails once when told to, as one that is just being started again. */
const writer: InfluxWriter = {
  write: async (given) => {
    onWrite()
    const texts = textsOf(given)
    if (failing.write && texts[0]?.startsWith('lot_hour') === true) {
      failing.write = false
      return { kind: 'retry', what: 'gone', remedy: 'Start it.', afterMs: null }
    }
    lines.push(...texts.filter((line) => line.startsWith('lot_hour')))
    return { kind: 'written', refused: [], expired: 0 }
  },
  deletePoints: async ({ tag }) => {
    if (!failing.delete || tag?.value !== 'b') return { kind: 'deleted' }
    failing.delete = false
    return { kind: 'retry', what: 'gone', remedy: 'Start it.', afterMs: null }
  },
  database: async () => ({ kind: 'filled' }),
  createDatabase: async () => ({ kind: 'made' }),
}

beforeEach(async () => {
  stage = await openJudgeStage()
  // an hour is written a minute after its end
  stage.pass(2)
  const label = { rangeMinMilliC: 2_000, rangeMaxMilliC: 8_000, freezeSensitive: true, lightSensitive: false }
  await stage.command('product.create', { id: 'hepb', name: '乙肝疫苗', ...label })
  for (const id of ['a', 'b']) {
    const lot = { id, product: 'hepb', number: id, maker: '生物所', expiresOn: '2028-10-31' }
    await stage.command('lot.create', lot)
    await stage.command('custody.receive', { lot: id, place: 'room', quantity: 9, atMs: at(0), reason })
  }
  lines = []
  waiting = 0
  failing = { delete: false, write: false }
  onWrite = () => undefined
  const beside = openBeside({ ...stage, facts: { onChange: stage.onFacts }, writer, waiting: () => waiting })
  hours = beside.projections[1] ?? {
    step: () => Promise.reject(new Error('no hours')),
    rewind: () => Promise.resolve(),
  }
  stop = beside.stop
})
afterEach(async () => {
  stop()
  await stage.close()
})

function at(minute: number): number {
  return START_MS + minute * MINUTE_MS
}

/** Steps until nothing is left; answers how often it was stopped. */
async function settle(): Promise<number> {
  let stopped = 0
  for (let step = 0; step < 50; step += 1) {
    const came = await hours.step(signal)
    if (came === 'done') return stopped
    if (typeof came === 'object') stopped += 1
  }
  throw new Error('it never ends')
}

/** How many hours of a lot were written since this was asked last. */
function writtenOf(lot: string): number {
  return lines.filter((line) => line.includes(`lot=${lot},`)).length
}

test('what InfluxDB did not take stays to be written: a deletion, or a write, that fails', async () => {
  expect(await settle()).toBe(0)
  expect([writtenOf('a'), writtenOf('b')]).toEqual([24, 24])
  for (const way of ['delete', 'write'] as const) {
    lines = []
    for (const lot of ['a', 'b']) {
      const atMs = at(way === 'delete' ? 120 : 180)
      await stage.command('custody.issue', { lot, place: 'room', quantity: 1, atMs, reason })
    }
    failing[way] = true
    expect(await settle()).toBe(1)
    const since = way === 'delete' ? 22 : 21
    expect([writtenOf('a'), writtenOf('b')]).toEqual([since, since])
  }
})

test('an ordinary movement writes the hours since, and not the life of a lot', async () => {
  await settle()
  lines = []
  await stage.command('custody.issue', { lot: 'b', place: 'room', quantity: 1, atMs: at(22 * 60), reason })
  await settle()
  expect([writtenOf('a'), writtenOf('b')]).toEqual([0, 2])
})

test('that everything is to be written again stands, also when it is said while something is written', async () => {
  await settle()
  stage.pass(60)
  onWrite = () => {
    onWrite = () => undefined
    stage.store.transact((tx) => tx.setCursor('influx-hours', 0))
  }
  lines = []
  await settle()
  await settle()
  expect([writtenOf('a'), writtenOf('b')].map((count) => count >= 25)).toEqual([true, true])
  expect(stage.reads.cursor('influx-hours')).toBe(at(25 * 60) / (60 * MINUTE_MS))
})

test('what took long has its time: a backlog has the same hours read whole only now and then', async () => {
  await settle()
  // late readings in the same hour, and InfluxDB takes a minute for each batch
  const late = (minute: number): void => {
    stage.takeLate('a', [[minute, 5]])
    stage.pass(1)
  }
  late(61)
  onWrite = () => stage.pass(1)
  lines = []
  expect(await settle()).toBe(0)
  expect(writtenOf('a')).toBeGreaterThan(0)
  onWrite = () => undefined
  lines = []
  late(62)
  expect(await hours.step(signal)).toBe('later')
  expect(writtenOf('a')).toBe(0)
  stage.pass(10)
  await settle()
  expect(writtenOf('a')).toBeGreaterThan(0)
})

test('a batch ends when it took seconds, so that readings are written before the next lot', async () => {
  await settle()
  stage.takeLate('a', [[61, 5]])
  stage.pass(1)
  const read = stage.reads.temperatures.bind(stage.reads)
  const slow = vi.spyOn(stage.reads, 'temperatures').mockImplementation((piece) => {
    stage.pass(1)
    return read(piece)
  })
  lines = []
  const first = await hours.step(signal)
  expect([first, writtenOf('a') > 0, writtenOf('b')]).toEqual(['later', true, 0])
  slow.mockRestore()
  stage.pass(30)
  await settle()
  expect(writtenOf('b')).toBeGreaterThan(0)
})

test('in a backlog hours of lots wait for its end, or ten minutes, and are written once', async () => {
  await settle()
  lines = []
  waiting = 1_000_000
  for (const minute of [61, 122, 183]) {
    stage.takeLate('a', [[minute, 5]])
    stage.pass(1)
    expect(await hours.step(signal)).toBe('later')
  }
  expect(writtenOf('a')).toBe(0)
  waiting = 0
  await settle()
  const once = writtenOf('a')
  expect(once).toBeGreaterThan(0)
  expect(new Set(lines.filter((line) => line.includes('lot=a,'))).size).toBe(once)

  lines = []
  waiting = 1_000_000
  stage.takeLate('a', [[244, 5]])
  expect(await hours.step(signal)).toBe('later')
  stage.pass(9)
  expect(await hours.step(signal)).toBe('later')
  expect(writtenOf('a')).toBe(0)
  stage.pass(1)
  await settle()
  expect(writtenOf('a')).toBeGreaterThan(0)
  lines = []
  stage.takeLate('a', [[305, 5]])
  stage.pass(1)
  expect(await hours.step(signal)).toBe('later')
  expect(writtenOf('a')).toBe(0)
})
