import { expect, test } from 'vitest'
import { strikeEveryOperation } from './every-operation.ts'
import { type PowerCutResult, runPowerCut } from './power-cut.ts'

/** `POWERCUT_RUNS=5000 POWERCUT_SEED=1` runs more, or repeats one that failed; so does `npm run powercut`. */
const RUNS = Number(process.env['POWERCUT_RUNS'] ?? 50)
const FIRST_SEED = Number(process.env['POWERCUT_SEED'] ?? 1)
/** Per run, on a slow machine under load. */
const RUN_MS = 500
/** One in so many of the second blows: each kind at each operation of a recovery is dealt a few times all the same. */
const THINNING = 61
const SWEEP_MS = 120_000

test(
  'no acknowledged or followed record is lost, whatever the power does',
  async () => {
    const results = await runAll(RUNS)
    expect(results.filter((result) => result.breach !== undefined)).toEqual([])
    // The runs have to be worth something: records, operations to strike at, and several segments.
    expect(sum(results, (result) => result.acknowledged) / RUNS).toBeGreaterThan(500)
    expect(sum(results, (result) => result.operations) / RUNS).toBeGreaterThan(100)
    expect(sum(results, (result) => result.segments) / RUNS).toBeGreaterThan(2)
  },
  20_000 + RUNS * RUN_MS,
)

test(
  'no operation, whether it fails or is the last, loses a record: in a story, and in the recovery after it',
  async () => {
    const sweep = await strikeEveryOperation({ seed: FIRST_SEED, thinning: THINNING })
    expect(sweep.breaches.map(({ at, thrown }) => `${at}: ${thrown.message}`)).toEqual([])
    expect(sweep.storyOperations).toBeGreaterThan(80)
    expect(sweep.recoveryOperations).toBeGreaterThan(20)
    expect(sweep.cases).toBeGreaterThan(1000)
    // All kinds of operations but `rename`, which the journal does not use; opening does not ask for space.
    const both = [
      'close',
      'list',
      'makeDirectory',
      'open',
      'read',
      'size',
      'sync',
      'syncDirectory',
      'truncate',
    ]
    expect(sweep.storyKinds).toEqual(new Set([...both, 'space', 'write']))
    expect(sweep.recoveryKinds).toEqual(new Set([...both, 'remove', 'write']))
  },
  SWEEP_MS,
)

test('a run can be repeated by its seed', async () => {
  expect(await runPowerCut({ seed: 42 })).toEqual(await runPowerCut({ seed: 42 }))
})

async function runAll(runs: number): Promise<PowerCutResult[]> {
  const results: PowerCutResult[] = []
  for (let seed = FIRST_SEED; seed < FIRST_SEED + runs; seed += 1) results.push(await runPowerCut({ seed }))
  return results
}

function sum(results: readonly PowerCutResult[], of: (result: PowerCutResult) => number): number {
  return results.reduce((total, result) => total + of(result), 0)
}
