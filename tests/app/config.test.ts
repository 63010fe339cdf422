import { describe, expect, test } from 'vitest'
import { loadConfiguration, shownConfiguration, tellsFolder } from '../../app/config/index.ts'
import { openSystemChannels } from '../../app/notify/channels.ts'
import { Problem } from '../../domain/index.ts'

const nothing = { environment: {}, flags: {} }

function problemOf(work: () => unknown): Problem {
  try {
    work()
  } catch (thrown) {
    if (thrown instanceof Problem) return thrown
    throw thrown
  }
  throw new RangeError('expected a Problem')
}

describe('the configuration', () => {
  test('defaults listen on loopback only and leave InfluxDB off', () => {
    expect(loadConfiguration(nothing)).toEqual({
      data_dir: 'data/live',
      demo: false,
      demo_days: 7,
      mqtt_host: '127.0.0.1',
      mqtt_port: 1883,
      http_host: '127.0.0.1',
      http_port: 8080,
      mqtt_public_without_tls: false,
      http_public_without_tls: false,
      mqtt_tls_host: '127.0.0.1',
      mqtt_tls_port: 8883,
      http_devices_host: '127.0.0.1',
      http_tls: false,
      influx_database: 'isotherm',
      sms_url_without_tls: false,
      log_level: 'info',
    })
  })

  test('the demonstration lies apart, and is run only when told or when nothing is told', () => {
    const where = (sources: Partial<Parameters<typeof loadConfiguration>[0]>) => {
      const { demo, data_dir } = loadConfiguration({ ...nothing, ...sources })
      return [demo, data_dir]
    }
    const unlessTold = 'demo'
    expect(where({ unlessTold })).toEqual([true, 'data/demo'])
    expect(where({ unlessTold, flags: { demo: false } })).toEqual([false, 'data/live'])
    expect(where({ unlessTold, environment: { ISOTHERM_DEMO: 'false' } })).toEqual([false, 'data/live'])
    expect(where({ unlessTold, environment: { ISOTHERM_DATA_DIR: 'x' } })).toEqual([false, 'x'])
    expect(where({ flags: { demo: true } })).toEqual([true, 'data/demo'])
    expect(where({ flags: { demo: true, data_dir: 'x' } })).toEqual([true, 'x'])
    expect(tellsFolder({ ...nothing, file: 'demo: true' })).toBe(true)
    expect(tellsFolder({ ...nothing, environment: { ISOTHERM_DATA_DIR: 'x' } })).toBe(true)
    expect(tellsFolder({ ...nothing, file: 'http_port: 1' })).toBe(false)
  })

  test('the demonstration, whose password is known, listens on loopback only', () => {
    const open = { http_host: '0.0.0.0', http_public_without_tls: true }
    const problem = problemOf(() => loadConfiguration({ ...nothing, flags: { ...open, demo: true } }))
    expect(problem.code).toBe('configuration-invalid')
    expect(problem.message).toContain('would listen on 0.0.0.0')
    expect(loadConfiguration({ ...nothing, flags: open }).http_host).toBe('0.0.0.0')
  })

  test('the command line goes before the environment, the environment before the file', () => {
    const sources = {
      file: 'mqtt_port: 1\nhttp_port: 1\nlog_level: warn\n',
      environment: { ISOTHERM_MQTT_PORT: '2', ISOTHERM_HTTP_PORT: '2', OTHER: 'x' },
      flags: { mqtt_port: '3' },
    }
    expect(loadConfiguration(sources)).toMatchObject({ mqtt_port: 3, http_port: 2, log_level: 'warn' })
  })

  test.each([
    ['an unknown key', { ...nothing, file: 'mqtt_prot: 1883' }, ['mqtt_prot', 'isotherm.yaml', 'mqtt_port']],
    [
      'a port that is none',
      { ...nothing, environment: { ISOTHERM_MQTT_PORT: '70000' } },
      ['mqtt_port', '70000', 'ISOTHERM_MQTT_PORT'],
    ],
    [
      'a word for a number',
      { ...nothing, flags: { http_port: 'eighty' } },
      ['http_port', 'eighty', 'command line'],
    ],
    ['broken YAML', { ...nothing, file: 'a: [1' }, ['isotherm.yaml', 'YAML']],
    ['a list', { ...nothing, file: '- a' }, ['isotherm.yaml']],
    ['a secret in the address', { ...nothing, file: 'influx_url: http://u:p@host:8086' }, ['influx_url']],
    [
      'a public address without TLS',
      { ...nothing, file: 'mqtt_host: 0.0.0.0' },
      ['mqtt_host', '0.0.0.0', 'mqtt_public_without_tls', 'mqtt_tls_host'],
    ],
    [
      'a public address for HTTP although MQTT has TLS',
      { ...nothing, file: 'http_host: 0.0.0.0\ntls_certificate: c.pem\ntls_key: k.pem' },
      ['http_host', '0.0.0.0', 'http_public_without_tls', 'http_tls'],
    ],
    [
      'a certificate without its key',
      { ...nothing, file: 'tls_certificate: c.pem' },
      ['tls_certificate', 'tls_key', 'ISOTHERM_TLS_KEY', 'private key'],
    ],
    [
      'HTTPS without a certificate',
      { ...nothing, flags: { http_tls: true } },
      ['http_tls', 'tls_certificate', 'ISOTHERM_TLS_CERTIFICATE'],
    ],
    [
      'a gateway without a secret',
      { ...nothing, file: 'sms_url: https://sms.example' },
      ['sms_url', 'sms_secret', 'ISOTHERM_SMS_SECRET', 'whsec_'],
    ],
    [
      'a secret without a gateway',
      { ...nothing, environment: { ISOTHERM_SMS_SECRET: 'x'.repeat(24) } },
      ['sms_url', 'sms_secret', 'ISOTHERM_SMS_URL'],
    ],
    ['a mail server without a sender', { ...nothing, file: 'smtp_url: smtp://localhost' }, ['smtp_from']],
    ['a sender without a mail server', { ...nothing, file: 'smtp_from: a@b.example' }, ['smtp_url']],
    [
      'options of a mail server',
      { ...nothing, file: 'smtp_url: smtp://localhost?secure=false' },
      ['smtp_url'],
    ],
    [
      'user and password for a gateway',
      { ...nothing, file: 'sms_url: https://u:p@sms.example' },
      ['sms_url'],
    ],
    [
      'a line break in the sender',
      { ...nothing, flags: { smtp_from: 'a@b.example\r\nBcc: c@d.example' } },
      ['smtp_from'],
    ],
  ])('%s is refused, naming key, value and remedy', (_, sources, words) => {
    const problem = problemOf(() => loadConfiguration(sources))
    expect(problem.code).toBe('configuration-invalid')
    for (const word of words) expect(`${problem.message} ${problem.remedy}`).toContain(word)
  })

  test('with TLS, MQTT and HTTP may listen on an address others can reach', () => {
    const file =
      'mqtt_tls_host: 0.0.0.0\nhttp_host: 0.0.0.0\nhttp_tls: true\ntls_certificate: c\ntls_key: k\n'
    expect(loadConfiguration({ ...nothing, file })).toMatchObject({ http_tls: true, mqtt_host: '127.0.0.1' })
    const open = { mqtt_tls_host: '0.0.0.0', demo: true }
    expect(problemOf(() => loadConfiguration({ ...nothing, flags: open })).message).toContain('0.0.0.0')
  })

  test('a secret is never shown, not even when it is refused', () => {
    const short = problemOf(() =>
      loadConfiguration({ ...nothing, environment: { ISOTHERM_ADMIN_PASSWORD: 'short1' } }),
    )
    expect(`${short.message} ${short.remedy}`).not.toContain('short1')
    const shown = shownConfiguration(
      loadConfiguration({ ...nothing, environment: { ISOTHERM_INFLUX_TOKEN: 'tok-123' } }),
    )
    expect(shown['influx_token']).toBe('(set, not shown)')
    expect(JSON.stringify(shown)).not.toContain('tok-123')
  })

  test('addresses of gateways and mail servers are shown without what is secret in them', () => {
    const environment = {
      ISOTHERM_SMS_URL: 'https://sms.example/send?token=tok-456',
      ISOTHERM_SMS_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
      ISOTHERM_SMTP_URL: 'smtps://iso:p%40ss-789@mail.example',
      ISOTHERM_SMTP_FROM: '冷链 <iso@mail.example>',
    }
    const shown = shownConfiguration(loadConfiguration({ ...nothing, environment }))
    expect(shown).toMatchObject({
      sms_url: 'https://sms.example/send?(not shown)',
      sms_secret: '(set, not shown)',
      smtp_url: 'smtps://(not shown)@mail.example',
      smtp_from: '冷链 <iso@mail.example>',
    })
    const refused = problemOf(() =>
      loadConfiguration({
        ...nothing,
        environment: { ...environment, ISOTHERM_SMTP_URL: 'mail://iso:p-789@x' },
      }),
    )
    expect(refused.message).not.toContain('p-789')
  })

  const encoded = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 1).toString('base64')}`
  const withSecret = (sms_secret: string) =>
    openSystemChannels(
      loadConfiguration({ ...nothing, flags: { sms_url: 'https://sms.example', sms_secret } }),
    )

  test.each(['x'.repeat(24), 'x'.repeat(64), encoded(24), encoded(25), encoded(26), encoded(64)])(
    'the secret %s opens the channel',
    (secret) => {
      expect(Object.keys(withSecret(secret))).toEqual(['console', 'http'])
    },
  )

  test.each(['x'.repeat(23), 'x'.repeat(65), encoded(23), encoded(65), `whsec_${'*'.repeat(32)}`])(
    'the secret %s is refused, and not shown',
    (secret) => {
      expect(problemOf(() => withSecret(secret)).message).not.toContain(secret)
    },
  )

  test('channels are those that are configured, and a bad address is refused before anything starts', () => {
    const all = {
      sms_url: 'http://127.0.0.1:8089/sms',
      sms_secret: 'x'.repeat(32),
      smtp_url: 'smtp://localhost',
      smtp_from: 'iso@mail.example',
    }
    const open = (flags: Record<string, string>) =>
      openSystemChannels(loadConfiguration({ ...nothing, flags }))
    expect(Object.keys(open({}))).toEqual(['console'])
    expect(Object.keys(open(all))).toEqual(['console', 'http', 'mail'])
    const plain = problemOf(() => open({ ...all, sms_url: 'http://sms.example' }))
    expect([plain.code, plain.remedy]).toEqual([
      'configuration-invalid',
      'Use https, or set sms_url_without_tls to true on a trusted network.',
    ])
    expect(
      Object.keys(open({ ...all, sms_url: 'http://sms.example', sms_url_without_tls: 'true' })),
    ).toContain('http')
  })

  test('a public address is allowed when told so for that listener', () => {
    expect(
      loadConfiguration({ ...nothing, file: 'http_host: 0.0.0.0\nhttp_public_without_tls: true' }).http_host,
    ).toBe('0.0.0.0')
  })
})
