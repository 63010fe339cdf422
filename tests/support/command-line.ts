import { parseArgs } from 'node:util'

/** Options of a command: whole numbers from `least` on, or texts, any or one of `choices`. */
export type OptionTable = Readonly<
  Record<
    string,
    { readonly least: number; readonly default: number } | { readonly choices: readonly string[] | 'any' }
  >
>

/** The options as given. */
export interface GivenOptions {
  /** A number of the table, as given or its default. */
  number(name: string): number
  text(name: string): string | undefined
}

/**
 * Runs a reliability command: progress on standard error, one JSON line at the end on standard output, exit code 0
 * when `run` answers `ok`, 1 when not or when it throws, 2 for options that cannot be understood.
 */
export async function runCommand(
  help: string,
  table: OptionTable,
  run: (options: GivenOptions) => Promise<{ readonly ok: boolean; readonly line: object }>,
): Promise<void> {
  const given = readOptions(help, table)
  if (given === undefined) return
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    // what was started is ended by those that wait for the exit
    process.once(signal, () => process.exit(1))
  }
  try {
    const { ok, line } = await run(given)
    process.stdout.write(`${JSON.stringify(line)}\n`)
    process.exitCode = ok ? 0 : 1
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    process.stdout.write(`${JSON.stringify({ failed: reason })}\n`)
    process.exitCode = 1
  }
}

/** One line of progress. */
export function tellProgress(line: string): void {
  process.stderr.write(`${line}\n`)
}

function readOptions(help: string, table: OptionTable): GivenOptions | undefined {
  const names = Object.keys(table)
  const options = Object.fromEntries(names.map((name) => [name, { type: 'string' } as const]))
  try {
    const parsed = parseArgs({ options: { ...options, help: { type: 'boolean' } } })
    const values: Readonly<Record<string, string | boolean | undefined>> = parsed.values
    if (values['help'] === true) {
      process.stdout.write(help)
      return undefined
    }
    const numbers = new Map<string, number>()
    for (const [name, option] of Object.entries(table)) {
      if ('choices' in option) {
        const text = values[name]
        if (option.choices === 'any' || text === undefined || option.choices.includes(String(text))) continue
        throw new Error(`--${name} ${String(text)} is none of ${option.choices.join(', ')}`)
      }
      const value = Number(values[name] ?? option.default)
      if (!Number.isSafeInteger(value) || value < option.least)
        throw new Error(`--${name} ${String(values[name])} is no whole number from ${option.least} on`)
      numbers.set(name, value)
    }
    return {
      number: (name) => numbers.get(name) ?? Number.NaN,
      text: (name) => {
        const value = values[name]
        return typeof value === 'string' ? value : undefined
      },
    }
  } catch (thrown) {
    process.stderr.write(`${thrown instanceof Error ? thrown.message : String(thrown)}\n\n${help}`)
    process.exitCode = 2
    return undefined
  }
}
