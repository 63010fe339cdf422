import { runCommand, tellProgress } from '../support/command-line.ts'
import { laws } from './laws.ts'
import { mutants } from './mutants.ts'
import { COVERAGE_MIN, runLaws } from './run-laws.ts'

// `npm run laws`.

const HELP = `npm run laws -- [--runs 200] [--seed 1] [--mutant NAME]

The laws of the excursion engine, each on any history and facts of a point, and on the real road of its readings through
ingest and store. The last line is {"runs":200,"failures":0,"seed":1,"coverage":{"finding":0.6,..}}, shares of runs; the
exit code is 1 when a law does not hold, or when a kind of run is rarer than ${COVERAGE_MIN}. What fails is told with the command
that repeats it.

${Object.keys(laws)
  .map((name) => `  - ${name}`)
  .join('\n')}

  --runs N       how many
  --seed N       of the first one; the next ones follow
  --mutant NAME  ${Object.keys(mutants).join(', ')}:
                 an engine that is wrong in this way; then a law must fail, and the command
`
/** Failures that are told; more of them say the same. */
const TOLD_MAX = 10

await runCommand(
  HELP,
  {
    runs: { least: 1, default: 200 },
    seed: { least: 0, default: 1 },
    mutant: { choices: Object.keys(mutants) },
  },
  async (options) => {
    const [runs, seed, mutant] = [options.number('runs'), options.number('seed'), options.text('mutant')]
    let told = 0
    const { failures, coverage } = runLaws({
      runs,
      seed,
      mutant,
      onFailure: (law, failedSeed) => {
        told += 1
        if (told > TOLD_MAX) return
        const again = mutant === undefined ? '' : ` --mutant=${mutant}`
        tellProgress(`seed ${failedSeed}: ${law}`)
        tellProgress(`  again: npm run laws -- --runs=1 --seed=${failedSeed}${again}`)
      },
      onRun: (done) => {
        if (done % 500 === 0) tellProgress(`${done} of ${runs} runs`)
      },
    })
    // one run repeats a failure, and covers what it covers
    const isCovered = runs === 1 || Object.values(coverage).every((share) => share >= COVERAGE_MIN)
    return { ok: failures === 0 && isCovered, line: { runs, failures, seed, coverage } }
  },
)
