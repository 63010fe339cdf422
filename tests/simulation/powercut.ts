import { runCommand, tellProgress } from '../support/command-line.ts'
import { type Break, breaks } from './breaks.ts'
import { strikeEveryOperation } from './every-operation.ts'
import type { Breach } from './power-cut-model.ts'
import { runPowerCut } from './power-cut.ts'

/** The part of all pairs of blows that a thin sweep deals; prime, so that every kind meets every operation. */
const THIN = 61
const sweeps = ['thin', 'whole', 'none'] as const

/** What a command counts over all its runs. */
interface Totals {
  acked: number
  operations: number
  failed: number
  lost: number
  phantom: number
  damaged: number
  misused: number
}

// `npm run powercut`.

const HELP = `npm run powercut -- [--runs 200] [--seed 1] [--sweep thin|whole|none] [--break KIND]

The real journal on a simulated disk: random lives of a log, struck by failing operations, full disks, kills and power
cuts; then one story in which every single operation is struck, and the operations of the recovery after each blow.
The last line is {"powercut":"passed","runs":200,"acked":..,"lost":0,"phantom":0,"damaged":0,..}; the exit code is 1
when anything acknowledged is lost, a log refuses to open, there is a record that nobody appended, or a descriptor is
used after its sync had failed. Each of these is told with the command that repeats it.

  --runs N      how many random lives
  --seed N      of the first one; the next ones follow
  --sweep KIND  strike every operation: with a part of the second blows (thin, the default), with all of them (whole,
                a minute), or not at all (none)
  --break KIND  ${breaks.join(', ')}:
                breaks the word of the disk below the journal; then losses must be found, and the command must fail
`

await runCommand(
  HELP,
  {
    runs: { least: 1, default: 200 },
    seed: { least: 0, default: 1 },
    sweep: { choices: sweeps },
    break: { choices: breaks },
  },
  async (options) => {
    const [runs, seed] = [options.number('runs'), options.number('seed')]
    const how = breaks.find((each) => each === options.text('break'))
    const sweep = options.text('sweep') ?? 'thin'
    const totals = { acked: 0, operations: 0, failed: 0, lost: 0, phantom: 0, damaged: 0, misused: 0 }
    await runLives(totals, seed, runs, how)
    const cases = sweep === 'none' ? 0 : await runSweep(totals, seed, sweep === 'thin' ? THIN : 1, how)
    const ok = totals.failed === 0
    const powercut = ok ? 'passed' : 'failed'
    return { ok, line: { powercut, break: how ?? null, runs, cases, ...totals, seed } }
  },
)

async function runLives(totals: Totals, seed: number, runs: number, how: Break | undefined): Promise<void> {
  for (let run = 0; run < runs; run += 1) {
    const result = await runPowerCut({ seed: seed + run, broken: how })
    totals.acked += result.acknowledged
    totals.operations += result.operations
    if (result.breach !== undefined) {
      const { kind, count, message } = result.breach
      add(totals, kind, count)
      tellProgress(`seed ${result.seed}: ${kind}: ${message}`)
      tellProgress(`  again: npm run powercut -- --runs=1 --sweep=none --seed=${result.seed}${breakOf(how)}`)
    }
    if ((run + 1) % 100 === 0)
      tellProgress(`${run + 1} of ${runs} lives, ${totals.acked} records acknowledged`)
  }
}

async function runSweep(
  totals: Totals,
  seed: number,
  thinning: number,
  how: Break | undefined,
): Promise<number> {
  tellProgress('striking every operation of a story')
  const sweep = await strikeEveryOperation({ seed, thinning, broken: how })
  totals.acked += sweep.acknowledged
  for (const { at, thrown } of sweep.breaches) {
    add(totals, thrown.breach, thrown.count)
    tellProgress(`${at}: ${thrown.breach}: ${thrown.message}`)
  }
  if (sweep.breaches.length > 0) {
    const sweepWord = thinning === 1 ? 'whole' : 'thin'
    tellProgress(`  again: npm run powercut -- --runs=1 --sweep=${sweepWord} --seed=${seed}${breakOf(how)}`)
  }
  return sweep.cases
}

/** A log that refuses to be read keeps its records from everybody: they count as lost, and the log as damaged. */
function add(totals: Totals, kind: Breach, count: number): void {
  totals.failed += 1
  if (kind === 'lost' || kind === 'damaged') totals.lost += count
  if (kind === 'damaged') totals.damaged += 1
  if (kind === 'phantom') totals.phantom += count
  if (kind === 'misused') totals.misused += count
}

function breakOf(how: Break | undefined): string {
  return how === undefined ? '' : ` --break=${how}`
}
