import { Command } from 'commander'
import { addCommands } from '../../app/cli/commands.ts'

/** The whole command line, as `isotherm --help` shows it. */
export async function commandLine(): Promise<Command> {
  const program = new Command('isotherm').option('--json')
  await addCommands(program, [])
  return program
}

/** What is wrong with a call as a document has it; `words` are commands, then at most what a command takes. */
export function wrongInCall(
  program: Command,
  words: readonly string[],
  options: readonly string[],
): readonly string[] {
  let command = program
  let rest = words
  const flags = new Set(['--help'])
  const note = () => command.options.forEach(({ long }) => flags.add(long ?? ''))
  note()
  for (;;) {
    const next = command.commands.find((each) => each.name() === rest[0])
    if (next === undefined) break
    command = next
    rest = rest.slice(1)
    note()
  }
  const call = words.join(' ')
  const isWhole = command.commands.length === 0 && rest.length <= command.registeredArguments.length
  const unknown = options.filter((option) => !flags.has(option)).map((option) => `${call}: no ${option}`)
  return isWhole ? unknown : [`${call}: there is no such command`, ...unknown]
}
