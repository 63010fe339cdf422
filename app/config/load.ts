import type { TSchema } from 'typebox'
import { Value } from 'typebox/value'
import { parse } from 'yaml'
import { Problem, reasonOf } from '../../domain/index.ts'
import {
  type Configuration,
  type ConfigurationKey,
  configurationSchema,
  pairedKeys,
  partlySecret,
  secretKeys,
  textReaders,
} from './schema.ts'

/** Where settings come from, weakest first. `file` is the text of `isotherm.yaml`, undefined when there is none. */
export interface ConfigurationSources {
  readonly file?: string | undefined
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly flags: Readonly<Record<string, string | boolean | undefined>>
  /** What is run or asked when neither `data_dir` nor `demo` is set; default `live`. */
  readonly unlessTold?: Purpose
}

/** What a data directory is for: real operation, or the demonstration. */
export type Purpose = 'live' | 'demo'

/** Where each lies, below the folder the command starts in. */
export const purposeFolders: Readonly<Record<Purpose, string>> = { live: 'data/live', demo: 'data/demo' }

/** Where a value was found, for messages. */
export type Origin = 'isotherm.yaml' | 'environment' | 'command line'

const keys = Object.keys(configurationSchema.properties) as ConfigurationKey[]
const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * Puts the sources together and checks them. Throws `Problem('configuration-invalid')` naming key, value (never
 * a secret one) and remedy, before anything starts.
 */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  const given = givenValues(sources)
  const values: Record<string, unknown> = {}
  for (const [key, { value, origin }] of given) values[key] = checked(key, value, origin)
  const told =
    values['demo'] === undefined && values['data_dir'] === undefined ? sources.unlessTold : undefined
  const demo = values['demo'] === true || told === 'demo'
  const where = { data_dir: purposeFolders[demo ? 'demo' : 'live'], ...values, demo }
  const configuration = Value.Default(configurationSchema, where) as Configuration
  if (demo) refuseOpenDemonstration(configuration)
  refusePublic(configuration, 'mqtt')
  refusePublic(configuration, 'http')
  if (configuration.http_tls) refuseHalf(configuration, 'http_tls', 'tls_certificate')
  refuseHalf(configuration, 'tls_client_ca', 'tls_certificate')
  refuseHalf(configuration, 'tls_client_crl', 'tls_client_ca')
  refuseHalf(configuration, 'http_devices_port', 'tls_client_ca')
  for (const [one, other] of pairedKeys) {
    refuseHalf(configuration, one, other)
    refuseHalf(configuration, other, one)
  }
  return configuration
}

/** True when the settings say by themselves which data directory is meant. */
export function tellsFolder(sources: ConfigurationSources): boolean {
  const given = givenValues(sources)
  return given.has('data_dir') || given.has('demo')
}

/** Which settings are given, and where the value in force comes from. */
export function givenSettings(sources: ConfigurationSources): ReadonlyMap<ConfigurationKey, Origin> {
  const given = givenValues(sources)
  return new Map(
    keys.flatMap((key) => {
      const found = given.get(key)
      return found === undefined ? [] : [[key, found.origin]]
    }),
  )
}

/** A value as it was given, and where. */
interface Given {
  readonly value: unknown
  readonly origin: Origin
}

/** What is set, the strongest source of each key. */
function givenValues(sources: ConfigurationSources): ReadonlyMap<string, Given> {
  const given = new Map<string, Given>()
  for (const [key, value] of Object.entries(fileValues(sources.file)))
    given.set(key, { value, origin: 'isotherm.yaml' })
  for (const key of keys) {
    const value = sources.environment[environmentName(key)]
    if (value !== undefined && value !== '') given.set(key, { value, origin: 'environment' })
    const flag = sources.flags[key]
    if (flag !== undefined) given.set(key, { value: flag, origin: 'command line' })
  }
  return given
}

/** `ISOTHERM_DATA_DIR` for `data_dir`. */
export function environmentName(key: string): string {
  return `ISOTHERM_${key.toUpperCase()}`
}

/** All settings with secrets replaced, for `config show` and the log. */
export function shownConfiguration(configuration: Configuration): Record<string, unknown> {
  return Object.fromEntries(
    keys.map((key) => {
      const value = configuration[key]
      if (value === undefined) return [key, null]
      const partly = partlySecret[key]
      if (partly !== undefined) return [key, partly(value as string)]
      return [key, secretKeys.has(key) ? '(set, not shown)' : value]
    }),
  )
}

function fileValues(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {}
  let parsed: unknown
  try {
    parsed = parse(text)
  } catch (thrown) {
    throw invalid(
      `isotherm.yaml is not YAML: ${reasonOf(thrown)}`,
      'Correct the file at the place named.',
      thrown,
    )
  }
  if (parsed === null) return {}
  if (typeof parsed !== 'object' || Array.isArray(parsed)) {
    throw invalid('isotherm.yaml is not a list of keys with values.', 'Write one "key: value" a line.')
  }
  return parsed as Readonly<Record<string, unknown>>
}

function checked(key: string, value: unknown, origin: Origin): unknown {
  const known = keys.find((each) => each === key)
  if (known === undefined) {
    throw invalid(`${origin} sets ${key}, which is no setting.`, `Use one of: ${keys.join(', ')}.`)
  }
  const schema = configurationSchema.properties[known]
  const converted = typeof value === 'string' ? Value.Convert(schema, readText(known, value)) : value
  if (Value.Check(schema, converted)) return converted
  const shown = secretKeys.has(known) ? '(not shown)' : JSON.stringify(value)
  throw invalid(
    `${origin} sets ${key} to ${shown}, ${objectionTo(schema, converted)}.`,
    `${descriptionOf(schema)} Correct ${origin === 'environment' ? environmentName(key) : key}.`,
  )
}

function readText(key: ConfigurationKey, text: string): unknown {
  return textReaders[key]?.(text) ?? text
}

/** What does not fit, in words that go on from the value; of a map, at which of its names. */
function objectionTo(schema: TSchema, value: unknown): string {
  const [first] = Value.Errors(schema, value)
  if (first === undefined) return 'which does not fit'
  const name = first.instancePath.slice(1)
  if (name === '') return `which ${first.message}`
  return first.keyword === 'boolean' ? `where ${name} is not known` : `where ${name} ${first.message}`
}

function refusePublic(configuration: Configuration, part: 'mqtt' | 'http'): void {
  const host = configuration[`${part}_host`]
  const allowed = configuration[`${part}_public_without_tls`] || (part === 'http' && configuration.http_tls)
  if (loopback.has(host) || allowed) return
  const withTls = {
    mqtt: 'Leave mqtt_host at 127.0.0.1 and give the address to mqtt_tls_host, with tls_certificate and tls_key',
    http: 'Set tls_certificate, tls_key and http_tls',
  }
  throw invalid(
    `${part}_host is ${host}, an address others can reach, and nothing is encrypted there.`,
    `${withTls[part]}; or stay behind a TLS proxy; or set ${part}_public_without_tls to true on a trusted network.`,
  )
}

/** Its password is printed in the documents. */
function refuseOpenDemonstration(configuration: Configuration): void {
  const { mqtt_host, mqtt_tls_host, http_host, http_devices_host } = configuration
  const hosts = [mqtt_host, mqtt_tls_host, http_host, http_devices_host]
  const open = hosts.find((host) => !loopback.has(host))
  if (open === undefined) return
  throw invalid(
    `The demonstration would listen on ${open}, and everybody knows its password.`,
    'Leave mqtt_host, mqtt_tls_host, http_host and http_devices_host as they are; look at it from elsewhere through an SSH tunnel.',
  )
}

function refuseHalf(configuration: Configuration, set: ConfigurationKey, missing: ConfigurationKey): void {
  if (configuration[set] === undefined || configuration[missing] !== undefined) return
  const meaning = descriptionOf(configurationSchema.properties[missing])
  throw invalid(
    `${set} is set and ${missing} is not.`,
    `Set ${missing} (${environmentName(missing)}) as well, or leave ${set} out: ${meaning}`,
  )
}

function invalid(what: string, remedy: string, cause?: unknown): Problem {
  return new Problem('configuration-invalid', { what, remedy, cause })
}

function descriptionOf(schema: object): string {
  return 'description' in schema && typeof schema.description === 'string' ? schema.description : ''
}
