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

test('a product in stock there that says how it decays is weighed by that, and others by the usual', async () => {
  const label = {
    rangeMinMilliC: 2_000,
    rangeMaxMilliC: 8_000,
    freezeSensitive: false,
    lightSensitive: false,
  }
  const lots = [
    ['tough', { activationJoulesPerMol: 40_000 }, 0],
    ['tender', { activationJoulesPerMol: 200_000 }, 70],
    ['silent', {}, 0],
    ['later', { activationJoulesPerMol: 100_000 }, 80],
  ] as const
  for (const [id, energy, minute] of lots) {
    await stage.command('product.create', { id, name: id, ...label, ...energy })
    await stage.command('lot.create', {
      id,
      product: id,
      number: id,
      maker: '生物所',
      expiresOn: '2028-10-31',
    })
    const entered = { lot: id, place: 'room', quantity: 1, atMs: at(minute), reason: 'entered late' }
    await stage.command('custody.receive', entered)
  }
  await stage.settled()
  const found = stage.findings.allFindings().find(({ point }) => point === 'p-1')
  const { mkt } = (await explain('room', found?.id ?? '')) as {
    mkt: {
      windows: { mkt: number }[]
      products: { product: string; deltaHByR: number; windows: { mkt: number }[] }[]
    }
  }
  expect(mkt.products.map(({ product, deltaHByR }) => [product, deltaHByR])).toEqual([
    ['tender', 24_054.5],
    ['tough', 4_810.9],
  ])
  const days = mkt.products.map(({ windows }) => windows[0]?.mkt ?? 0)
  expect(days[0]).toBeGreaterThan(mkt.windows[0]?.mkt ?? 0)
  expect(days[1]).toBeLessThan(mkt.windows[0]?.mkt ?? 0)
})

test('what does not stand at the place is not found', async () => {
  const [found] = stage.findings.allFindings()
  const problem = { code: 'not-found', remedy: expect.stringContaining('another id') as string }
  await expect(explain('room', '0123456789abcdef')).rejects.toMatchObject(problem)
  await expect(explain('cupboard', found?.id ?? '')).rejects.toMatchObject(problem)
})
