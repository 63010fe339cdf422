import { runCommand, tellProgress } from '../support/command-line.ts'
import { damages } from './damage.ts'
import { isSound, runCrash } from './run-crash.ts'

// `npm run crash`.

const HELP = `npm run crash -- [--kills 200] [--seed 1] [--ack-log FILE] [--break lost|phantom]

Starts Isotherm as users start it, puts real MQTT clients (QoS 1, a process of their own) on it, and kills it with
SIGKILL at random instants, starts included; then compares what the clients know with every reading it answers.
The last line is {"acked":..,"stored":..,"lost":0,"phantom":0,"kills":200,..}; the exit code is 0 only when nothing
acknowledged is missing, nothing stored was never sent, the balances agree, and each kill had 1,000 acknowledgements.

  --kills N       how many kills; 200 take about a quarter of an hour on two cores
  --seed N        the instants and values; what falls into them is never quite the same
  --ack-log FILE  a line of JSON for each acknowledged reading, made anew; FILE.sent has those that were sent
  --break KIND    spoils one stored reading before the comparison: the command must fail
`

await runCommand(
  HELP,
  {
    kills: { least: 1, default: 200 },
    seed: { least: 0, default: 1 },
    'ack-log': { choices: 'any' },
    break: { choices: damages },
  },
  async (options) => {
    const outcome = await runCrash({
      kills: options.number('kills'),
      seed: options.number('seed'),
      ackLog: options.text('ack-log'),
      damage: damages.find((each) => each === options.text('break')),
      tell: tellProgress,
    })
    return { ok: isSound(outcome), line: outcome }
  },
)
