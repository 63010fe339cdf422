import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCadenceStage } from './cadence-stage.ts'
import { MINUTE_MS, sameAfterRebuild, START_MS } from './judge-stage.ts'

const reason = 'tested'
let stage: Awaited<ReturnType<typeof openCadenceStage>>
beforeEach(async () => {
  stage = await openCadenceStage()
})
afterEach(() => stage.close())

/** What was told of records too far apart, in order. */
function told(): readonly string[] {
  const changes = stage.findings.changesAfter(0, 1_000)
  return changes.flatMap(({ kind, finding }) => (finding.kind === 'cadence' ? [kind] : []))
}

test('records too far apart are found when the time has come, and over with the first that is followed soon', async () => {
  stage.send(10, ['a'])
  expect(await stage.passTo(40)).toEqual([])
  // looked at every ten seconds
  expect(await stage.passTo(41)).toEqual(['p-1 cn-gsp-cadence/interval 10- confirmed'])
  stage.send(45, ['a'])
  expect(await stage.passTo(45)).toEqual(['p-1 cn-gsp-cadence/interval 10- confirmed'])
  stage.send(50, ['a'])
  expect(await stage.passTo(50)).toEqual(['p-1 cn-gsp-cadence/interval 10-45 confirmed'])
  const { items } = stage.findings.page({ kind: 'cadence', limit: 10 })
  expect(items.map(({ finding }) => finding)).toMatchObject([
    { intervals: 1, longestMs: 35 * MINUTE_MS, observedMs: 35 * MINUTE_MS },
  ])
  await sameAfterRebuild(stage)
})

test('time alone finds them, also where nothing else is watched', async () => {
  const silence = { pack: 'isotherm-watch', version: 1, organisation: 'o', fromMs: START_MS, reason }
  await stage.command('rules.deactivate', silence)
  await stage.settled()
  stage.send(10, ['a'])
  expect(await stage.passTo(11)).toEqual([])
  expect(await stage.passTo(40)).toEqual([])
  expect(await stage.passTo(41)).toEqual(['p-1 cn-gsp-cadence/interval 10- confirmed'])
})

test('what is delivered later shortens the finding, moves it or withdraws it', async () => {
  stage.send(10, ['a'])
  await stage.passTo(100)
  stage.send(100, ['a'])
  stage.send(100, ['a'], 80)
  expect(await stage.passTo(101)).toEqual(['p-1 cn-gsp-cadence/interval 20- confirmed'])
  stage.send(102, ['a'], 32)
  expect(await stage.passTo(102)).toEqual(['p-1 cn-gsp-cadence/interval 20-70 confirmed'])
  stage.send(103, ['a'], 60)
  expect(await stage.passTo(103)).toEqual([])
  await sameAfterRebuild(stage)
})

test('while the server was away it is not known what was recorded, so nothing is found for five minutes', async () => {
  stage.send(10, ['a'])
  await stage.passTo(20)
  stage.advance(60 * MINUTE_MS)
  await stage.restart()
  expect(await stage.passTo(82)).toEqual([])
  for (const age of [0, 20, 40, 60]) stage.send(82, ['a'], age)
  expect(await stage.passTo(90)).toEqual([])
  await sameAfterRebuild(stage)
})

test('after the server was away, a device that sends what is newest first is not found before five minutes', async () => {
  stage.send(10, ['a'])
  await stage.passTo(20)
  stage.advance(60 * MINUTE_MS)
  await stage.restart()
  stage.send(81, ['a'])
  expect(await stage.passTo(81)).toEqual([])
  for (const age of [1, 21, 41, 61]) stage.send(82, ['a'], age)
  expect(await stage.passTo(82)).toEqual([])
  stage.send(95, ['a'])
  expect(await stage.passTo(95)).toEqual([])
  expect(told()).toEqual([])
  await sameAfterRebuild(stage)
})

test('what was not recorded while the server was away is found after five minutes, also over another stop', async () => {
  stage.send(10, ['a'])
  await stage.passTo(20)
  stage.advance(60 * MINUTE_MS)
  await stage.restart()
  for (const minute of [81, 82, 83]) {
    stage.send(minute, ['a'])
    expect(await stage.passTo(minute)).toEqual([])
  }
  await stage.restart()
  stage.send(84, ['a'])
  expect(await stage.passTo(84)).toEqual([])
  stage.send(89, ['a'])
  expect(await stage.passTo(90)).toEqual(['p-1 cn-gsp-cadence/interval 10-81 confirmed'])
  await sameAfterRebuild(stage)
})

test('one that was found before the server was away goes on over it', async () => {
  stage.send(10, ['a'])
  await stage.passTo(45)
  stage.advance(60 * MINUTE_MS)
  await stage.restart()
  stage.send(106, ['a'])
  stage.send(107, ['a'])
  expect(await stage.passTo(107)).toEqual(['p-1 cn-gsp-cadence/interval 10-106 confirmed'])
  await sameAfterRebuild(stage)
})

test('one that was just found stands after a stop', async () => {
  const openedOnce = async (): Promise<void> => {
    await stage.settled()
    expect(told()).toEqual(['opened'])
    await stage.restart()
    await stage.settled()
    expect(told()).toEqual(['opened'])
  }
  stage.send(10, ['a'])
  await stage.passTo(11)
  // with the time alone for the judge to go by that it looks at with each record
  stage.advance(30 * MINUTE_MS)
  stage.take('a', [[41, null]])
  await openedOnce()
  stage.advance(4 * MINUTE_MS)
  stage.send(45, ['a'])
  await openedOnce()
})

test('a rule that begins after a probe fault counts from where it begins, since the last temperature', async () => {
  const cadence = { pack: 'cn-gsp-cadence', version: 1, organisation: 'o', reason }
  await stage.command('rules.deactivate', { ...cadence, fromMs: stage.clock.nowMs() })
  stage.send(10, ['a'])
  stage.take('a', [[12, null]])
  await stage.passTo(13)
  await stage.command('rules.activate', { ...cadence, fromMs: stage.clock.nowMs() })
  await stage.settled()
  expect(await stage.passTo(43)).toEqual([])
  expect(await stage.passTo(44)).toEqual(['p-1 cn-gsp-cadence/interval 13- confirmed'])
  await sameAfterRebuild(stage)
})

test('while it is out of range two minutes are too long', async () => {
  stage.send(10, ['a'], 0, { temperature: 9 })
  stage.send(15, ['a'], 0, { temperature: 9 })
  stage.send(16, ['a'])
  expect(await stage.passTo(17)).toEqual(['p-1 cn-gsp-cadence/warm-interval 10-15 confirmed'])
  await sameAfterRebuild(stage)
})
