import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

const run = promisify(execFile)
const loggers = resolve(import.meta.dirname, '../../../shared/data/loggers')

describe.skipIf(influxdSkipReason() !== undefined)('a real InfluxDB beside the canonical store', () => {
  let influxd: Influxd
  let stage: Stage
  beforeAll(async () => {
    influxd = await startInfluxd()
    stage = new Stage({ ISOTHERM_INFLUX_URL: influxd.url })
    await stage.open()
  })
  afterAll(async () => {
    await stage.close()
    await influxd.remove()
  })

  /** Asked with curl, a client of neither side. */
  async function countInInflux(): Promise<number> {
    const query = 'SELECT count(received_ms) FROM reading'
    const { stdout } = await run('curl', [
      '-sG',
      `${influxd.url}/query`,
      '--data-urlencode',
      'db=isotherm',
      '--data-urlencode',
      `q=${query}`,
    ])
    const answer = JSON.parse(stdout) as { results: { series?: { values: number[][] }[] }[] }
    return answer.results[0]?.series?.[0]?.values[0]?.[1] ?? 0
  }

  async function stored(): Promise<number> {
    const { readings } = (await stage.get('devices/fridge-1/balance')) as { readings: { stored: number } }
    return readings.stored
  }

  test('a replayed file is in both, reading for reading', async ({ skip }) => {
    const file = resolve(loggers, 'aberdeen/item2.csv')
    if (!existsSync(file)) skip('aberdeen/item2.csv is not on this machine')
    const env = { ISOTHERM_MQTT_PORT: String(stage.running.mqttPort), ISOTHERM_DEVICE_SECRET: stage.secret }
    const outcome = await stage.folder.json(['replay', file, '--device', 'fridge-1'], env)
    expect(outcome).toMatchObject({ acknowledged: 202, stored: 202, accounted: true })
    await waitFor(async () => (await countInInflux()) === 202, 10_000)
    expect(await stored()).toBe(202)
  })

  test('gone and back: readings are taken meanwhile, and InfluxDB has them all afterwards', async () => {
    const before = await stored()
    await influxd.stop()
    const client = await stage.connect()
    for (let seq = 1001; seq <= 1050; seq += 1) {
      const payload = JSON.stringify({ at: Date.now(), seq, temperature: seq / 250 })
      await client.publishAsync('isotherm/v1/fridge-1/readings', payload, { qos: 1 })
    }
    await waitFor(async () => (await stored()) === before + 50, 5_000)
    await influxd.start()
    await waitFor(async () => (await countInInflux()) === before + 50, 30_000)
    client.end(true)
  })

  test('a complement changes the point, not the count', async () => {
    const before = await stored()
    const client = await stage.connect()
    const at = Date.now()
    for (const values of [{ temperature: 4.5 }, { humidity: 51.5 }]) {
      await client.publishAsync(
        'isotherm/v1/fridge-1/readings',
        JSON.stringify({ at, seq: 2000, ...values }),
        { qos: 1 },
      )
    }
    const query = `SELECT temperature, humidity FROM reading WHERE time >= ${at}ms AND time < ${at + 1}ms`
    const asked = [
      '-sG',
      `${influxd.url}/query`,
      '--data-urlencode',
      'db=isotherm',
      '--data-urlencode',
      `q=${query}`,
    ]
    await waitFor(async () => (await run('curl', asked)).stdout.includes('4.5,51.5'), 10_000)
    await waitFor(async () => (await countInInflux()) === before + 1, 5_000)
    client.end(true)
  })

  test('points that were deleted by hand come back with `rebuild --influx`, running or not', async () => {
    const remove = async (first: number) => {
      const q = `DELETE FROM reading WHERE time >= ${first}ms`
      await run('curl', [
        '-s',
        '-XPOST',
        `${influxd.url}/query`,
        '--data-urlencode',
        'db=isotherm',
        '--data-urlencode',
        `q=${q}`,
      ])
    }
    const client = await stage.connect()
    for (let seq = 3_001; seq <= 3_020; seq += 1) {
      const payload = JSON.stringify({ seq, temperature: 5 })
      await client.publishAsync('isotherm/v1/fridge-1/readings', payload, { qos: 1 })
    }
    client.end(true)
    const lastMs = Date.now()
    const payload = JSON.stringify({ at: lastMs - 3_600_000, seq: 4_000, temperature: 5 })
    const other = await stage.connect()
    await other.publishAsync('isotherm/v1/fridge-1/readings', payload, { qos: 1 })
    other.end(true)
    const settled = async () => (await countInInflux()) === (await stored())
    await waitFor(settled, 10_000)
    const whole = await stored()
    expect(whole).toBeGreaterThan(20)
    await remove(lastMs - 600_000)
    expect(await countInInflux()).toBeLessThan(whole)
    expect(await stage.folder.json(['rebuild', '--influx'])).toMatchObject({ begins: 'now' })
    await waitFor(async () => (await countInInflux()) === whole, 20_000)
    await stage.running.stop()
    await remove(lastMs - 600_000)
    expect(await stage.folder.json(['rebuild', '--influx'])).toMatchObject({ begins: 'at the next start' })
    await stage.restart()
    await waitFor(async () => (await countInInflux()) === whole, 20_000)
  }, 60_000)
})
