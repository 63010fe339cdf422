import { describe, expect, test } from 'vitest'
import { loadConfiguration, shownConfiguration } from '../../app/config/index.ts'
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
      mqtt_host: '127.0.0.1',
      mqtt_port: 1883,
      http_host: '127.0.0.1',
      http_port: 8080,
      mqtt_public_without_tls: false,
      http_public_without_tls: false,
      influx_database: 'isotherm',
      log_level: 'info',
    })
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
      ['mqtt_host', '0.0.0.0', 'mqtt_public_without_tls'],
    ],
  ])('%s is refused, naming key, value and remedy', (_, sources, words) => {
    const problem = problemOf(() => loadConfiguration(sources))
    expect(problem.code).toBe('configuration-invalid')
    for (const word of words) expect(`${problem.message} ${problem.remedy}`).toContain(word)
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

  test('a public address is allowed when told so for that listener', () => {
    expect(
      loadConfiguration({ ...nothing, file: 'http_host: 0.0.0.0\nhttp_public_without_tls: true' }).http_host,
    ).toBe('0.0.0.0')
  })
})
