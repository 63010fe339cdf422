import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { RulePack } from '../../domain/index.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, sameAfterRebuild, START_MS } from './judge-stage.ts'
import { ruleOf } from './series.ts'

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

/** Has a rule over a rolling window, in the words of the table of docs/engine.md, judge the room from a minute on. */
async function activateRolling(text: string, version = 1, fromMinute = 0): Promise<void> {
  const [pack] = stage.packs.filter(({ id }) => id === 'isotherm-day-sum')
  const [warm] = pack?.rules ?? []
  if (pack === undefined || warm === undefined) throw new Error('the pack has a rule')
  const rules = [{ ...ruleOf(text), id: 'rolling/sum', roles: warm.roles, duties: warm.duties }]
  const packs = stage.packs as RulePack[]
  packs.push({ ...pack, id: 'rolling', version, rules })
  const fromMs = START_MS + fromMinute * MINUTE_MS
  const activation = { pack: 'rolling', version, organisation: 'o', fromMs }
  await stage.command('rules.activate', { ...activation, reason: 'tested' })
}

test('of a window of more readings than are read at once, what is late is judged from near it', async () => {
  await activateRolling('> 8 for 60 in 24 h')
  const count = 4_000
  const at = (from: number, to: number): [number, number][] =>
    Array.from({ length: to - from }, (_, nth) => [from + nth, from + nth < 90 ? 9 : 5])
  stage.advanceTo(count)
  for (let from = 0; from < count; from += 500) stage.take('a', at(from, from + 500))
  await stage.settled()
  const read = vi.spyOn(stage.findings, 'valuesFrom')
  stage.takeLate('a', [[count - 10.5, 5]])
  await stage.settled()
  const fromMs = read.mock.calls.map(([, piece]) => piece.fromMs)
  expect(fromMs).toEqual([START_MS + (count - 11) * MINUTE_MS])
  read.mockRestore()
  await sameAfterRebuild(stage)
})

test('a sum that is over waits for a reading, and is not looked at because of the time', async () => {
  await activateRolling('> 8 for 15 in 1 h')
  stage.advanceTo(89)
  stage.take('a', [...breaches(0, 2), [45, 5], [60, 5], [75, 5]])
  await stage.settled()
  expect(stage.rows()).toContain('p-1 rolling/sum 0- confirmed')
  expect(stage.findings.watchedPoints()).toEqual(['p-1'])
  stage.pass(1)
  await stage.settled()
  expect(stage.rows()).toContain('p-1 rolling/sum 0-90 confirmed')
  expect(stage.findings.watchedPoints()).toEqual([])
  await sameAfterRebuild(stage)
})

test('a sum that is not enough yet is looked at until the version that asks for less is in force', async () => {
  await activateRolling('> 8 for 30 in 1 h')
  stage.advanceTo(120)
  await activateRolling('> 8 for 15 in 1 h', 2, 110)
  // a clock that is set back has facts before it
  stage.advanceTo(100)
  stage.take('a', [...breaches(60, 2), [95, 5]])
  await stage.settled()
  expect(stage.rows().filter((row) => row.includes('rolling'))).toEqual([])
  expect(stage.findings.watchedPoints()).toEqual(['p-1'])
  stage.pass(11)
  await stage.settled()
  expect(stage.rows()).toContain('p-1 rolling/sum 60- confirmed')
  await sameAfterRebuild(stage)
})
