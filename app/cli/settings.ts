import { resolve } from 'node:path'
import type { Command } from 'commander'
import {
  type Configuration,
  type ConfigurationKey,
  configurationSchema,
  loadConfiguration,
  secretKeys,
} from '../config/index.ts'
import { environment, workingDirectory } from '../doors/environment.ts'
import { readTextIfThere } from '../doors/files.ts'

/** Adds one `--key value` option per setting, so that every command reads the same configuration. */
export function withSettings(command: Command): Command {
  command.option('--config <file>', 'configuration file', 'isotherm.yaml')
  for (const [key, schema] of Object.entries(configurationSchema.properties)) {
    const flag = `--${key.replaceAll('_', '-')}`
    // A secret on the command line would be visible to every account of the machine.
    if (secretKeys.has(key as ConfigurationKey)) continue
    const description = 'description' in schema ? String(schema.description) : ''
    const standard = 'default' in schema ? ` (default ${String(schema.default)})` : ''
    command.option(
      `${flag} ${'type' in schema && schema.type === 'boolean' ? '' : '<value>'}`.trim(),
      description + standard,
    )
  }
  return command
}

/** The configuration of this call: file, environment, flags; paths made absolute. */
export async function settingsOf(command: Command): Promise<Configuration> {
  const options = command.optsWithGlobals<Record<string, string | boolean | undefined>>()
  const base = workingDirectory()
  const file = await readTextIfThere(resolve(base, String(options['config'])))
  const flags = Object.fromEntries(
    Object.keys(configurationSchema.properties).map((key) => [key, options[camelCase(key)]]),
  )
  const configuration = loadConfiguration({ file, environment: environment(), flags })
  return { ...configuration, data_dir: resolve(base, configuration.data_dir) }
}

/** Commander names options in camel case. */
function camelCase(key: string): string {
  return key.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
