import { afterEach, beforeEach, expect, test } from 'vitest'
import { type JudgeStage, openJudgeStage, sameAfterRebuild, START_MS } from './judge-stage.ts'

const rule = 'p-1 isotherm-day-sum/warm'
let stage: JudgeStage
beforeEach(async () => {
  stage = await openJudgeStage()
  const activation = { pack: 'isotherm-day-sum', version: 1, organisation: 'o', fromMs: START_MS }
  await stage.command('rules.activate', { ...activation, reason: 'tested' })
})
afterEach(() => stage.close())

const sums = (): readonly string[] => stage.rows().filter((row) => row.includes('day-sum'))

/** `count` breaches of ten minutes, each followed by ten in range. */
const breaches = (from: number, count: number): [number, number][] =>
  Array.from({ length: count }, (_, nth): [number, number][] => [
    [from + nth * 20, 9],
    [from + nth * 20 + 10, 5],
  ]).flat()

test('short breaches of one day add up, and midnight at the site begins anew', async () => {
  // midnight in Shanghai is at minute 960
  stage.advanceTo(1_100)
  stage.take('a', [[700, 5], ...breaches(710, 5)])
  await stage.settled()
  expect(sums()).toEqual([])
  stage.take('a', breaches(810, 1))
  await stage.settled()
  expect(sums()).toEqual([`${rule} 710-960 confirmed`])
  stage.take('a', [[950, 5], ...breaches(970, 5)])
  await stage.settled()
  expect(sums()).toEqual([`${rule} 710-960 confirmed`])
  await sameAfterRebuild(stage)
})

test('a late breach makes a sum of what was none, also when it is the first of the day', async () => {
  stage.advanceTo(1_100)
  stage.take('a', [[700, 5], ...breaches(730, 5)])
  await stage.settled()
  stage.takeLate('a', breaches(710, 1))
  await stage.settled()
  expect(sums()).toEqual([`${rule} 710-960 confirmed`])
  await sameAfterRebuild(stage)
})

test('the sum of a day that goes on is open, whatever the newest value is', async () => {
  stage.advanceTo(900)
  stage.take('a', [[700, 5], ...breaches(710, 6)])
  await stage.settled()
  expect(sums()).toEqual([`${rule} 710- confirmed`])
  await sameAfterRebuild(stage)
})
