import { expect, test } from 'vitest'
import { mutants } from './mutants.ts'
import { COVERAGE_MIN, runLaws } from './run-laws.ts'

const seed = Number(process.env['SEED'] ?? 1)
/** Enough for each mutant to be found, whatever the seed. */
const MUTANT_RUNS = 100

test(`the laws hold, and enough is shown, seed ${seed}`, { timeout: 60_000 }, () => {
  const failed: unknown[] = []
  const { failures, coverage } = runLaws({
    runs: 300,
    seed,
    onFailure: (law, failedSeed) => failed.push([law, failedSeed]),
  })
  expect({ failures, failed }).toEqual({ failures: 0, failed: [] })
  expect(Math.min(...Object.values(coverage))).toBeGreaterThanOrEqual(COVERAGE_MIN)
})

test.each(Object.keys(mutants))(`the mutant %s is found, seed ${seed}`, (mutant) => {
  expect(runLaws({ runs: MUTANT_RUNS, seed, mutant, untilFailure: true }).failures).toBeGreaterThan(0)
})

test('the same seed shows the same', () => {
  expect(runLaws({ runs: 20, seed: 5 })).toEqual(runLaws({ runs: 20, seed: 5 }))
})
