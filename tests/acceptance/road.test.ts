import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'
import { missingProgram } from '../support/services.ts'

const run = promisify(execFile)
const loggers = resolve(import.meta.dirname, '../../../shared/data/loggers')

const topic = 'isotherm/v1/fridge-1/readings'

describe('the road of a reading', () => {
  const stage = new Stage()
  beforeAll(() => stage.open())
  afterAll(() => stage.close())

  const noMosquitto = missingProgram('mosquitto_pub', 'mosquitto-clients') !== undefined
  test.skipIf(noMosquitto)('what mosquitto_pub sends is answered by the API within a second', async () => {
    const words = ['-h', '127.0.0.1', '-p', String(stage.running.mqttPort), '-q', '1', '-u', 'fridge-1']
    await run('mosquitto_pub', [...words, '-P', stage.secret, '-t', topic, '-m', '{"temperature":4.21}'])
    let items: Record<string, unknown>[] = []
    await waitFor(async () => (items = await stage.items('readings?sensor=fridge-1/main')).length > 0, 1_000)
    expect(items).toMatchObject([{ sensor: 'fridge-1/main', temperature: 4.21, marks: ['arrivalTime'] }])
  })

  test('HTTP intake means the same as MQTT', async () => {
    const secret = await stage.device('fridge-http')
    const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/ingest/readings`, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`fridge-http:${secret}`).toString('base64')}`,
        'content-type': 'application/json',
      },
      body: '[{"temperature":-0.5,"seq":1,"at":1},{"humidity":40,"sensor":"b"}]',
    })
    expect(answer.status).toBe(202)
    await waitFor(
      async () =>
        (await stage.items('held?device=fridge-http')).length +
          (await stage.items('readings?sensor=fridge-http/b')).length ===
        1,
      2_000,
    )
    expect(await stage.items('sensors?device=fridge-http')).toMatchObject([{ name: 'b' }, { name: 'main' }])
  })

  test('a revoked device is cut off while it is connected, and is refused afterwards', async () => {
    const secret = await stage.device('fridge-gone')
    const options = { username: 'fridge-gone', password: secret }
    const client = await stage.connect(options)
    const closed = new Promise((done) => client.once('close', () => done(performance.now())))
    const asked = performance.now()
    await stage.folder.json(['device', 'revoke', 'fridge-gone', '--reason', 'test'])
    expect(Number(await closed) - asked).toBeLessThan(3_000)
    await expect(stage.connect(options)).rejects.toMatchObject({ code: 5 })
    const refusals = async (): Promise<unknown> =>
      (await stage.items('refusals?device=fridge-gone')).map((each) => each['reason'])
    await waitFor(async () => ((await refusals()) as unknown[]).length > 0, 5_000)
    expect(await refusals()).toContain('device-revoked')
    client.end(true)
  })

  test('a second start on the same folder ends with 2 and names the holder', async () => {
    const second = await stage.folder.run(['start'], { ISOTHERM_MQTT_PORT: '0', ISOTHERM_HTTP_PORT: '0' })
    expect(second.code).toBe(2)
    expect(second.err).toContain(String(stage.running.process.pid))
  })

  test('a replayed device must be simulated, and a file it cannot read is refused with a remedy', async () => {
    await stage.folder.json(['organisation', 'create', 'real', '--kind', 'clinic', '--name', '门诊'])
    await stage.folder.json(['site', 'create', 'real-site', '--organisation', 'real', '--name', '门诊'])
    await stage.folder.json(['device', 'create', 'real-1', '--site', 'real-site'])
    const refused = await stage.folder.run(['replay', import.meta.filename, '--device', 'real-1'])
    expect(refused).toMatchObject({ code: 1 })
    expect(refused.err).toContain('simulated')
  })

  test('the API describes itself', async () => {
    const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/openapi.json`)
    const document = (await answer.json()) as { openapi: string; paths: Record<string, unknown> }
    expect(document.openapi).toMatch(/^3\.1/)
    expect(Object.keys(document.paths)).toContain('/api/v1/ingest/readings')
    const docs = await fetch(`http://127.0.0.1:${stage.running.httpPort}/docs`)
    expect(docs.status).toBe(200)
  })
})

describe('real logger files, replayed with their own dates', () => {
  const stage = new Stage()
  beforeAll(() => stage.open())
  afterAll(() => stage.close())

  test.for([
    { file: 'aberdeen/item1.csv', rows: 209, words: [], from: '2016-02-10', to: '2016-02-11' },
    {
      file: 'nab/machine_temperature_system_failure.csv',
      rows: 22_695,
      words: ['--unit', 'F'],
      from: '2013-12-01',
      to: '2014-03-01',
    },
  ])('$file: every acknowledged reading is accounted for', { timeout: 120_000 }, async (given, { skip }) => {
    const { file, rows, words, from, to } = given
    const path = resolve(loggers, file)
    if (!existsSync(path)) skip(`${file} is not on this machine`)
    const device = `logger-${rows}`
    await stage.device(device)
    const env = { ISOTHERM_MQTT_PORT: String(stage.running.mqttPort) }
    const replay = ['replay', path, '--device', device, ...words]
    const counted = { rows, acknowledged: rows, complement: 0, held: 0, accounted: true }
    expect(await stage.folder.json(replay, env)).toMatchObject({ ...counted, stored: rows, duplicate: 0 })
    const asked = `readings?sensor=${device}/main&from=${from}T00:00:00Z&to=${to}T00:00:00Z&step=1d`
    const buckets = await stage.items(asked)
    expect(buckets.reduce((sum, bucket) => sum + Number(bucket['count']), 0)).toBe(rows)
    expect(await stage.folder.json(replay, env)).toMatchObject({ ...counted, stored: 0, duplicate: rows })
  })
})
