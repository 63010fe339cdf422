import { expect, test } from 'vitest'
import { SeededRandom } from '../support/seeded-random.ts'
import { openJudgeStage, START_MS } from './judge-stage.ts'
import { judgeStep } from './judge-steps.ts'

const STEPS = 40
/** From the start on, so that a seed in two also has records too far apart. */
const cadence = { pack: 'cn-gsp-cadence', version: 1, organisation: 'o', fromMs: START_MS, reason: 'tested' }

test.each([1, 2, 3, 4, 5, 6])('judged as it comes is judged all at once, seed %i', async (seed) => {
  const random = new SeededRandom(seed)
  const stage = await openJudgeStage()
  if (seed % 2 === 0) await stage.command('rules.activate', cadence)
  const used = new Set<string>()
  for (let count = 0; count < STEPS; count += 1) {
    await judgeStep(stage, random, used)
    if (random.oneIn(2)) await stage.settled()
  }
  await stage.settled()
  const before = stage.json()
  expect(stage.findings.allFindings().length).toBeGreaterThan(0)
  await stage.rebuild()
  await stage.settled()
  expect(stage.json()).toBe(before)
  expect(stage.errors).toEqual([])
  await stage.close()
})
