import { expect, test } from 'vitest'
import { SeededRandom } from '../support/seeded-random.ts'
import { openJudgeStage, START_MS } from './judge-stage.ts'
import { judgeStep } from './judge-steps.ts'

const STEPS = 40
/** So long after a start it is known who was heard. */
const RETURNED_MINUTES = 6
/** From the start on, so that a seed in two also has records too far apart. */
const cadence = { pack: 'cn-gsp-cadence', version: 1, organisation: 'o', fromMs: START_MS, reason: 'tested' }

test.each([1, 2, 3, 5, 6, 8])('judged as it comes is judged all at once, seed %i', async (seed) => {
  const random = new SeededRandom(seed)
  const stage = await openJudgeStage()
  if (seed % 2 === 0) await stage.command('rules.activate', cadence)
  const used = new Set<string>()
  for (let count = 0; count < STEPS; count += 1) {
    await judgeStep(stage, random, used)
    if (random.oneIn(12)) stage.pass(RETURNED_MINUTES)
    if (random.oneIn(2)) await stage.settled()
  }
  const returned = async (): Promise<string> => {
    await stage.settled()
    stage.pass(RETURNED_MINUTES)
    await stage.settled()
    return stage.json()
  }
  const before = await returned()
  expect(stage.findings.allFindings().length).toBeGreaterThan(0)
  await stage.rebuild()
  await stage.settled()
  expect(stage.json()).toBe(before)
  expect(stage.errors).toEqual([])
  await stage.close()
})
