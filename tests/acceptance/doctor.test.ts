import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Finding } from '../../app/cli/doctor-finding.ts'
import { influxFinding } from '../../app/cli/doctor-influx.ts'
import { loadConfiguration } from '../../app/config/index.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { nodeDisk } from '../../app/doors/disk.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { dataLayout } from '../../app/layout.ts'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { openJournal } from '../../journal/index.ts'
import { silentLog } from '../journal/stage.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { IsothermFolder, type RunningIsotherm, waitFor } from '../support/isotherm.ts'
import { SmsGateway } from '../support/sms-gateway.ts'

const DAY_MS = 86_400_000
const RECORDS_PER_DAY = 200
const withoutInflux = influxdSkipReason() !== undefined
const never = new AbortController().signal

/** Runs a statement and answers what InfluxDB says. */
async function ask(url: string, statement: string, headers: Record<string, string> = {}): Promise<string> {
  const body = new URLSearchParams({ db: 'isotherm', q: statement })
  return (await fetch(`${url}/query`, { method: 'POST', body, headers })).text()
}

describe.skipIf(withoutInflux)('the doctor beside a running Isotherm', () => {
  const folder = new IsothermFolder()
  const gateway = new SmsGateway()
  let influxd: Influxd
  let running: RunningIsotherm
  let env: NodeJS.ProcessEnv

  beforeAll(async () => {
    influxd = await startInfluxd()
    await gateway.open()
    await folder.demoSite()
    await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
    await tenDays()
    const services = { ISOTHERM_INFLUX_URL: influxd.url, ...gateway.settings }
    running = await folder.start(['start'], services)
    const ports = {
      ISOTHERM_MQTT_PORT: String(running.mqttPort),
      ISOTHERM_HTTP_PORT: String(running.httpPort),
    }
    env = { ...services, ...ports }
    await waitFor(async () => (await finding('core')).found.includes(', 0 behind the journal'), 20_000)
  }, 60_000)
  afterAll(async () => {
    await folder.remove()
    await gateway.close()
    await influxd.remove()
  })

  /** What a gateway has received in the last ten days. */
  async function tenDays(): Promise<void> {
    const parts = { disk: nodeDisk(), clock: systemClock, random: systemRandom, log: silentLog }
    const directory = dataLayout(folder.dataDir).journal
    const journal = await openJournal({ directory, ...parts, spaceReserve: { share: 0, bytes: 0 } })
    const topic = publishTopic('fridge-1', 'readings')
    const everyMs = DAY_MS / RECORDS_PER_DAY
    const startMs = Date.now() - 10 * DAY_MS
    const records = Array.from({ length: 10 * RECORDS_PER_DAY }, (_, seq) => {
      const receivedAtMs = Math.floor(startMs + seq * everyMs)
      const payload = Buffer.from(
        JSON.stringify({ at: new Date(receivedAtMs).toISOString(), seq, temperature: 4 }),
      )
      return encodeRecord({ receivedAtMs, deviceId: 'fridge-1', channel: 'mqtt', topic, qos: 1, payload })
    })
    await Promise.all(records.map((record) => journal.append(record)))
    await journal.close()
  }

  async function findings(more: NodeJS.ProcessEnv = {}): Promise<readonly Finding[]> {
    const { out } = await folder.run(['doctor', '--json'], { ...env, ...more })
    return JSON.parse(out) as readonly Finding[]
  }

  async function finding(check: string, more: NodeJS.ProcessEnv = {}): Promise<Finding> {
    const found = (await findings(more)).find((each) => each.check === check)
    if (found === undefined) throw new Error(`the doctor says nothing of ${check}`)
    return found
  }

  test('everything is in order, and each check says what it saw', { timeout: 30_000 }, async () => {
    const { code, out } = await folder.run(['doctor', '--json'], env)
    const all = JSON.parse(out) as readonly Finding[]
    expect(all.filter(({ state }) => state === 'bad')).toEqual([])
    expect(code).toBe(0)
    const said = new Map(all.map(({ check, found }) => [check, found]))
    const { mqttPort, httpPort } = running
    const [settings] = all
    expect(settings?.found).toContain('influx_url, sms_url, sms_secret)')
    expect(said.get('versions')).toMatch(/^Isotherm \d.*; Node 2\d.*; SQLite 3\..*; InfluxDB 1\./)
    expect(said.get('data format')).toMatch(/^format \d+, readings of schema \d+, facts of 00/)
    expect(said.get('stores')).toMatch(/^journal 0\.\d MiB, \d+\.\d B a reading; .*; 2000 readings$/)
    expect(said.get('disk forecast')).toMatch(
      /^acknowledging stops in \d+ days: .*, from (?:199|200) readings a day/,
    )
    expect(said.get('disk forecast')).toMatch(/in the last 7 days$/)
    expect(said.get('core')).toContain('ingest at record 2000, 0 behind the journal')
    const isTold = process.platform === 'linux'
    expect(said.get('MQTT port')).toContain(
      `127.0.0.1:${mqttPort}: ${isTold ? 'Isotherm listens' : 'somebody'}`,
    )
    expect(said.get('HTTP port')).toBe(`127.0.0.1:${httpPort}: Isotherm listens`)
    expect(said.get('HTTP')).toContain('is ready')
    expect(said.get('memory')).toMatch(/^\d+ MiB available of \d+/)
    expect(said.get('InfluxDB')).toMatch(
      / answers, 1\.\S+; a point was written in \d+ ms and read back in \d+ ms$/,
    )
    expect(said.get('HTTP channel')).toMatch(/^http:\/\/127\.0\.0\.1:\d+ can be reached; nothing was sent$/)
    expect(gateway.arrivals.size + gateway.unsigned.length).toBe(0)
    expect(out).not.toContain(String(env['ISOTHERM_SMS_SECRET']))
  })

  test('its point is gone afterwards, and readings are as they were', { timeout: 30_000 }, async () => {
    const counted = 'SELECT count("received_ms") FROM "reading"'
    await waitFor(async () => (await ask(influxd.url, counted)).includes(',2000]'), 20_000)
    expect((await finding('InfluxDB')).state).toBe('ok')
    expect(await ask(influxd.url, 'SELECT * FROM "isotherm_doctor"')).not.toContain('values')
    expect(await ask(influxd.url, 'SHOW MEASUREMENTS')).not.toContain('isotherm_doctor')
    expect(await ask(influxd.url, counted)).toContain(',2000]')
  })

  test('an InfluxDB that hangs keeps nobody for long, and nothing else is bad', {
    timeout: 60_000,
  }, async () => {
    influxd.pause()
    const startMs = performance.now()
    const all = await findings()
    const tookMs = performance.now() - startMs
    influxd.resume()
    const bad = all.filter(({ state }) => state === 'bad').map(({ check }) => check)
    expect(bad.filter((check) => check !== 'InfluxDB projection')).toEqual(['InfluxDB'])
    expect(tookMs).toBeLessThan(15_000)
  })
})

describe.skipIf(withoutInflux)('the round trip through InfluxDB', () => {
  let influxd: Influxd
  const admin = basic('admin', 'adm-pass')

  beforeAll(async () => {
    influxd = await startInfluxd(['auth-enabled = true'])
    await ask(influxd.url, `CREATE USER "admin" WITH PASSWORD 'adm-pass' WITH ALL PRIVILEGES`)
    for (const statement of [
      'CREATE DATABASE "isotherm"',
      `CREATE USER "both" WITH PASSWORD 'both-pass'; GRANT ALL ON "isotherm" TO "both"`,
      `CREATE USER "reader" WITH PASSWORD 'reader-pass'; GRANT READ ON "isotherm" TO "reader"`,
      `CREATE USER "writer" WITH PASSWORD 'writer-pass'; GRANT WRITE ON "isotherm" TO "writer"`,
    ]) {
      const answer = await ask(influxd.url, statement, admin)
      if (answer.includes('error')) throw new Error(`${statement}: ${answer}`)
    }
  }, 30_000)
  afterAll(() => influxd.remove())

  const found = (user: string, password: string, database = 'isotherm') =>
    influxFinding(
      loadConfiguration({
        environment: {},
        flags: {
          influx_url: influxd.url,
          influx_user: user,
          influx_password: password,
          influx_database: database,
        },
      }),
      never,
    )

  test('is made with the configured credentials', async () => {
    expect(await found('both', 'both-pass')).toMatchObject({ state: 'ok' })
    expect(await ask(influxd.url, 'SELECT * FROM "isotherm_doctor"', admin)).not.toContain('values')
  })

  test.each([
    ['a wrong password', 'both', 'not-the-pass', 'isotherm', 'write a point in isotherm: 401', 'influx_user'],
    [
      'a user who may not write',
      'reader',
      'reader-pass',
      'isotherm',
      'write a point in isotherm: 403',
      'GRANT',
    ],
    [
      'a database that is not there',
      'admin',
      'adm-pass',
      'other',
      'write a point in other: 404',
      'CREATE DATABASE',
    ],
  ])('%s is named with its remedy', async (_, user, password, database, told, remedy) => {
    const finding = await found(user, password, database)
    expect(finding).toMatchObject({ state: 'bad', remedy: expect.stringContaining(remedy) as string })
    expect(finding.found).toContain(told)
    expect(JSON.stringify(finding)).not.toContain(password)
  })

  test('a user who may write and not read is told apart', async () => {
    const finding = await found('writer', 'writer-pass')
    expect(finding.state).toBe('bad')
    expect(finding.found).toContain('read a point in isotherm: 403')
  })

  test('a server that is gone is bad', async () => {
    await influxd.stop()
    expect(await found('both', 'both-pass')).toMatchObject({
      state: 'bad',
      remedy: expect.stringContaining('Start InfluxDB') as string,
    })
    await influxd.start()
  })
})

function basic(user: string, password: string): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}` }
}
