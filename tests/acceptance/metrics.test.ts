import { execFile, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { metricDefinitions } from '../../app/metrics/definitions.ts'
import { expressions } from '../grafana/committed.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { scraped } from '../support/scraped.ts'
import { missingProgram, programPath } from '../support/services.ts'
import { Stage } from '../support/stage.ts'

const TOKEN = 'scrape-me-0123456789'

/** What the HTTP API of Prometheus answers to an instant query. */
interface PromAnswer {
  readonly status: string
  readonly data?: { readonly result: readonly { readonly value: readonly [number, string] }[] }
}
const skipReason = influxdSkipReason() ?? missingProgram('prometheus', 'prometheus')

describe.skipIf(skipReason !== undefined)('the metrics of a running Isotherm', () => {
  let influxd: Influxd
  let stage: Stage
  beforeAll(async () => {
    influxd = await startInfluxd()
    stage = new Stage({ ISOTHERM_INFLUX_URL: influxd.url, ISOTHERM_METRICS_TOKEN: TOKEN })
    await stage.open()
    const client = await stage.connect()
    const send = (payload: object) =>
      client.publishAsync('isotherm/v1/fridge-1/readings', JSON.stringify(payload), { qos: 1 })
    for (let seq = 1; seq <= 20; seq += 1) await send({ seq, temperature: 5 })
    await send({ seq: 21, temperature: 4_000 })
    await client.publishAsync('isotherm/v1/fridge-1/readings', 'no JSON', { qos: 1 })
    client.end(true)
  })
  afterAll(async () => {
    await stage.close()
    await influxd.remove()
  })

  const scrape = () => scraped(stage.running.httpPort, TOKEN)
  const numbers = async () => (await scrape()).numbers

  async function settled(name: string, value: number): Promise<void> {
    // tables are read every 15 s
    await expect.poll(async () => (await numbers())[name], { timeout: 25_000 }).toBe(value)
  }

  test('the balance comes out, and says what is held and why', async () => {
    await settled('isotherm_balance_messages{part="journalled"}', 22)
    const found = await numbers()
    expect(found).toMatchObject({
      'isotherm_balance_messages{part="decoded"}': 21,
      'isotherm_balance_messages{part="held"}': 1,
      'isotherm_balance_messages{part="pending"}': 0,
      'isotherm_balance_readings{part="stored"}': 20,
      'isotherm_balance_readings{part="held"}': 1,
      isotherm_balance_mismatches: 0,
      isotherm_journal_records_total: 22,
      isotherm_gateway_acknowledged_total: 22,
      'isotherm_journal_state{state="open"}': 1,
      'isotherm_journal_state{state="full"}': 0,
      isotherm_journal_waiting_records: 0,
      isotherm_core_connected: 1,
    })
    const held = Object.entries(found).filter(([name]) => name.startsWith('isotherm_held_readings'))
    expect(Object.fromEntries(held)).toEqual({
      'isotherm_held_readings{reason="impossible-value"}': 1,
      'isotherm_held_readings{reason="malformed-json"}': 1,
    })
    expect(found['isotherm_journal_sync_seconds_count']).toBeGreaterThan(0)
    expect(found['isotherm_disk_free_bytes']).toBeGreaterThan(found['isotherm_disk_reserve_bytes'] ?? 0)
    expect(found['isotherm_store_bytes{store="journal"}']).toBeGreaterThan(1_000)
  })

  test('consumers stand where the log ends, and InfluxDB took every reading', async () => {
    for (const consumer of ['ingest', 'census', 'judge', 'influx']) {
      await settled(`isotherm_consumer_position{consumer="${consumer}"}`, 22)
    }
    const found = await numbers()
    for (const consumer of [
      'ingest',
      'census',
      'judge',
      'influx',
      'influx-findings',
      'influx-hours',
      'desk',
      'audit',
    ]) {
      expect(found[`isotherm_consumer_behind{consumer="${consumer}"}`]).toBe(0)
      expect(found[`isotherm_consumer_oldest_age_seconds{consumer="${consumer}"}`]).toBe(0)
    }
    expect(found).toMatchObject({
      isotherm_influx_up: 1,
      'isotherm_influx_points_total{verdict="accepted"}': 20,
      'isotherm_influx_points_total{verdict="held"}': 0,
      isotherm_influx_held_points: 0,
    })
    const { out } = await stage.folder.run(['doctor', '--json'], { ISOTHERM_INFLUX_URL: influxd.url })
    const doctor = (JSON.parse(out) as { check: string; found: string }[]).map(
      (it) => `${it.check}: ${it.found}`,
    )
    expect(doctor.find((line) => line.startsWith('InfluxDB projection'))).toContain(
      `at record ${found['isotherm_consumer_position{consumer="influx"}']}, 0 points refused`,
    )
  })

  test('an InfluxDB that is gone is seen, and how old the oldest reading is that it lacks', async () => {
    const failures = 'isotherm_influx_failures_total{verdict="retried"}'
    const before = (await numbers())[failures] ?? Number.NaN
    await influxd.stop()
    const client = await stage.connect()
    await client.publishAsync('isotherm/v1/fridge-1/readings', '{"seq":30,"temperature":5}', { qos: 1 })
    client.end(true)
    await settled('isotherm_influx_up', 0)
    const behind = 'isotherm_consumer_behind{consumer="influx"}'
    await settled(behind, 1)
    const age = 'isotherm_consumer_oldest_age_seconds{consumer="influx"}'
    await expect.poll(async () => (await numbers())[age], { timeout: 10_000 }).toBeGreaterThan(1)
    await influxd.start()
    await settled(behind, 0)
    await settled('isotherm_influx_up', 1)
    const after = await numbers()
    expect(after[failures]).toBeGreaterThan(before)
    expect(after).toMatchObject({
      'isotherm_influx_failures_total{verdict="throttled"}': 0,
      'isotherm_influx_points_total{verdict="accepted"}': 21,
    })
  }, 60_000)

  test('who is connected, who watches, and what is refused', async () => {
    const client = await stage.connect()
    const stopping = new AbortController()
    const live = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/live`, {
      headers: { authorization: `Bearer ${stage.key}` },
      signal: stopping.signal,
    })
    expect(live.ok).toBe(true)
    await expect(stage.connect({ password: 'wrong' })).rejects.toThrow('Bad username or password')
    await settled('isotherm_live_clients', 1)
    const found = await numbers()
    expect(found['isotherm_gateway_connections']).toBe(1)
    expect(found['isotherm_gateway_refusals_total{reason="wrong-secret"}']).toBe(1)
    stopping.abort()
    client.end(true)
    await settled('isotherm_live_clients', 0)
    await settled('isotherm_gateway_connections', 0)
  }, 60_000)

  test('every name is one of the list, and all but those of TLS and of what never happened are told', async () => {
    const { text, names: told } = await scrape()
    const missing = Object.keys(metricDefinitions).filter((name) => !told.has(name))
    expect([...told].filter((name) => !(name in metricDefinitions))).toEqual([])
    const may = [
      'isotherm_certificate_expires_timestamp_seconds',
      'isotherm_certificate_usable',
      'isotherm_clock_synchronised',
      'isotherm_influx_count_difference',
    ]
    expect(missing.filter((name) => !may.includes(name))).toEqual([])
    expect(text).not.toContain(TOKEN)
  })

  test('promtool finds nothing wrong with names and types', async () => {
    const promtool = programPath('promtool') ?? 'promtool'
    const child = spawn(promtool, ['check', 'metrics'], { stdio: ['pipe', 'pipe', 'pipe'] })
    const said: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => said.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => said.push(chunk))
    child.stdin.end((await scrape()).text)
    const code = await new Promise((resolve) => child.once('close', resolve))
    // what it says of names that prom-client gives is not ours to mend
    const ours = Buffer.concat(said)
      .toString()
      .split('\n')
      .filter((line) => line.startsWith('isotherm_'))
    expect(ours).toEqual([])
    expect([0, 3]).toContain(code)
  })

  test('a real Prometheus scrapes it, and answers what the dashboards ask it', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'isotherm-prometheus-'))
    const target = `127.0.0.1:${stage.running.httpPort}`
    const config = {
      global: { scrape_interval: '1s' },
      scrape_configs: [
        {
          job_name: 'isotherm',
          authorization: { credentials: TOKEN },
          static_configs: [{ targets: [target] }],
        },
      ],
    }
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
    const child = spawn(programPath('prometheus') ?? 'prometheus', [
      `--config.file=${join(folder, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(folder, 'data')}`,
      '--web.listen-address=127.0.0.1:0',
      '--log.level=info',
    ])
    try {
      const address = await new Promise<string>((resolve) => {
        let said = ''
        child.stderr.on('data', (chunk: Buffer) => {
          said += chunk.toString()
          const found = /Listening on" address=(\S+)/.exec(said)?.[1]
          if (found !== undefined) resolve(found)
        })
      })
      const answered = async (query: string): Promise<PromAnswer> => {
        const words = new URLSearchParams({ query })
        const { stdout } = await promisify(execFile)('curl', [
          '-s',
          `http://${address}/api/v1/query?${words.toString()}`,
        ])
        return JSON.parse(stdout) as PromAnswer
      }
      const ask = async (query: string) => (await answered(query)).data?.result[0]?.value[1]
      await expect.poll(() => ask('up{job="isotherm"}'), { timeout: 20_000 }).toBe('1')
      expect(await ask('isotherm_journal_records_total')).toBe('23')
      // what there is only with TLS or NTP or an hour after the start, and what is shown only above 0
      const absent = /certificate|clock_synchronised|count_difference|> 0$/
      const wanting = async () => {
        const found: string[] = []
        for (const query of expressions()) {
          const { status, data } = await answered(query)
          if (status !== 'success' || (data?.result.length === 0 && !absent.test(query))) found.push(query)
        }
        return found
      }
      // a rate takes two scrapes
      await expect.poll(wanting, { timeout: 20_000 }).toEqual([])
    } finally {
      child.kill('SIGKILL')
      await new Promise((resolve) => child.once('close', resolve))
      rmSync(folder, { recursive: true, force: true })
    }
  }, 60_000)
})
