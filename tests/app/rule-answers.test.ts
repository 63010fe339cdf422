import { afterEach, expect, test } from 'vitest'
import { loadRulePack } from '../../alerts/index.ts'
import { ruleAnswers } from '../../app/rule-answers.ts'
import { instantText } from '../../domain/index.ts'
import { type JudgeStage, MINUTE_MS, openJudgeStage, START_MS } from '../alerts/judge-stage.ts'

let stage: JudgeStage | undefined
afterEach(() => stage?.close())

const at = (minute: number): number => START_MS + minute * MINUTE_MS
const when = (minute: number): string => instantText(at(minute))

/** A store room at 9 degrees from minute 20 to 120, and at 15.5 from 60 to 70. */
async function opened(): Promise<ReturnType<typeof ruleAnswers>> {
  stage = await openJudgeStage()
  const celsius = (minute: number): number =>
    minute < 20 || minute >= 120 ? 5 : minute < 60 || minute >= 70 ? 9 : 15.5
  const rows = Array.from({ length: 40 }, (_, nth) => [nth * 5, celsius(nth * 5)] as const)
  stage.take('a', rows)
  await stage.settled()
  const { findings, view } = stage
  return ruleAnswers({ findings, view, viewReady: () => Promise.resolve() })
}

const cct = {
  pack: 'usp-1079-cct',
  version: 1,
  organisation: 'root',
  state: 'active',
  changeMs: at(0),
} as const
const period = { point: 'p-1', fromMs: at(0), toMs: at(195) }

test('tells what a pack would find, and changes nothing', async () => {
  const answers = await opened()
  const before = stage?.findings.allFindings()
  expect(await answers['rules.concerned'](cct)).toEqual(['p-1', 'p-2'])
  const told = await answers['rules.what-if']({ ...cct, ...period })
  expect(told).toMatchObject({
    before: 1,
    after: 3,
    items: [
      { what: 'appears', rule: 'usp-1079-cct/warm', start: when(20), end: when(120), peak: 15.5 },
      { what: 'appears', rule: 'usp-1079-cct/hot', start: when(60), end: when(70) },
    ],
  })
  expect(stage?.findings.allFindings()).toEqual(before)
})

test('a pack that would hold from an instant on finds from there', async () => {
  const answers = await opened()
  const told = await answers['rules.what-if']({ ...cct, changeMs: at(65), ...period })
  expect(told.items).toMatchObject([
    { rule: 'usp-1079-cct/hot', start: when(65), end: when(70) },
    { rule: 'usp-1079-cct/warm', start: when(65), end: when(120) },
  ])
})

test('on trial it holds as the decision would: until what was said next', async () => {
  const answers = await opened()
  const decided = { pack: 'usp-1079-cct', version: 1, organisation: 'root', reason: 'tested' }
  await stage?.command('rules.activate', { ...decided, fromMs: at(30) })
  await stage?.command('rules.deactivate', { ...decided, fromMs: at(62) })
  await stage?.settled()
  const told = await answers['rules.what-if']({ ...cct, changeMs: at(10), ...period })
  expect(told.items).toMatchObject([
    { what: 'moves', rule: 'usp-1079-cct/warm', start: when(20), end: when(62) },
  ])
})

test('without a pack its findings vanish', async () => {
  const answers = await opened()
  const gone = { ...cct, pack: 'cn-gsp-storage', state: 'inactive' } as const
  expect(await answers['rules.what-if']({ ...gone, ...period })).toMatchObject({
    before: 1,
    after: 0,
    items: [{ what: 'vanishes', rule: 'cn-gsp-storage/warm-range', start: when(20) }],
  })
})

test('a file of the next version is tried; one that changes a version that is there is refused', async () => {
  const answers = await opened()
  const text = (version: number, limit: number): string => `
id: cn-gsp-storage
version: ${version}
title: { zh: 测试, en: Test }
for: { organisations: [distributor], places: [cold-room] }
rules:
  - { name: warm-range, quantity: temperature, operator: '>', limitC: ${limit}, level: range, mode: instant,
      gapPolicy: pause, roles: [product, air], duties: [in-service], severity: alarm, clause: none, source: none, confidence: seen }
`
  const file = loadRulePack(text(2, 10), 'next.yaml')
  const next = { ...cct, pack: file.id, version: 2, file }
  expect(await answers['rules.what-if']({ ...next, ...period })).toMatchObject({
    items: [
      { what: 'moves', rule: 'cn-gsp-storage/warm-range', packVersion: 2, start: when(60), end: when(70) },
    ],
  })
  const other = loadRulePack(text(1, 10), 'same.yaml')
  await expect(answers['rules.concerned']({ ...next, version: 1, file: other })).rejects.toMatchObject({
    code: 'bad-request',
    remedy: expect.stringContaining('next version') as string,
  })
  await expect(answers['rules.concerned']({ ...cct, organisation: 'nobody' })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a rule is told where it holds', async () => {
  const answers = await opened()
  expect(await answers['rules.where']({ rule: 'cn-gsp-storage/warm-range' })).toMatchObject([
    { place: 'room', point: 'p-1', packVersion: 1, to: null },
    { place: 'room', point: 'p-2', packVersion: 1, to: null },
  ])
  expect(await answers['rules.where']({ rule: 'usp-1079-cct/warm' })).toEqual([])
})
