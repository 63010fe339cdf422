import { availableParallelism, tmpdir } from 'node:os'
import { parseArgs } from 'node:util'
import { type Bench, rounded } from './bench.ts'
import { engine } from './engine.ts'
import { fileSystemOf } from './file-system.ts'
import { gateway } from './gateway.ts'
import { memory } from './memory.ts'
import { open } from './open.ts'
import { pipeline } from './pipeline.ts'
import { loadAverage } from './processes.ts'
import { reconnect } from './reconnect.ts'
import { rejudge } from './rejudge.ts'
import { replay } from './replay.ts'

// `npm run bench -- NAME`: one JSON line per case on standard output, everything else on standard error. Ends with 0,
// with 1 when something could not be measured, and with 2 when it was called wrongly.

const benches: Readonly<Record<string, Bench>> = {
  engine,
  gateway,
  memory,
  open,
  pipeline,
  reconnect,
  rejudge,
  replay,
}

process.exitCode = await main(process.argv.slice(2))

async function main(words: readonly string[]): Promise<number> {
  let given: ReturnType<typeof parse>
  try {
    given = parse(words)
  } catch (thrown) {
    return misused(thrown instanceof Error ? thrown.message : String(thrown))
  }
  const { values, positionals } = given
  if (values.help === true) {
    process.stdout.write(help())
    return 0
  }
  const [name, more] = positionals
  if (name === undefined || more !== undefined) return misused('Name one benchmark.')
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined
  if (bench === undefined) return misused(`There is no benchmark ${name}.`)
  const unknown = values.case.find((each) => !bench.cases.includes(each))
  if (unknown !== undefined) return misused(`${name} has no case ${unknown}: ${bench.cases.join(', ')}.`)
  const seed = Number(values.seed)
  if (!Number.isSafeInteger(seed) || seed < 0) return misused(`--seed ${values.seed} is no whole number.`)
  // every server and every folder below goes where temporary files go
  if (values.dir !== undefined) process.env['TMPDIR'] = values.dir
  return run(bench, { seed, cases: values.case, quick: values.quick })
}

function parse(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      seed: { type: 'string', default: '1' },
      case: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      dir: { type: 'string' },
    },
  })
}

interface Chosen {
  readonly seed: number
  readonly cases: readonly string[]
  readonly quick: boolean
}

async function run(bench: Bench, { seed, cases, quick }: Chosen): Promise<number> {
  try {
    const fs = fileSystemOf(tmpdir())
    const cores = availableParallelism()
    const chosen = cases.length === 0 ? bench.cases : cases
    for await (const line of bench.run({ seed, cases: chosen, quick, fs, tell })) {
      const load = rounded(loadAverage(), 2)
      process.stdout.write(`${JSON.stringify({ ...line, seed, fs, cores, load_average: load })}\n`)
    }
    return 0
  } catch (thrown) {
    tell(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown))
    return 1
  }
}

function tell(sentence: string): void {
  process.stderr.write(`bench: ${sentence}\n`)
}

function misused(why: string): number {
  process.stderr.write(`bench: ${why}\n\n${help()}`)
  return 2
}

function help(): string {
  const list = Object.entries(benches).map(
    ([name, { what, cases }]) =>
      `  ${name.padEnd(10)} ${what}\n  ${' '.repeat(10)} cases: ${cases.join(', ')}\n`,
  )
  return `Usage: npm run bench -- NAME [--case CASE]... [--seed N] [--quick] [--dir DIR]

Prints one JSON line per case. The peer or the physical limit is measured in the same call.

${list.join('')}
  --case CASE  only this case; may be given again
  --seed N     where something is random (default 1)
  --quick      a few seconds, which shows that everything works and measures nothing
  --dir DIR    write here; a file system in memory is refused (default: the folder for temporary files)
`
}
