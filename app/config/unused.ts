import { environmentName } from './load.ts'
import type { Configuration, ConfigurationKey } from './schema.ts'

/** A setting that is given and changes nothing, and why. */
export interface UnusedSetting {
  readonly key: ConfigurationKey
  readonly why: string
}

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** When each setting changes nothing: undefined when it does. */
const reasons: readonly {
  readonly keys: readonly ConfigurationKey[]
  readonly why: (configuration: Configuration) => string | undefined
}[] = [
  {
    keys: ['influx_database', 'influx_user', 'influx_password', 'influx_token'],
    why: ({ influx_url: url }) => (url === undefined ? 'influx_url is not set' : undefined),
  },
  {
    keys: ['influx_user', 'influx_password'],
    why: ({ influx_token: token }) => (token === undefined ? undefined : 'influx_token is used'),
  },
  {
    keys: ['influx_password'],
    why: ({ influx_user: user }) => (user === undefined ? 'influx_user is not set' : undefined),
  },
  {
    keys: ['sms_url_without_tls'],
    why: ({ sms_url: url }) => (url?.startsWith('http:') === true ? undefined : 'sms_url is not plain http'),
  },
  { keys: ['demo_days'], why: ({ demo }) => (demo ? undefined : 'this is not the demonstration') },
  {
    keys: ['mqtt_tls_host', 'mqtt_tls_port'],
    why: ({ tls_certificate: file }) => (file === undefined ? 'tls_certificate is not set' : undefined),
  },
  {
    keys: ['http_devices_host'],
    why: ({ http_devices_port: port }) => (port === undefined ? 'http_devices_port is not set' : undefined),
  },
  {
    keys: ['mqtt_public_without_tls'],
    why: ({ mqtt_host: host }) => (loopback.has(host) ? `mqtt_host is ${host}` : undefined),
  },
  {
    keys: ['http_public_without_tls'],
    why: ({ http_host: host, http_tls }) => {
      if (http_tls) return 'http_tls is set'
      return loopback.has(host) ? `http_host is ${host}` : undefined
    },
  },
]

/** Those of the given settings that change nothing as the others are. */
export function unusedSettings(
  configuration: Configuration,
  given: Iterable<ConfigurationKey>,
): readonly UnusedSetting[] {
  return [...given].flatMap((key) => {
    const why = reasons
      .filter(({ keys }) => keys.includes(key))
      .map((reason) => reason.why(configuration))
      .find((each) => each !== undefined)
    return why === undefined ? [] : [{ key, why }]
  })
}

/** Variables of the environment that are no settings, and are read all the same. */
const OTHER_VARIABLES: ReadonlySet<string> = new Set(['ISOTHERM_DEVICE_SECRET'])

/** Variables that begin like settings and are none: mostly a letter too many or too few. Without their values. */
export function unknownVariables(
  environment: Readonly<Record<string, string | undefined>>,
  keys: readonly ConfigurationKey[],
): readonly string[] {
  const known = new Set(keys.map(environmentName))
  return Object.keys(environment)
    .filter((name) => name.startsWith('ISOTHERM_') && !known.has(name) && !OTHER_VARIABLES.has(name))
    .toSorted()
}
