import { parseArgs } from 'node:util'
import { rounded } from '../bench.ts'
import { attacks } from './attacks.ts'
import { runCampaign } from './campaign.ts'

// `npm run fuzz -- --seconds N --seed S`: one JSON line on standard output at the end. Ends with 0 when everything
// held, with 1 when anything gave way, and with 2 when it was called wrongly.

const SECONDS_MAX = 86_400

// ended here: a finished run was once seen busy for half an hour, and why is not known
process.exit(await main(process.argv.slice(2)))

async function main(words: readonly string[]): Promise<number> {
  let values: ReturnType<typeof parse>
  try {
    values = parse(words)
  } catch (thrown) {
    return misused(thrown instanceof Error ? thrown.message : String(thrown))
  }
  if (values.help === true) {
    process.stdout.write(help())
    return 0
  }
  const seconds = whole(values.seconds, 1, SECONDS_MAX)
  if (seconds === undefined)
    return misused(`--seconds ${values.seconds} is no whole number from 1 to ${SECONDS_MAX}.`)
  const seed = whole(values.seed, 0, 2 ** 32 - 1)
  if (seed === undefined) return misused(`--seed ${values.seed} is no whole number below 2^32.`)
  try {
    const result = await runCampaign({ seconds, seed, tell })
    const { good, failures } = result
    for (const failure of failures) tell(failure)
    if (failures.length > 0) tell(`repeat it with: npm run fuzz -- --seconds ${seconds} --seed ${seed}`)
    const line = {
      fuzz: 'ports',
      seconds,
      seed,
      attacks: result.attacks,
      by_mode: result.byMode,
      hostile_acknowledged: result.hostileAcknowledged,
      held: result.held,
      good_acknowledged: good?.acknowledged ?? 0,
      good_p99_ms: good?.p99Ms ?? null,
      rss_idle_mib: rounded(result.idleMiB, 1),
      rss_most_mib: rounded(result.mostMiB, 1),
      rss_limit_mib: rounded(result.limitMiB, 1),
      failures,
    }
    process.stdout.write(`${JSON.stringify(line)}\n`)
    return failures.length === 0 ? 0 : 1
  } catch (thrown) {
    tell(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
    return 1
  }
}

function parse(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    options: {
      help: { type: 'boolean', short: 'h' },
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
    },
  }).values
}

function whole(text: string, least: number, most: number): number | undefined {
  const value = Number(text)
  return text !== '' && Number.isInteger(value) && value >= least && value <= most ? value : undefined
}

function tell(sentence: string): void {
  process.stderr.write(`fuzz: ${sentence}\n`)
}

function misused(why: string): number {
  process.stderr.write(`fuzz: ${why}\n\n${help()}`)
  return 2
}

function help(): string {
  return `Usage: npm run fuzz -- [--seconds N] [--seed N]

Attacks a running Isotherm while devices that behave publish: ${Object.keys(attacks).join(', ')}.
It must live, acknowledge those devices (p99 under 2 s), keep its memory below 1.5 times idle and 256 MiB, and
account for every message. Prints one JSON line.

  --seconds N  how long (default 60)
  --seed N     which attacks (default 1)
`
}
