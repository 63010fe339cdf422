import { Command } from 'commander'
import { expect, test } from 'vitest'
import { addCommands, groups } from '../../app/cli/commands.ts'

const namesOf = (program: Command) => program.commands.map((command) => command.name())

test.each(groups)('$names are what their module adds', async ({ names, load }) => {
  const program = new Command()
  ;(await load())(program)
  expect(namesOf(program)).toEqual(names)
})

test('words that name no command get all of them, in one order; a name gets its own, behind options too', async () => {
  const all = groups.flatMap(({ names }) => names)
  expect(new Set(all).size).toBe(all.length)
  for (const words of [
    [],
    ['--help'],
    ['help', 'key'],
    ['nonsense'],
    ['--help', 'device'],
    ['--json', '-h', 'key'],
  ]) {
    const program = new Command()
    await addCommands(program, words)
    expect(namesOf(program)).toEqual(all)
  }
  const program = new Command()
  await addCommands(program, ['--json', 'backup', 'key', '--help'])
  expect(namesOf(program)).toEqual(['backup', 'restore'])
})
