import {
  type Configuration,
  type ConfigurationKey,
  configurationSchema,
  environmentName,
  givenSettings,
  unknownVariables,
  unusedSettings,
} from '../config/index.ts'
import { isThere } from '../doors/files.ts'
import { dataLayout } from '../layout.ts'
import type { Finding } from './doctor-finding.ts'
import { type CommandOptions, sourcesOf } from './settings.ts'

const keys = Object.keys(configurationSchema.properties) as ConfigurationKey[]

/**
 * Where the settings come from, and which of them say nothing: unknown names in the environment (in the file and on the
 * command line they end the call before), settings without effect, a named file that is not there. Names, no values.
 */
export async function configurationFindings(
  configuration: Configuration,
  options: CommandOptions,
): Promise<readonly Finding[]> {
  const { path, sources } = await sourcesOf(options)
  const given = givenSettings(sources)
  const unknown = unknownVariables(sources.environment, keys)
  const unused = unusedSettings(configuration, given.keys())
  const isFileThere = sources.file !== undefined
  const found = [
    `every setting is in order; ${isFileThere ? `${path} was read` : `there is no ${path}`}`,
    ...(['isotherm.yaml', 'environment', 'command line'] as const).flatMap((origin) => {
      const from = [...given].filter(([, each]) => each === origin).map(([key]) => key)
      return from.length === 0 ? [] : [`${from.length} from ${originText[origin]} (${from.join(', ')})`]
    }),
  ].join('; ')
  return [
    { check: 'configuration', state: 'ok', found },
    ...(isFileThere || options['config'] === DEFAULT_FILE ? [] : [missing(path)]),
    ...unknown.map(unknownVariable),
    ...unused.map(({ key, why }) => note(`${key} changes nothing, because ${why}`, removal(key))),
    ...(await usedPassword(configuration)),
  ]
}

/** What `--config` is when nobody gives it. */
const DEFAULT_FILE = 'isotherm.yaml'

const originText = {
  'isotherm.yaml': 'the file',
  environment: 'the environment',
  'command line': 'the command line',
} as const

function note(found: string, remedy: string): Finding {
  return { check: 'configuration', state: 'note', found, remedy }
}

function missing(path: string): Finding {
  const remedy = 'Correct --config, or leave it out; a start with it would use no file either.'
  return { check: 'configuration', state: 'bad', found: `${path} is named and is not there`, remedy }
}

function unknownVariable(name: string): Finding {
  return note(
    `the environment sets ${name}, which is no setting`,
    'Correct its name or remove it; `isotherm config keys` lists all settings.',
  )
}

function removal(key: ConfigurationKey): string {
  return `Remove ${key} (${environmentName(key)}), or set what it needs.`
}

/** The password of the first administrator lies about for nothing once there is one. */
async function usedPassword({
  admin_password: password,
  data_dir: root,
}: Configuration): Promise<readonly Finding[]> {
  if (password === undefined || !(await isThere(dataLayout(root).facts))) return []
  const found = 'admin_password changes nothing any more: there are users already'
  return [note(found, `Remove ${environmentName('admin_password')}: a secret that nobody needs.`)]
}
