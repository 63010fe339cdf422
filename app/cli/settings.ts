import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Problem } from '../../domain/index.ts'
import {
  type Configuration,
  type ConfigurationKey,
  type ConfigurationSources,
  configurationSchema,
  loadConfiguration,
  type Purpose,
  purposeFolders,
  secretKeys,
  tellsFolder,
} from '../config/index.ts'
import { environment, workingDirectory } from '../doors/environment.ts'
import { readTextIfThere } from '../doors/files.ts'
import { connectLocal } from '../doors/sockets.ts'
import { dataLayout } from '../layout.ts'

/** Adds one `--key value` option per setting, so that every command reads the same configuration. */
export function withSettings(command: Command): Command {
  command.option('--config <file>', 'configuration file', 'isotherm.yaml')
  for (const [key, schema] of Object.entries(configurationSchema.properties)) {
    const flag = `--${key.replaceAll('_', '-')}`
    // A secret on the command line would be visible to every account of the machine.
    if (secretKeys.has(key as ConfigurationKey)) continue
    if (startKeys.has(key) && command.name() !== 'start') continue
    const description = 'description' in schema ? String(schema.description) : ''
    const standard = 'default' in schema ? ` (default ${String(schema.default)})` : ''
    command.option(
      `${flag} ${'type' in schema && schema.type === 'boolean' ? '' : '<value>'}`.trim(),
      description + standard,
    )
    if (key === 'demo') command.option('--no-demo', 'Run real operation, which begins empty.')
  }
  return command
}

/** Settings of `start` alone: other commands have options of these names that mean something else. */
const startKeys: ReadonlySet<string> = new Set(['demo', 'demo_days'])
/** Servers that run a directory of their own; every other command asks whichever runs. */
const servers: ReadonlySet<string> = new Set(['gateway', 'core', 'api'])

/** The configuration of this call: file, environment, flags; paths made absolute. */
export async function settingsOf(command: Command): Promise<Configuration> {
  const options = command.optsWithGlobals<CommandOptions>()
  const base = workingDirectory()
  const isStart = command.name() === 'start'
  const { sources } = await sourcesOf(options, isStart)
  const runs = isStart || servers.has(command.name()) || tellsFolder(sources)
  const unlessTold = isStart ? 'demo' : runs ? 'live' : await runningPurpose(base)
  const configuration = loadConfiguration({ ...sources, unlessTold })
  const files = Object.fromEntries(
    fileKeys.flatMap((key) => {
      const path = configuration[key]
      return path === undefined ? [] : [[key, resolve(base, path)]]
    }),
  )
  return { ...configuration, ...files, data_dir: resolve(base, configuration.data_dir) }
}

/** Options of one call as commander collected them. */
export type CommandOptions = Readonly<Record<string, string | boolean | undefined>>

/** Where the settings of a call come from: the path of the file, whether it is there or not, and all three sources. */
export async function sourcesOf(
  options: CommandOptions,
  isStart = false,
): Promise<{ readonly path: string; readonly sources: ConfigurationSources }> {
  const path = resolve(workingDirectory(), String(options['config']))
  const flags = Object.fromEntries(
    Object.keys(configurationSchema.properties)
      .filter((key) => isStart || !startKeys.has(key))
      .map((key) => [key, options[camelCase(key)]]),
  )
  return { path, sources: { file: await readTextIfThere(path), environment: environment(), flags } }
}

/** Settings that name a file, relative to the folder the command starts in. */
const fileKeys = ['tls_certificate', 'tls_key', 'tls_client_ca'] as const

/**
 * Which of the two directories a command means that names none: the one that is running; when neither does, that of
 * real operation. Throws `configuration-invalid` when both run.
 */
async function runningPurpose(base: string): Promise<Purpose> {
  const [live, demo] = [resolve(base, purposeFolders.live), resolve(base, purposeFolders.demo)]
  if (!(await isRunning(demo))) return 'live'
  if (!(await isRunning(live))) return 'demo'
  throw new Problem('configuration-invalid', {
    what: `Isotherm runs on ${live} and on ${demo}.`,
    remedy: 'Say which one is meant: --data-dir data/live or --data-dir data/demo.',
  })
}

async function isRunning(folder: string): Promise<boolean> {
  const channel = await connectLocal(dataLayout(folder).socket)
  channel?.close()
  return channel !== undefined
}

/** Commander names options in camel case. */
function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
