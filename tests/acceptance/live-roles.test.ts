import mqtt from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'
import { LiveReader } from '../support/live-reader.ts'

const folder = new IsothermFolder()
afterAll(() => folder.remove())

test('with core, gateway and api apart a stream outlives the core, says so, and begins anew with the next', {
  timeout: 90_000,
}, async () => {
  const core = await folder.start(['core'])
  const gateway = await folder.start(['gateway'])
  const api = await folder.start(['api'])
  await folder.demoSite()
  const made = await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
  const { key } = await folder.json(['key', 'create', 'board', '--role', 'viewer'])
  const publish = async (seq: number): Promise<void> => {
    const login = { username: 'fridge-1', password: String(made['secret']) }
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, login)
    await client.publishAsync('isotherm/v1/fridge-1/readings', `{"seq":${seq},"temperature":${seq}}`, {
      qos: 1,
    })
    await client.endAsync()
  }
  const reader = await LiveReader.open(`http://127.0.0.1:${api.httpPort}`, String(key))
  await publish(3)
  await reader.until(({ points }) => points.get('fridge-1/main')?.['temperature'] === 3)

  await core.kill()
  await publish(4)
  await reader.until(() => reader.named('heartbeat').at(-1)?.['following'] === false, 25_000)
  expect(reader.memory.points.get('fridge-1/main')).toMatchObject({
    temperature: 3,
    site: 'clinic',
    point: null,
  })

  await folder.start(['core'])
  await reader.until(({ points }) => points.get('fridge-1/main')?.['temperature'] === 4, 20_000)
  expect(reader.memory.snapshots).toBe(2)
  await reader.until(() => reader.named('heartbeat').at(-1)?.['following'] === true, 15_000)
  expect(await api.stop()).toBe(0)
  await reader.untilEnded()
})
