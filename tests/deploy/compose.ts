import { join } from 'node:path'
import { parse } from 'yaml'

/** What is looked at of a service in a compose file. */
export interface ComposeService {
  readonly image?: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly user?: string
  readonly environment?: Readonly<Record<string, string>>
  readonly ports?: readonly string[]
  readonly volumes?: readonly string[]
  readonly secrets?: readonly string[]
  readonly networks?: readonly string[]
  readonly network_mode?: string
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>
  readonly healthcheck?: { readonly test: readonly string[] }
  readonly [key: string]: unknown
}

/** A compose file. */
export interface Compose {
  readonly services: Readonly<Record<string, ComposeService>>
  readonly networks?: Readonly<Record<string, unknown>>
  readonly volumes?: Readonly<Record<string, unknown>>
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>
}

/** The keys of a service we use, as the Compose Specification names them, each with the form of its value. */
const SERVICE_KEYS: Readonly<Record<string, 'text' | 'number' | 'yes' | 'list' | 'map'>> = {
  image: 'text',
  build: 'map',
  user: 'text',
  restart: 'text',
  network_mode: 'text',
  stop_grace_period: 'text',
  mem_limit: 'text',
  pids_limit: 'number',
  read_only: 'yes',
  cap_drop: 'list',
  cap_add: 'list',
  security_opt: 'list',
  tmpfs: 'list',
  ports: 'list',
  volumes: 'list',
  secrets: 'list',
  networks: 'list',
  entrypoint: 'list',
  command: 'list',
  environment: 'map',
  depends_on: 'map',
  healthcheck: 'map',
  logging: 'map',
  ulimits: 'map',
}
const TOP_KEYS = new Set(['name', 'services', 'networks', 'volumes', 'secrets'])
const CONDITIONS = new Set(['service_started', 'service_healthy', 'service_completed_successfully'])
const DURATION = /^\d+(?:s|m)$/
/** A reference to a variable: its name, and whether a value or a refusal stands in for it. */
const VARIABLE = /\$\{(\w+)(?::([-?])[^}]*)?\}/g

/** Reads a compose file; merged keys (`<<`) are merged. */
export function composeOf(yaml: string): Compose {
  return parse(yaml, { merge: true }) as Compose
}

/** Names of variables that a text takes from `.env`. */
export function variablesOf(yaml: string): readonly string[] {
  return [...new Set([...yaml.matchAll(VARIABLE)].map(([, name = '']) => name))].toSorted()
}

/** A text with its variables put in: from `values`, else what stands in for them. */
export function withVariables(text: string, values: Readonly<Record<string, string>> = {}): string {
  return text.replaceAll(
    /\$\{(\w+)(?::-([^}]*))?(?::\?[^}]*)?\}/g,
    (_all, name: string, instead?: string) => {
      return values[name] || (instead ?? '')
    },
  )
}

/** What in a compose file docker would refuse, or what leads nowhere. */
export function composeFindings(compose: Compose): readonly string[] {
  const { services, networks = {}, volumes = {}, secrets = {} } = compose
  const unknown = Object.keys(compose).filter((key) => !TOP_KEYS.has(key) && !key.startsWith('x-'))
  return [
    ...unknown.map((key) => `${key} is no part of a compose file`),
    ...Object.entries(services).flatMap(([name, service]) => [
      ...keyFindings(name, service),
      ...(service.networks ?? [])
        .filter((one) => !(one in networks))
        .map((one) => `${name}: no network ${one}`),
      ...(service.secrets ?? []).filter((one) => !(one in secrets)).map((one) => `${name}: no secret ${one}`),
      ...(service.volumes ?? [])
        .map((volume) => volume.split(':')[0] ?? '')
        .filter((source) => !source.startsWith('.') && !(source in volumes))
        .map((source) => `${name}: no volume ${source}`),
      ...Object.entries(service.depends_on ?? {}).flatMap(([other, { condition }]) => [
        ...(other in services ? [] : [`${name}: no service ${other}`]),
        ...(CONDITIONS.has(condition) ? [] : [`${name}: no condition ${condition}`]),
      ]),
    ]),
  ]
}

function keyFindings(name: string, service: ComposeService): readonly string[] {
  const wrong = Object.entries(service).flatMap(([key, value]) => {
    const form = SERVICE_KEYS[key]
    if (form === undefined) return [`${name}: ${key} is no key of a service`]
    return formOf(value) === form ? [] : [`${name}: ${key} is no ${form}`]
  })
  const { healthcheck = {} as Record<string, unknown>, stop_grace_period: grace } = service
  const times = Object.entries(healthcheck).filter(([key]) => /interval|timeout|period/.test(key))
  const late = [...times, ['stop_grace_period', grace ?? '1s'] as const].filter(
    ([, value]) => !DURATION.test(String(value)),
  )
  const test = 'test' in healthcheck ? String((healthcheck.test as readonly string[])[0]) : 'CMD'
  return [
    ...wrong,
    ...late.map(([key]) => `${name}: ${key} is no time`),
    ...(/^CMD(?:-SHELL)?$/.test(test) ? [] : [`${name}: the health check begins with ${test}`]),
    ...(service.image !== undefined && /:(?:v?\d+\.\d+[\w.-]*|local)$/.test(service.image)
      ? []
      : [`${name}: ${service.image ?? 'the image'} is not pinned`]),
  ]
}

function formOf(value: unknown): string {
  if (Array.isArray(value)) return 'list'
  if (typeof value === 'object') return 'map'
  return { string: 'text', number: 'number', boolean: 'yes' }[typeof value as string] ?? 'nothing'
}

/** Paths of this machine that a compose file in `folder` mounts or reads, relative to the checkout. */
export function hostPaths(folder: string, { services, secrets = {} }: Compose): readonly string[] {
  const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
    volumes.map((volume) => volume.split(':')[0] ?? '').filter((source) => source.startsWith('.')),
  )
  return [...mounted, ...Object.values(secrets).map(({ file }) => file)].map((path) => join(folder, path))
}
