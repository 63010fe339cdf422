import { runCommand, tellProgress } from '../support/command-line.ts'
import { wholeBreaks } from './whole-model.ts'
import { runWhole, STEPS } from './whole.ts'

// `npm run sim-test`.

const HELP = `npm run sim-test -- [--runs 20] [--seed 1] [--steps ${STEPS}] [--break KIND]

The whole on one virtual clock: devices with bad clocks and sensors, a network that delays and breaks, and one process
after another with the real journal (on a simulated disk), admission, ingest, census, stores, judge and incident desk;
struck by kills, also in the middle of a stretch that ingest takes, power cuts, failing and full disks, failing commits,
clock steps and changes of the past. After each step what must hold is looked at; in the end faults stop, everything
must come in, and judging it anew must give the same findings. The last line is
{"sim":"passed","runs":20,"acked":..,"failed":0,..}; the exit code is 1 when a promise was broken. Each of these is told with its seed, its step and the command that repeats it.

  --runs N      how many lives
  --seed N      of the first one; the next ones follow
  --steps N     how often something happens before the faults end
  --break KIND  ${wholeBreaks.join(', ')}:
                breaks the whole on purpose; then it must be found, and the command must fail
`

await runCommand(
  HELP,
  {
    runs: { least: 1, default: 20 },
    seed: { least: 0, default: 1 },
    steps: { least: 1, default: STEPS },
    break: { choices: wholeBreaks },
  },
  async (options) => {
    const [runs, seed, steps] = [options.number('runs'), options.number('seed'), options.number('steps')]
    const broken = wholeBreaks.find((each) => each === options.text('break'))
    const totals = { acked: 0, records: 0, kills: 0, findings: 0, failed: 0 }
    const breaches: Record<string, number> = {}
    const traces: string[] = []
    for (let run = 0; run < runs; run += 1) {
      const result = await runWhole({ seed: seed + run, steps, broken })
      totals.acked += result.acknowledged
      totals.records += result.records
      totals.kills += result.kills
      totals.findings += result.findings
      traces.push(result.trace)
      if (result.breach !== undefined) {
        const { kind, message, step } = result.breach
        totals.failed += 1
        breaches[kind] = (breaches[kind] ?? 0) + 1
        const again = broken === undefined ? '' : ` --break=${broken}`
        tellProgress(`seed ${result.seed}, step ${step}: ${kind}: ${message}`)
        tellProgress(`  again: npm run sim-test -- --runs=1 --seed=${result.seed} --steps=${steps}${again}`)
      }
      if ((run + 1) % 50 === 0) tellProgress(`${run + 1} of ${runs} lives, ${totals.acked} acknowledged`)
    }
    const ok = totals.failed === 0
    const sim = ok ? 'passed' : 'failed'
    const trace = traces.length === 1 ? { trace: traces[0] } : {}
    return { ok, line: { sim, break: broken ?? null, runs, ...totals, breaches, seed, steps, ...trace } }
  },
)
