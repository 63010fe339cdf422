import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { allFindings, type Check } from '../../app/cli/doctor.ts'
import type { Finding } from '../../app/cli/doctor-finding.ts'
import { configurationFindings } from '../../app/cli/doctor-configuration.ts'
import { memoryFindingOf } from '../../app/cli/doctor-memory.ts'
import { versionFindings } from '../../app/cli/doctor-versions.ts'
import { loadConfiguration, unknownVariables, unusedSettings } from '../../app/config/index.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { dataLayout } from '../../app/layout.ts'
import { openStores } from '../../app/stores.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'isotherm-doctor-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const never = new AbortController().signal
const configured = (flags: Readonly<Record<string, string>> = {}) =>
  loadConfiguration({ environment: { ISOTHERM_DATA_DIR: root }, flags })

describe('checks', () => {
  const ok = (check: string): Finding => ({ check, state: 'ok', found: 'in order' })

  test('run side by side and are told in their order', async () => {
    let atOnce = 0
    let most = 0
    const checks: Check[] = ['a', 'b', 'c'].map((name, index) => ({
      name,
      look: async () => {
        most = Math.max(most, (atOnce += 1))
        await systemClock.sleep(30 - index * 10)
        atOnce -= 1
        return name === 'b' ? [ok('b1'), ok('b2')] : ok(name)
      },
    }))
    const { findings, isLate } = await allFindings(checks, 5_000)
    expect(findings.map(({ check }) => check)).toEqual(['a', 'b1', 'b2', 'c'])
    expect([most, isLate]).toEqual([3, false])
  })

  test('one that fails or hangs is a finding, and keeps nobody from the others', async () => {
    const asked: AbortSignal[] = []
    const { findings, isLate } = await allFindings(
      [
        { name: 'broken', look: () => Promise.reject(new RangeError('off by one')) },
        {
          name: 'hanging',
          look: (signal) => {
            asked.push(signal)
            return new Promise(() => undefined)
          },
        },
        { name: 'sound', look: () => Promise.resolve(ok('sound')) },
      ],
      50,
    )
    expect(findings).toMatchObject([
      { check: 'broken', state: 'bad', found: 'it could not be looked at: off by one' },
      { check: 'hanging', state: 'bad', found: 'it did not end within 0.05 s' },
      { check: 'sound', state: 'ok' },
    ])
    expect([isLate, asked[0]?.aborted]).toEqual([true, true])
  })
})

describe('settings', () => {
  test.each([
    [{ influx_user: 'a' }, ['influx_user: influx_url is not set']],
    [{ influx_url: 'http://a', influx_user: 'a', influx_password: 'b' }, []],
    [{ influx_url: 'http://a', influx_password: 'b' }, ['influx_password: influx_user is not set']],
    [
      { influx_url: 'http://a', influx_user: 'a', influx_password: 'b', influx_token: 'c' },
      ['influx_user: influx_token is used', 'influx_password: influx_token is used'],
    ],
    [{ mqtt_tls_port: '8884' }, ['mqtt_tls_port: tls_certificate is not set']],
    [{ http_devices_host: '::1' }, ['http_devices_host: http_devices_port is not set']],
    [{ demo_days: '2' }, ['demo_days: this is not the demonstration']],
    [{ mqtt_public_without_tls: 'true' }, ['mqtt_public_without_tls: mqtt_host is 127.0.0.1']],
    [{ http_host: '0.0.0.0', http_public_without_tls: 'true' }, []],
    [{ log_levels: 'api=debug', log_level: 'warn' }, []],
  ])('%j', (flags, found) => {
    const unused = unusedSettings(configured(flags), Object.keys(flags) as 'demo'[])
    expect(unused.map(({ key, why }) => `${key}: ${why}`)).toEqual(found)
  })

  test('a variable with a letter too many is told by its name alone', () => {
    const environment = {
      ISOTHERM_MQTT_PORT: '1',
      ISOTHERM_MQTT_PROT: 's',
      ISOTHERM_DEVICE_SECRET: 't',
      X: 'u',
    }
    expect(unknownVariables(environment, ['mqtt_port'])).toEqual(['ISOTHERM_MQTT_PROT'])
  })

  test('the file that was read is named, and one that is named and not there is bad', async () => {
    const path = join(root, 'iso.yaml')
    const [missing] = (await configurationFindings(configured(), { config: path })).slice(1)
    expect(missing).toMatchObject({ state: 'bad', found: `${path} is named and is not there` })
    writeFileSync(path, 'mqtt_port: 1884\ninflux_token: tok-1234\n')
    const [first, ...rest] = await configurationFindings(configured(), { config: path, httpPort: '0' })
    expect(first?.found).toContain(`${path} was read; 2 from the file (mqtt_port, influx_token)`)
    expect(first?.found).toContain('1 from the command line (http_port)')
    expect(rest).toMatchObject([{ state: 'note', found: expect.stringContaining('influx_token') as string }])
    expect(JSON.stringify([first, rest])).not.toContain('tok-1234')
  })

  test('the password of the first administrator is of no use once there are users', async () => {
    const found = async () =>
      (await configurationFindings(configured(password), { config: 'isotherm.yaml' })).slice(1)
    const password = { admin_password: 'only-for-tests-1' }
    expect(await found()).toEqual([])
    const stores = await openStores(dataLayout(root), systemClock)
    await stores.close()
    expect(await found()).toMatchObject([
      { state: 'note', remedy: expect.stringContaining('Remove') as string },
    ])
    expect(JSON.stringify(await found())).not.toContain(password.admin_password)
  })
})

describe('versions', () => {
  test('of everything that must fit together', async () => {
    const [platform, ...none] = await versionFindings(configured(), never)
    const { node, sqlite } = process.versions
    expect(platform?.found).toMatch(/^Isotherm \d+\.\d+\.\d+; Node /)
    expect(platform?.found).toContain(`Node ${node}; SQLite ${sqlite}; `)
    expect(none).toEqual([])
    const stores = await openStores(dataLayout(root), systemClock)
    await stores.close()
    const [, data] = await versionFindings(configured(), never)
    expect(data).toMatchObject({ check: 'data format', state: 'ok' })
    expect(data?.found).toMatch(/^format \d+, readings of schema \d+, facts of 00\d\d-[a-z-]+$/)
  })

  test('a data directory of before or of a later release is told', async () => {
    const stores = await openStores(dataLayout(root), systemClock)
    await stores.close()
    rmSync(dataLayout(root).format)
    const [, older] = await versionFindings(configured(), never)
    expect(older).toMatchObject({ state: 'note', remedy: expect.stringContaining('backup') as string })
    writeFileSync(dataLayout(root).format, '{"format":7,"product":"9.1.0"}\n')
    const [, newer] = await versionFindings(configured(), never)
    expect(newer).toMatchObject({ state: 'bad', remedy: expect.stringContaining('9.1.0') as string })
  })
})

test.each([
  [512, 0, 'ok', '512 MiB available of 4096'],
  [511, 700, 'note', '511 MiB available of 4096; Isotherm has 700 MiB'],
  [127, 0, 'bad', '127 MiB available of 4096'],
])('with %d MiB of memory left it is told', (available, own, state, told) => {
  const MIB = 1024 * 1024
  const memory = { totalBytes: 4096 * MIB, availableBytes: available * MIB }
  expect(memoryFindingOf(memory, own * MIB)).toMatchObject({ state, found: told })
})
