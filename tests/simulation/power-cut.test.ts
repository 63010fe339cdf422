import { expect, test } from 'vitest'
import { type PowerCutOptions, type PowerCutResult, runPowerCut } from './power-cut.ts'

/** `POWERCUT_RUNS=5000 POWERCUT_SEED=1` runs more, or repeats one that failed. */
const RUNS = Number(process.env['POWERCUT_RUNS'] ?? 50)
const FIRST_SEED = Number(process.env['POWERCUT_SEED'] ?? 1)
/** Enough for a lie to be found out many times over. */
const CANARY_RUNS = 20
/** Per run, on a slow machine under load. */
const RUN_MS = 500

test(
  'no acknowledged or followed record is lost, whatever the power does',
  async () => {
    const results = await runAll(RUNS, {})
    expect(results.filter((result) => result.loss !== undefined)).toEqual([])
    // The runs have to be worth something: records, operations to strike at, and several segments.
    expect(sum(results, (result) => result.acknowledged) / RUNS).toBeGreaterThan(500)
    expect(sum(results, (result) => result.operations) / RUNS).toBeGreaterThan(100)
    expect(sum(results, (result) => result.segments) / RUNS).toBeGreaterThan(2)
  },
  20_000 + RUNS * RUN_MS,
)

test.each([
  ['syncs', { ignoreSync: true }],
  ['directory syncs', { ignoreDirectorySync: true }],
] as const)('a disk that only pretends its %s is found out', async (_, lies) => {
  const results = await runAll(CANARY_RUNS, lies)
  const caught = results.filter((result) => /gone|missing|damaged|other bytes/.test(result.loss ?? ''))
  expect(caught.length).toBeGreaterThan(CANARY_RUNS / 2)
  expect(caught.length).toBe(results.filter((result) => result.loss !== undefined).length)
})

test('a run can be repeated by its seed', async () => {
  expect(await runPowerCut({ seed: 42 })).toEqual(await runPowerCut({ seed: 42 }))
})

async function runAll(runs: number, lies: Omit<PowerCutOptions, 'seed'>): Promise<PowerCutResult[]> {
  const results: PowerCutResult[] = []
  for (let seed = FIRST_SEED; seed < FIRST_SEED + runs; seed += 1) {
    results.push(await runPowerCut({ seed, ...lies }))
  }
  return results
}

function sum(results: readonly PowerCutResult[], of: (result: PowerCutResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0)
}
