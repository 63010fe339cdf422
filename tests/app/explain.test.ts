import { afterAll, beforeAll, expect, test } from 'vitest'
import { explainAnswers } from '../../app/explain-answers.ts'
import { instantText } from '../../domain/index.ts'
import type { JudgeStage } from '../alerts/judge-stage.ts'
import { at, openReportStage } from './report-stage.ts'

let stage: JudgeStage
beforeAll(async () => {
  stage = await openReportStage()
})
afterAll(() => stage.close())

const explain = (place: string, id: string): Promise<Record<string, unknown>> => {
  const { findings, view } = stage
  const answers = explainAnswers({ findings, view, viewReady: () => Promise.resolve() })
  return answers['finding.explain']({ place, id })
}
const when = (minute: number) => instantText(at(minute))

test('a finding is told with its rule, the facts of its time and every reading it rests on', async () => {
  const found = stage.findings.allFindings().find(({ point }) => point === 'p-1')
  if (found === undefined) throw new Error('nothing was found at p-1')
  const told = await explain('room', found.id)
  const sensor = 'd/a'
  expect(told).toMatchObject({
    finding: { id: found.id, start: when(50), end: when(80), endReason: 'recovered' },
    site: 's',
    placeKind: 'cold-room',
    placements: [{ sensor, from: when(0), to: null }],
    rule: { id: found.rule, operator: '>', limit: 8, confidence: expect.any(String) as string },
    inForce: [{ packVersion: 1 }],
    begunBy: 'reading',
    before: { t: when(45), temperature: 5, sensor },
    readings: [50, 55, 60, 65, 70, 75].map((minute) => ({ t: when(minute), temperature: 9, sensor })),
    endedBy: { t: when(80), temperature: 5, sensor },
    unknown: [],
    complete: true,
    mkt: { deltaHByR: 10_000, limit: null, statement: 'no-limit' },
  })
  const { windows } = told['mkt'] as {
    windows: { windowSeconds: number; mkt: number; knownSeconds: number }[]
  }
  expect(windows.map(({ windowSeconds }) => windowSeconds)).toEqual([86_400, 2_592_000])
  for (const { mkt, knownSeconds } of windows) {
    expect(mkt).toBeGreaterThan(5)
    expect(mkt).toBeLessThan(9)
    expect(knownSeconds).toBeLessThan(86_400)
  }
})

test('what does not stand at the place is not found', async () => {
  const [found] = stage.findings.allFindings()
  const problem = { code: 'not-found', remedy: expect.stringContaining('another id') as string }
  await expect(explain('room', '0123456789abcdef')).rejects.toMatchObject(problem)
  await expect(explain('cupboard', found?.id ?? '')).rejects.toMatchObject(problem)
})
