import type { Command } from 'commander'
import { configurationSchema, environmentName, shownConfiguration } from '../config/index.ts'
import { terminal } from '../doors/terminal.ts'
import { openSystemChannels } from '../notify/channels.ts'
import { printThing } from './print.ts'
import { runs } from './run.ts'

/** Adds `config`. */
export function addConfig(program: Command): void {
  const config = program.command('config').description('show, check and describe the configuration')
  runs(config.command('show').description('print the settings in force'), async (configuration, options) => {
    printThing(shownConfiguration(configuration), options['json'] === true)
    return Promise.resolve()
  })
  runs(config.command('check').description('check the settings and start nothing'), async (configuration) => {
    openSystemChannels(configuration)
    terminal.print('The configuration is in order.')
    return Promise.resolve()
  })
  config
    .command('schema')
    .description('print the JSON Schema of isotherm.yaml')
    .action(() => {
      terminal.print(JSON.stringify(configurationSchema, null, 2))
    })
  config
    .command('keys')
    .description('list every setting with its environment variable')
    .action(() => {
      for (const [key, schema] of Object.entries(configurationSchema.properties)) {
        const description = 'description' in schema ? String(schema.description) : ''
        terminal.print(`${key.padEnd(24)} ${environmentName(key).padEnd(33)} ${description}`)
      }
    })
}
