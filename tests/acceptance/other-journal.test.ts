import { once } from 'node:events'
import { cpSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import mqtt from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

// A cursor is a number: beside a journal it does not belong to, it would skip that many acknowledged records.

const stage = new Stage()
const other = new Stage()
const freePorts = { ISOTHERM_MQTT_PORT: '0', ISOTHERM_HTTP_PORT: '0' }
const journal = join(stage.folder.dataDir, 'journal')
const kept = join(stage.folder.dataDir, 'kept')
const longer = join(other.folder.dataDir, 'journal')

beforeAll(async () => {
  for (const [each, records] of [
    [stage, 3],
    [other, 9],
  ] as const) {
    await each.open()
    const client = await each.connect()
    for (let seq = 0; seq < records; seq += 1) await publish(client, seq)
    await client.endAsync()
    const counted = async (): Promise<unknown> => (await each.get('devices/fridge-1/balance'))['messages']
    const all = { journalled: records, decoded: records, held: 0, pending: 0 }
    await waitFor(async () => isDeepStrictEqual(await counted(), all), 5_000)
    await each.running.stop()
  }
  renameSync(journal, kept)
})
afterAll(async () => {
  await stage.close()
  await other.close()
})

function publish(client: mqtt.MqttClient, seq: number): Promise<unknown> {
  return client.publishAsync('isotherm/v1/fridge-1/readings', `{"seq":${seq},"temperature":4}`, { qos: 1 })
}

function putJournal(from: string | undefined): void {
  rmSync(journal, { recursive: true, force: true })
  if (from !== undefined) cpSync(from, journal, { recursive: true })
}

test.for([
  {
    name: 'no journal at all',
    from: undefined,
    code: 'journal-cursor-beyond-end',
    remedy: 'Restore the two',
  },
  {
    name: 'a longer one of another folder',
    from: longer,
    code: 'journal-mismatch',
    remedy: 'Put back the journal',
  },
])(
  'start on $name ends with 1 and the remedy, and admits nobody',
  { timeout: 60_000 },
  async ({ from, code, remedy }) => {
    putJournal(from)
    const ended = await stage.folder.run(['start', '--json'], freePorts)
    expect(ended.code).toBe(1)
    // All it printed: it never said that it was ready.
    expect(JSON.parse(ended.out)).toMatchObject({ code, remedy: expect.stringContaining(remedy) as string })
  },
)

test.for([
  { name: 'no journal at all', from: undefined, remedy: 'Restore the two' },
  { name: 'a longer one of another folder', from: longer, remedy: 'Put back the journal' },
])(
  'gateway and core apart, on $name: nobody is admitted, both end with 1',
  { timeout: 60_000 },
  async ({ from, remedy }) => {
    putJournal(from)
    const gateway = await stage.folder.start(['gateway'])
    const refused = mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
      username: 'fridge-1',
      password: stage.secret,
      reconnectPeriod: 0,
    })
    await expect(refused).rejects.toThrow('Server unavailable')
    const ready = await fetch(`http://127.0.0.1:${gateway.httpPort}/readyz`)
    expect([ready.status, await ready.text()]).toEqual([
      503,
      expect.stringContaining('journal waiting for the core to compare it'),
    ])
    const ended = once(gateway.process, 'close')
    const core = await stage.folder.start(['core'])
    await ended
    await waitFor(() => core.process.exitCode !== null, 5_000)
    expect([gateway.process.exitCode, core.process.exitCode]).toEqual([1, 1])
    expect(gateway.output()).toContain(remedy)
    expect(core.output()).toContain(remedy)
  },
)

test('with its own journal back, everything goes on where it stopped', async () => {
  putJournal(kept)
  await stage.restart()
  const client = await stage.connect()
  await publish(client, 3)
  await client.endAsync()
  await waitFor(async () => (await stage.items('readings?sensor=fridge-1')).length === 4, 5_000)
})
