import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { registerSensors } from '../../store/index.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, sameAfterRebuild, START_MS } from './judge-stage.ts'

const reason = 'tested'
let stage: JudgeStage
beforeEach(async () => {
  stage = await openJudgeStage()
})
afterEach(() => stage.close())

test('the limit itself is in range; above it is a finding until a reading is back', async () => {
  stage.take('a', [
    [0, 5],
    [5, 8],
  ])
  await stage.settled()
  expect(stage.rows()).toEqual([])
  stage.take('a', [[10, 8.001]])
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/warm-range 10- confirmed'])
  stage.take('a', [[15, 8.5]])
  stage.take('a', [[20, 7]])
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/warm-range 10-20 confirmed'])
  expect(stage.changes().map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['opened', 'closed']) as string[],
  )
  expect(stage.reads.cursor('judge')).toBe(4)
  await sameAfterRebuild(stage)
})

test('a late reading moves the start, and the finding replaces the one it was', async () => {
  stage.take('a', [
    [0, 5],
    [10, 9],
    [15, 9],
    [20, 5],
  ])
  await stage.settled()
  stage.take('a', [[5, 9]])
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/warm-range 5-20 confirmed'])
  expect(stage.changes()).toEqual([
    { kind: 'opened', from: 10, to: 20, replaces: 0 },
    { kind: 'replaced', from: 5, to: 20, replaces: 1 },
  ])
  await sameAfterRebuild(stage)
})

test('a placement that is corrected takes its findings along', async () => {
  stage.take('a', [
    [0, 5],
    [10, 9],
    [15, 5],
    [20, 1],
    [25, 5],
  ])
  await stage.settled()
  expect(stage.rows()).toHaveLength(2)
  const correction = { device: 'd', sensor: 'a', atMs: START_MS + MINUTE_MS, reason }
  await stage.command('placement.correct', { ...correction, toMs: START_MS + 18 * MINUTE_MS })
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/warm-range 10-15 confirmed'])
  await stage.command('placement.start', {
    device: 'd',
    sensor: 'a',
    point: 'p-2',
    fromMs: START_MS + 18 * MINUTE_MS,
    reason,
  })
  await stage.settled()
  // p-2 has a judged sensor already, so the other one is secondary
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/warm-range 10-15 confirmed'])
  expect(stage.changes().at(-1)).toEqual({ kind: 'withdrawn', from: 20, to: 25, replaces: 0 })
  await sameAfterRebuild(stage)
})

test('maintenance entered late ends the run where it began', async () => {
  stage.take('a', [
    [0, 5],
    [10, 9],
    [20, 9],
    [30, 5],
  ])
  await stage.settled()
  const duty = { place: 'room', duty: 'maintenance', fromMs: START_MS + 15 * MINUTE_MS, reason } as const
  await stage.command('duty.set', duty)
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/warm-range 10-15 confirmed'])
  await sameAfterRebuild(stage)
})

test('rules nobody has seen in the text hold by an act alone, and time alone makes them findings', async () => {
  stage.advanceTo(30)
  stage.take('a', [
    [0, 5],
    [20, -0.6],
  ])
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/cold-range 20- confirmed'])
  const pack = { pack: 'who-pqs-storage', version: 1, organisation: 'root', fromMs: START_MS, reason }
  await stage.command('rules.activate', pack)
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/cold-range 20- confirmed'])
  stage.advanceTo(90)
  await stage.restart()
  await stage.settled()
  expect(stage.rows()).toEqual([
    'p-1 cn-gsp-storage/cold-range 20- confirmed',
    'p-1 who-pqs-storage/freeze 20- suspected',
  ])
  await sameAfterRebuild(stage)
  const { fromMs, ...later } = pack
  await stage.command('rules.deactivate', { ...later, fromMs: fromMs + MINUTE_MS, organisation: 'o' })
  await stage.settled()
  expect(stage.rows()).toEqual(['p-1 cn-gsp-storage/cold-range 20- confirmed'])
  await stage.command('rules.deactivate', { ...pack, pack: 'cn-gsp-storage', organisation: 'o' })
  await stage.settled()
  expect(stage.rows()).toEqual([])
})

test('a point that cannot be judged keeps no other waiting, and is judged from its beginning once it can', async () => {
  stage.take('a', [[0, 5]])
  stage.take('b', [[0, 5]])
  await stage.settled()
  await stage.spoil('p-1')
  await stage.settled()
  expect(stage.errors).toMatchObject([{ point: 'p-1' }])
  stage.take('a', [
    [10, 9],
    [20, 5],
  ])
  stage.take('b', [
    [10, 9],
    [30, 5],
  ])
  await stage.settled()
  expect(stage.reads.cursor('judge')).toBe(stage.reads.cursor('ingest'))
  expect(new Set(stage.rows())).toEqual(
    new Set([
      'p-1 cn-gsp-storage/warm-range 10-20 confirmed',
      'p-2 cn-gsp-storage/warm-range 10-30 confirmed',
    ]),
  )
  expect(stage.errors).toHaveLength(1)
})

test('the facts of a point are not gathered again for a fact that no point rests on', async () => {
  const register = (name: string) => {
    const sensor = { device: 'd', name, sinceMs: START_MS }
    return registerSensors(stage.facts, { kind: 'system', id: 'test' }, [sensor])
  }
  const gathered = vi.spyOn(stage.view, 'dutiesOf')
  const gatheredFor = async (minute: number): Promise<number> => {
    const { judged } = stage.numbers()
    gathered.mockClear()
    stage.take('a', [[minute, 5]])
    await stage.settled()
    expect(stage.numbers().judged).toBe(judged + 1)
    return gathered.mock.calls.length
  }
  await stage.settled()
  await register('new')
  expect(await gatheredFor(5)).toBe(0)
  await stage.command('organisation.create', { id: 'p', parent: 'o', kind: 'clinic', demo: true, name: '所' })
  await register('newer')
  expect(await gatheredFor(10)).toBe(1)
  expect(await gatheredFor(15)).toBe(0)
  gathered.mockRestore()
})
