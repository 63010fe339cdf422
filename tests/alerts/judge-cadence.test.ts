import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JudgeStage, MINUTE_MS, openJudgeStage, sameAfterRebuild, START_MS } from './judge-stage.ts'

const reason = 'tested'
let stage: JudgeStage
beforeEach(async () => {
  stage = await openJudgeStage()
  stage.advanceTo(0)
  stage.pass(0)
  const cadence = { pack: 'cn-gsp-cadence', version: 1, organisation: 'o', fromMs: START_MS, reason }
  await stage.command('rules.activate', cadence)
  await stage.settled()
  // after a start nothing counts that was heard before it
  stage.pass(6)
})
afterEach(() => stage.close())

let seq = 0
/** A message with a temperature of each sensor, as old as it says. */
function send(minute: number, sensors: readonly string[], ageMinutes = 0, more: object = {}): void {
  const at = START_MS + (minute - ageMinutes) * MINUTE_MS
  stage.receive(
    minute,
    sensors.map((sensor) => ({ at, seq: (seq += 1), sensor, temperature: 5, ...more })),
  )
}

async function passTo(minute: number): Promise<readonly string[]> {
  stage.pass(minute - (stage.clock.nowMs() - START_MS) / MINUTE_MS)
  await stage.settled()
  return stage.rows().filter((row) => row.includes('cadence'))
}

test('records too far apart are found when the time has come, and over with the first that is followed soon', async () => {
  send(10, ['a'])
  expect(await passTo(40)).toEqual([])
  // looked at every ten seconds
  expect(await passTo(41)).toEqual(['p-1 cn-gsp-cadence/interval 10- confirmed'])
  send(45, ['a'])
  expect(await passTo(45)).toEqual(['p-1 cn-gsp-cadence/interval 10- confirmed'])
  send(50, ['a'])
  expect(await passTo(50)).toEqual(['p-1 cn-gsp-cadence/interval 10-45 confirmed'])
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
  send(10, ['a'])
  expect(await passTo(11)).toEqual([])
  expect(await passTo(40)).toEqual([])
  expect(await passTo(41)).toEqual(['p-1 cn-gsp-cadence/interval 10- confirmed'])
})

test('what is delivered later shortens the finding, moves it or withdraws it', async () => {
  send(10, ['a'])
  await passTo(100)
  send(100, ['a'])
  send(100, ['a'], 80)
  expect(await passTo(101)).toEqual(['p-1 cn-gsp-cadence/interval 20- confirmed'])
  send(102, ['a'], 32)
  expect(await passTo(102)).toEqual(['p-1 cn-gsp-cadence/interval 20-70 confirmed'])
  send(103, ['a'], 60)
  expect(await passTo(103)).toEqual([])
  await sameAfterRebuild(stage)
})

test('while the server was away it is not known what was recorded, so nothing is found for five minutes', async () => {
  send(10, ['a'])
  await passTo(20)
  stage.advance(60 * MINUTE_MS)
  await stage.restart()
  expect(await passTo(82)).toEqual([])
  for (const age of [0, 20, 40, 60]) send(82, ['a'], age)
  expect(await passTo(90)).toEqual([])
  await sameAfterRebuild(stage)
})

test('while it is out of range two minutes are too long', async () => {
  send(10, ['a'], 0, { temperature: 9 })
  send(15, ['a'], 0, { temperature: 9 })
  send(16, ['a'])
  expect(await passTo(17)).toEqual(['p-1 cn-gsp-cadence/warm-interval 10-15 confirmed'])
  await sameAfterRebuild(stage)
})
