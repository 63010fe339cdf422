import { type Static, Type } from 'typebox'
import { type LogLevel, logLevels } from '../doors/log.ts'
import { logLevelsSchema, readLogLevels } from './log-levels.ts'

/**
 * Every setting, once. The key is used as it is in `isotherm.yaml`, as `ISOTHERM_<KEY>` in the environment and
 * with dashes on the command line; later ones win. `npx isotherm config schema` prints this as JSON Schema.
 */
export const configurationSchema = Type.Object(
  {
    data_dir: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'Folder of journal, stores and sockets, relative to the folder the command starts in; default data/demo for the demonstration, data/live for real operation.',
      }),
    ),
    demo: Type.Optional(
      Type.Boolean({
        description:
          'Run the demonstration city; default true for `start` without data_dir, else false: real operation.',
      }),
    ),
    demo_days: Type.Integer({
      default: 7,
      minimum: 1,
      maximum: 7,
      description: 'Days of history the devices of the demonstration hand in at its first start.',
    }),
    mqtt_host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address MQTT listens on.' }),
    mqtt_port: port(1883, 'Port MQTT listens on; 0 takes a free one.'),
    http_host: Type.String({ default: '127.0.0.1', minLength: 1, description: 'Address HTTP listens on.' }),
    http_port: port(8080, 'Port HTTP listens on; 0 takes a free one.'),
    mqtt_public_without_tls: Type.Boolean({
      default: false,
      description: 'Allow MQTT without TLS on an address others can reach.',
    }),
    http_public_without_tls: Type.Boolean({
      default: false,
      description: 'Allow HTTP without TLS on an address others can reach.',
    }),
    tls_certificate: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'PEM file: the certificate of this server, then those of its issuers; turns on mqtt_tls_port. Renewed files are taken within 30 s.',
      }),
    ),
    tls_key: Type.Optional(
      Type.String({
        minLength: 1,
        description: 'PEM file: the private key of tls_certificate, without passphrase.',
      }),
    ),
    tls_client_ca: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'PEM file: authorities whose certificates let devices in over TLS in place of a secret; common name = device id.',
      }),
    ),
    tls_client_crl: Type.Optional(
      Type.String({
        minLength: 1,
        description:
          'PEM file: lists of revoked certificates, one of each authority in tls_client_ca. Renewed lists are taken within 30 s.',
      }),
    ),
    mqtt_tls_host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address MQTT over TLS listens on.',
    }),
    mqtt_tls_port: port(8883, 'Port MQTT over TLS listens on; 0 takes a free one.'),
    http_tls: Type.Boolean({
      default: false,
      description: 'Speak HTTPS instead of HTTP on http_port, with tls_certificate.',
    }),
    http_devices_host: Type.String({
      default: '127.0.0.1',
      minLength: 1,
      description: 'Address HTTPS for devices listens on.',
    }),
    http_devices_port: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 65_535,
        description:
          'Port HTTPS for devices listens on, which asks them for the certificates of tls_client_ca; 0 takes a free one. Off while it is not set.',
      }),
    ),
    admin_password: Type.Optional(
      Type.String({
        minLength: 8,
        maxLength: 200,
        description: 'Password of the first administrator; a random one is printed when absent. Used once.',
      }),
    ),
    influx_url: Type.Optional(
      Type.String({
        pattern: '^https?://[^@]+$',
        description: 'InfluxDB to project readings into; off when absent.',
      }),
    ),
    influx_database: Type.String({
      default: 'isotherm',
      pattern: '^[A-Za-z0-9_.-]{1,64}$',
      description: 'InfluxDB database (on 2.x and 3 the bucket or database mapped to it).',
    }),
    influx_user: Type.Optional(Type.String({ minLength: 1, description: 'InfluxDB 1.x user.' })),
    influx_password: Type.Optional(Type.String({ description: 'InfluxDB 1.x password.' })),
    influx_token: Type.Optional(Type.String({ minLength: 1, description: 'InfluxDB 2.x or 3 token.' })),
    sms_url: Type.Optional(
      Type.String({
        pattern: '^https?://[^@\\s]+$',
        maxLength: 2_000,
        description:
          'HTTP gateway that sends SMS or calls, see docs/webhooks.md; off when absent. No user and password.',
      }),
    ),
    sms_secret: Type.Optional(
      Type.String({
        pattern: '^(?:whsec_(?:[A-Za-z0-9+/]{4}){8,21}(?:[A-Za-z0-9+/]{2,3}={1,2})?|(?!whsec_)[!-~]{24,64})$',
        description:
          'Signs what is sent to sms_url: whsec_ and the base64 of 24 to 64 bytes, or 24 to 64 characters.',
      }),
    ),
    sms_url_without_tls: Type.Boolean({
      default: false,
      description: 'Allow phone numbers and texts to go to sms_url over plain http on a trusted network.',
    }),
    smtp_url: Type.Optional(
      Type.String({
        pattern: '^smtps?://[^?#\\s]+$',
        maxLength: 2_000,
        description:
          'Mail server, like smtps://user:password@mail.example (smtp:// for STARTTLS); off when absent.',
      }),
    ),
    smtp_from: Type.Optional(
      Type.String({
        pattern: '^[^\\r\\n]*[^\\s<>@]+@[^\\s<>@]+>?$',
        maxLength: 320,
        description: 'Sender of mail: an address, or Name <address>.',
      }),
    ),
    metrics_token: Type.Optional(
      Type.String({
        pattern: '^[!-~]{16,200}$',
        description:
          'Who asks for /metrics must send it as Bearer token, 16 to 200 characters; without it only this machine may ask.',
      }),
    ),
    journal_free_mib: Type.Optional(
      Type.Integer({
        minimum: 1,
        description: 'Stop acknowledging below this much free disk; default the smaller of 5 % and 2048.',
      }),
    ),
    log_level: Type.Enum([...logLevels] as LogLevel[], {
      default: 'info',
      description: 'The quietest level that is still logged: debug, info, warn or error.',
    }),
    log_levels: Type.Optional(logLevelsSchema),
  },
  { $id: 'isotherm.yaml', title: 'Isotherm configuration', additionalProperties: false },
)

/** The settings of a running Isotherm; which data directory and what it is for have been decided. */
export type Configuration = Static<typeof configurationSchema> & {
  readonly data_dir: string
  readonly demo: boolean
}
/** Name of one setting. */
export type ConfigurationKey = keyof Static<typeof configurationSchema>

/** Settings with a secret inside, and how they are shown without it. */
export const partlySecret: Readonly<Partial<Record<ConfigurationKey, (value: string) => string>>> = {
  // the addresses of some gateways carry a token
  sms_url: (value) => value.replace(/\?.*$/s, '?(not shown)'),
  smtp_url: (value) => value.replace(/\/\/.*@/s, '//(not shown)@'),
}

/** Settings whose value is not shown as it is, and not taken from a command line, which every account can read. */
export const secretKeys: ReadonlySet<ConfigurationKey> = new Set([
  'admin_password',
  'influx_password',
  'influx_token',
  'sms_secret',
  'metrics_token',
  ...Object.keys(partlySecret),
] as ConfigurationKey[])

/** What a text from the environment or the command line means where that is no single word or number. */
export const textReaders: Readonly<Partial<Record<ConfigurationKey, (text: string) => unknown>>> = {
  log_levels: readLogLevels,
}

/** Settings that are of no use without each other. */
export const pairedKeys: readonly (readonly [ConfigurationKey, ConfigurationKey])[] = [
  ['sms_url', 'sms_secret'],
  ['smtp_url', 'smtp_from'],
  ['tls_certificate', 'tls_key'],
]

function port(value: number, description: string) {
  return Type.Integer({ default: value, minimum: 0, maximum: 65_535, description })
}
