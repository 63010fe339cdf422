import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricDefinitions } from '../../app/metrics/definitions.ts'
import { TestAuthority } from '../support/certificates.ts'
import { IsothermFolder, type RunningIsotherm } from '../support/isotherm.ts'
import { scraped } from '../support/scraped.ts'
import { missingProgram } from '../support/services.ts'

const missing = missingProgram('openssl', 'openssl') ?? missingProgram('mosquitto_pub', 'mosquitto-clients')
const DAY_S = 86_400
/** Tables are gone through every 15 s. */
const TABLES = { timeout: 25_000 }

describe.skipIf(missing !== undefined)('the metrics of three roles', () => {
  const folder = new IsothermFolder()
  let authority: TestAuthority
  let core: RunningIsotherm
  let gateway: RunningIsotherm
  let api: RunningIsotherm
  beforeAll(async () => {
    authority = new TestAuthority()
    const { certificate, key } = authority.make('gateway.example', { days: 20 })
    core = await folder.start(['core'])
    gateway = await folder.start(['gateway'], {
      ISOTHERM_TLS_CERTIFICATE: certificate,
      ISOTHERM_TLS_KEY: key,
    })
    api = await folder.start(['api'])
    await folder.demoSite()
  }, 60_000)
  afterAll(async () => {
    await folder.remove()
    authority.remove()
  })

  const namesOf = (parts: readonly string[], isLeftOut: (name: string) => boolean) =>
    Object.entries(metricDefinitions)
      .filter(([name, { of }]) => parts.includes(of) && !isLeftOut(name))
      .map(([name]) => name)
  const ofApi = async () => (await scraped(api.httpPort)).numbers

  test('each tells what is its own and nothing else, and the gateway its certificate', async () => {
    const made = await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
    const topic = 'isotherm/v1/fridge-1/readings'
    const where = ['-h', '127.0.0.1', '-p', String(gateway.mqttPort), '-u', 'fridge-1']
    for (const message of ['{"seq":1,"temperature":4.2}', '{"seq":2,"temperature":4000}', 'no JSON']) {
      const what = ['-P', String(made['secret']), '-q', '1', '-t', topic, '-m', message]
      await promisify(execFile)('mosquitto_pub', [...where, ...what])
    }
    const { names, numbers } = await scraped(gateway.httpPort)
    expect([...names].toSorted()).toEqual(namesOf(['process', 'gateway'], () => false).toSorted())
    expect(numbers).toMatchObject({
      isotherm_core_connected: 1,
      isotherm_journal_records_total: 3,
      isotherm_gateway_acknowledged_total: 3,
      isotherm_certificate_usable: 1,
    })
    const leftS = (numbers['isotherm_certificate_expires_timestamp_seconds'] ?? 0) - Date.now() / 1_000
    expect(Math.round(leftS / DAY_S)).toBe(20)
    await expect
      .poll(async () => (await ofApi())['isotherm_balance_messages{part="decoded"}'], TABLES)
      .toBe(2)
    const census = 'isotherm_consumer_position{consumer="census"}'
    await expect.poll(async () => (await ofApi())[census], TABLES).toBe(3)
    const told = await scraped(api.httpPort)
    // neither TLS nor InfluxDB is configured here, and what NTP says is not known everywhere
    const isAbsent = (name: string) => /_(?:certificate|influx)_|clock_synchronised|held_readings/.test(name)
    const found = [...told.names].filter((name) => !isAbsent(name)).toSorted()
    expect(found).toEqual(namesOf(['process', 'api', 'core'], isAbsent).toSorted())
    expect([...told.names].filter((name) => /_(?:certificate|influx)_/.test(name))).toEqual([])
    expect(told.numbers).toMatchObject({
      'isotherm_consumer_position{consumer="ingest"}': 3,
      'isotherm_consumer_behind{consumer="census"}': 0,
      'isotherm_held_readings{reason="impossible-value"}': 1,
      'isotherm_held_readings{reason="malformed-json"}': 1,
    })
  }, 60_000)

  test('who came through a proxy is told what to do, by the gateway as well', async () => {
    for (const { httpPort } of [gateway, api]) {
      const answer = await fetch(`http://127.0.0.1:${httpPort}/metrics`, {
        headers: { 'x-forwarded-for': '192.0.2.7' },
      })
      expect(answer.status).toBe(401)
      expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
      const { code, remedy } = (await answer.json()) as Record<string, unknown>
      expect(code).toBe('bad-credentials')
      expect(remedy).toContain('ISOTHERM_METRICS_TOKEN')
    }
  })

  test('a core that hangs keeps nobody: the api tells what it knows itself, and everything else goes on', async () => {
    core.process.kill('SIGSTOP')
    try {
      // what was remembered for a second is forgotten with it
      const startMs = performance.now()
      const asked = Promise.all([ofApi(), ofApi(), ofApi()])
      const health = await fetch(`http://127.0.0.1:${api.httpPort}/healthz`)
      expect(health.ok).toBe(true)
      expect(performance.now() - startMs).toBeLessThan(1_500)
      for (const numbers of await asked) {
        expect(numbers).toMatchObject({ isotherm_core_connected: 0, isotherm_live_clients: 0 })
        expect(Object.keys(numbers).filter((name) => name.startsWith('isotherm_consumer'))).toEqual([])
      }
      const tookMs = performance.now() - startMs
      expect(tookMs).toBeGreaterThan(2_500)
      expect(tookMs).toBeLessThan(6_000)
      expect((await scraped(gateway.httpPort)).numbers['isotherm_journal_records_total']).toBe(3)
    } finally {
      core.process.kill('SIGCONT')
    }
    await expect.poll(async () => (await ofApi())['isotherm_core_connected'], { timeout: 10_000 }).toBe(1)
  }, 30_000)

  test('a core that is gone is seen at once', async () => {
    await core.kill()
    const gone = { timeout: 2_000 }
    await expect.poll(async () => (await ofApi())['isotherm_core_connected'], gone).toBe(0)
    const ofGateway = async () => (await scraped(gateway.httpPort)).numbers['isotherm_core_connected']
    await expect.poll(ofGateway, gone).toBe(0)
  })

  test('how old the oldest reading is that a consumer lacks is known without a gateway', async () => {
    await gateway.kill()
    core = await folder.start(['core'], { ISOTHERM_INFLUX_URL: 'http://127.0.0.1:1' })
    const behind = 'isotherm_consumer_behind{consumer="influx"}'
    await expect.poll(async () => (await ofApi())[behind], TABLES).toBe(3)
    const numbers = await ofApi()
    expect(numbers['isotherm_consumer_oldest_age_seconds{consumer="influx"}']).toBeGreaterThan(1)
    expect(Object.keys(numbers).filter((name) => /consumer="(?:ingest|census)"/.test(name))).toEqual([])
  }, 60_000)
})
