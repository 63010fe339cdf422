import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { configurationSchema, environmentName, loadConfiguration } from '../../app/config/index.ts'
import { composeFindings, composeOf, hostPaths, variablesOf, withVariables } from './compose.ts'
import { root, textOf } from './rules.ts'

const yaml = textOf('deploy/compose.yaml')
const tlsYaml = textOf('deploy/compose.tls.yaml')
const example = textOf('deploy/.env.example')
const compose = composeOf(yaml)
const overlay = composeOf(tlsYaml)
const services = Object.entries(compose.services)
const lasting = services.filter(([name]) => name !== 'influxdb-owner')
const settings = new Set(Object.keys(configurationSchema.properties).map(environmentName))

/** Names and values of `NAME=value` lines. */
function valuesOf(env: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...env.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
}

describe('compose.yaml', () => {
  test('has nothing that docker would refuse, and leads nowhere else', () => {
    expect(composeFindings(compose)).toEqual([])
    expect(composeFindings({ ...compose, services: { ...compose.services, ...added() } })).toEqual([
      'odd: privileged is no key of a service',
      'odd: ports is no list',
      'odd: stop_grace_period is no time',
      'odd: the health check begins with curl',
      'odd: influxdb:latest is not pinned',
      'odd: no network none',
      'odd: no volume nowhere',
      'odd: no service nobody',
      'odd: no condition service_up',
    ])
  })

  test('mounts what there is', () => {
    const paths = [...hostPaths('deploy', compose), ...hostPaths('deploy', overlay)].toSorted()
    const made = ['deploy/secrets/metrics_token', 'deploy/tls']
    expect(paths).toEqual(['dashboards/grafana/provisioning', 'deploy/prometheus', ...made])
    // until the dashboards have come
    const expected = paths.filter(
      (path) => existsSync(join(root, 'dashboards/grafana')) || !/grafana/.test(path),
    )
    expect(expected.filter((path) => !made.includes(path) && !existsSync(join(root, path)))).toEqual([])
    const { context, dockerfile } = compose.services['isotherm']?.build ?? { context: '', dockerfile: '' }
    expect(existsSync(join(root, 'deploy', context, dockerfile))).toBe(true)
  })

  test('takes every variable from .env.example, and that has no other', () => {
    const known = Object.keys(valuesOf(example)).toSorted()
    expect([...new Set([...variablesOf(yaml), ...variablesOf(tlsYaml)])].toSorted()).toEqual(known)
  })

  test('gives Isotherm settings that it has and takes', () => {
    const values = {
      ...compose.services['isotherm']?.environment,
      ...overlay.services['isotherm']?.environment,
    }
    const filled = Object.entries(values).map(([key, value]) => [
      key,
      withVariables(value, secretsFor(value)),
    ])
    expect(Object.keys(values).filter((key) => !settings.has(key))).toEqual([])
    const environment = Object.fromEntries(filled) as Record<string, string>
    const configuration = loadConfiguration({ environment, flags: {} })
    expect(configuration).toMatchObject({ demo: false, http_host: '0.0.0.0', mqtt_host: '0.0.0.0' })
    expect(configuration.influx_url).toBe('http://influxdb:8086')
    expect(configuration.sms_url).toBeUndefined()
    const { ISOTHERM_HTTP_PUBLIC_WITHOUT_TLS: _, ...without } = environment
    expect(() => loadConfiguration({ environment: without, flags: {} })).toThrow('http_host')
  })

  test('opens the ports that services listen on, on the loopback address unless told so', () => {
    const opened = lasting.flatMap(([name, { ports = [] }]) =>
      ports.map((port) => `${name} ${withVariables(port)}`),
    )
    const { http_port, mqtt_port, mqtt_tls_port } = loadConfiguration({ environment: {}, flags: {} })
    expect(opened.toSorted()).toEqual(
      [
        'grafana 127.0.0.1:3000:3000',
        `isotherm 127.0.0.1:8080:${http_port}`,
        `isotherm 127.0.0.1:1883:${mqtt_port}`,
        'prometheus 127.0.0.1:9090:9090',
      ].toSorted(),
    )
    const [tls = ''] = overlay.services['isotherm']?.ports ?? []
    expect(withVariables(tls)).toBe(`0.0.0.0:8883:${mqtt_tls_port}`)
    expect(textOf('deploy/prometheus/prometheus.yml')).toContain(`targets: [isotherm:${http_port}]`)
    expect(textOf('deploy/Dockerfile')).toContain(`EXPOSE ${mqtt_port} ${http_port} ${mqtt_tls_port}\n`)
  })

  test.each(services)('%s has no rights it does not need, and bounds', (name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      logging: { options: { 'max-size': '10m', 'max-file': '5' } },
    })
    expect(service['mem_limit']).toMatch(/^\d+[mg]$/)
    expect(service['pids_limit']).toBeGreaterThan(0)
    const user = service.user ?? /^USER (.*)$/m.exec(textOf('deploy/Dockerfile'))?.[1] ?? '0'
    // hands the folder over, without a network, and ends
    const isOwner = name === 'influxdb-owner' && user === '0:0' && service.network_mode === 'none'
    expect(isOwner || /^[1-9]\d*:\d+$/.test(user)).toBe(true)
  })

  test('has a health check for everything that lasts, and Isotherm waits for nobody', () => {
    const without = lasting.filter(([, { healthcheck }]) => healthcheck === undefined).map(([name]) => name)
    expect(without).toEqual(['isotherm'])
    expect(textOf('deploy/Dockerfile')).toContain('HEALTHCHECK')
    expect(compose.services['isotherm']?.depends_on).toBeUndefined()
  })

  test('keeps InfluxDB out of every network that has a way out', () => {
    expect(compose.services['influxdb']?.networks).toEqual(['data'])
    expect(compose.networks?.['data']).toEqual({ internal: true })
    expect(compose.services['influxdb']?.ports).toBeUndefined()
  })
})

/** A service with everything wrong. */
function added() {
  return {
    odd: {
      image: 'influxdb:latest',
      privileged: true,
      ports: '1:1' as unknown as readonly string[],
      stop_grace_period: 'soon',
      networks: ['none'],
      volumes: ['nowhere:/data'],
      depends_on: { nobody: { condition: 'service_up' } },
      healthcheck: { test: ['curl'] },
    },
  }
}

/** A secret for each variable that must have one. */
function secretsFor(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => [name, 'a-secret-of-its-own']),
  )
}

describe('new-secrets.sh', () => {
  const run = (folder: string) => spawnSync('sh', [join(folder, 'new-secrets.sh')], { encoding: 'utf8' })

  test('makes .env and the token, each secret of its own and closed, and changes nothing that is there', () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-secrets-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    for (const name of ['new-secrets.sh', '.env.example']) {
      cpSync(join(root, 'deploy', name), join(folder, name))
    }
    expect(run(folder)).toMatchObject({ status: 0 })
    const text = readFileSync(join(folder, '.env'), 'utf8')
    const given = valuesOf(example)
    const values = valuesOf(text)
    expect(Object.keys(values)).toEqual(Object.keys(given))
    // without these nothing starts; the first administrator has one from the beginning as well
    const demanded = [...`${yaml}${tlsYaml}`.matchAll(/\$\{(\w+):\?/g)].map(([, name = '']) => name)
    const needed = [...new Set([...demanded, 'ISOTHERM_ADMIN_PASSWORD'])]
    const secrets = needed.map((name) => values[name] ?? '')
    expect(secrets).toHaveLength(6)
    for (const secret of secrets) expect(secret).toMatch(/^[0-9a-f]{48}$/)
    expect(new Set(secrets).size).toBe(6)
    const others = Object.entries(values).filter(([name]) => !needed.includes(name))
    expect(others).toEqual(Object.entries(given).filter(([name]) => !needed.includes(name)))
    const token = join(folder, 'secrets', 'metrics_token')
    expect(readFileSync(token, 'utf8')).toBe(values['ISOTHERM_METRICS_TOKEN'])
    const modes = [join(folder, '.env'), join(folder, 'secrets'), token].map(
      (path) => statSync(path).mode & 0o777,
    )
    // Prometheus, another account, reads the token; nobody else of the machine gets as far
    expect(modes).toEqual([0o600, 0o700, 0o444])

    writeFileSync(join(folder, '.env'), 'KEPT=1\n')
    const again = run(folder)
    expect(again.status).toBe(1)
    expect(again.stderr).toContain('nothing was changed')
    expect(readFileSync(join(folder, '.env'), 'utf8')).toBe('KEPT=1\n')
  })

  test('what it makes is kept out of git and out of the image', () => {
    for (const path of ['/deploy/.env', '/deploy/secrets/', '/deploy/tls/']) {
      expect(textOf('.gitignore').split('\n')).toContain(path)
    }
    expect(textOf('.dockerignore')).not.toContain('deploy')
  })
})
