import type { Command } from 'commander'
import { instantFrom, Problem, reasonOf } from '../../domain/index.ts'
import type { Configuration } from '../config/index.ts'
import { setExitCode, terminal } from '../doors/terminal.ts'
import { type CommandOptions, settingsOf, withSettings } from './settings.ts'

/** Problems of how the command was called, as against what went wrong while it ran. */
const usageCodes: ReadonlySet<string> = new Set([
  'configuration-invalid',
  'data-directory-locked',
  'data-directory-version',
  'bad-request',
])

/**
 * Wraps a command's work: settings are loaded and checked first, a `Problem` is printed as what and remedy (or
 * as JSON with `--json`) and ends with exit code 2 for bad usage and 1 for a failure.
 */
export function runs(
  command: Command,
  work: (configuration: Configuration, options: CommandOptions, ...words: string[]) => Promise<void>,
): Command {
  return withSettings(command).action(async (...given: unknown[]) => {
    const options = command.optsWithGlobals<CommandOptions>()
    try {
      const words = given.slice(0, -2).map(String)
      await work(await settingsOf(command), options, ...words)
    } catch (thrown) {
      report(thrown, options['json'] === true)
    }
  })
}

export type { CommandOptions } from './settings.ts'

/** The text of an option that may be absent. */
export function textOption(options: CommandOptions, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

/** The instant of an option that may be absent, epoch ms; `name` as commander gives it. Throws `bad-request`. */
export function instantOption(options: CommandOptions, name: string): number | undefined {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const timeMs = instantFrom(text)
  if (timeMs !== undefined) return timeMs
  const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new Problem('bad-request', {
    what: `--${option} ${text} is not a time with its zone.`,
    remedy: 'Write it like 2026-11-23T00:00:00+08:00.',
  })
}

/** Prints what went wrong and sets the exit code. */
export function report(thrown: unknown, json: boolean): void {
  const problem = thrown instanceof Problem ? thrown : undefined
  const code = problem?.code ?? 'internal'
  const what = reasonOf(thrown)
  const remedy = problem?.remedy ?? 'This is a fault of Isotherm itself: report it with the lines above.'
  if (json) terminal.print(JSON.stringify({ code, what, remedy }))
  else terminal.tell(`isotherm: ${what}\n  ${remedy}`)
  if (problem === undefined && thrown instanceof Error) terminal.tell(thrown.stack ?? '')
  setExitCode(usageCodes.has(code) ? 2 : 1)
}
