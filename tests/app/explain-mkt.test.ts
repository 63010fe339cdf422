import { afterEach, beforeEach, expect, test } from 'vitest'
import { explainAnswers } from '../../app/explain-answers.ts'
import { type JudgeStage, openJudgeStage, START_MS } from '../alerts/judge-stage.ts'

const reason = 'tested'
let stage: JudgeStage
beforeEach(async () => {
  stage = await openJudgeStage()
  const pack = { pack: 'usp-1079-cct', version: 1, organisation: 'o', fromMs: START_MS, reason }
  await stage.command('rules.activate', pack)
})
afterEach(() => stage.close())

async function put(id: string, energy: { readonly activationJoulesPerMol?: number }): Promise<void> {
  const label = { rangeMinMilliC: 2_000, rangeMaxMilliC: 8_000 }
  const product = { id, name: id, freezeSensitive: false, lightSensitive: false, ...label, ...energy }
  await stage.command('product.create', product)
  await stage.command('lot.create', { id, product: id, number: id, maker: '生物所', expiresOn: '2028-10-31' })
  const entered = { lot: id, place: 'room', quantity: 1, atMs: START_MS, reason }
  await stage.command('custody.receive', entered)
}

test('of the same hours one product is within the limit and another is not', async () => {
  await put('usual', {})
  await put('tender', { activationJoulesPerMol: 300_000 })
  await put('tough', { activationJoulesPerMol: 40_000 })
  const minutes = Array.from({ length: 50 * 12 }, (_none, nth) => nth * 5)
  // 20 hours at 5 degrees, 4 at 12, and on
  const celsius = (minute: number): number => (minute >= 1_200 && minute < 1_440 ? 12 : 5)
  stage.take(
    'a',
    minutes.map((minute) => [minute, celsius(minute)] as const),
  )
  await stage.settled()
  const found = stage.findings.allFindings().find(({ rule }) => rule === 'usp-1079-cct/warm')
  const { findings, view } = stage
  const answers = explainAnswers({ findings, view, viewReady: () => Promise.resolve() })
  const told = await answers['finding.explain']({ place: 'room', id: found?.id ?? '' })
  expect(told).toMatchObject({
    mkt: {
      limit: { temperature: 8, windowSeconds: 86_400 },
      statement: 'within',
      products: [
        { product: 'tender', statement: 'over' },
        { product: 'tough', statement: 'within' },
      ],
    },
  })
})
