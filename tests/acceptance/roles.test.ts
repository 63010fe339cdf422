import mqtt from 'mqtt'
import { afterAll, expect, test } from 'vitest'
import { IsothermFolder, waitFor } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterAll(() => folder.remove())

test('gateway, core and api as three processes: the same road, and each may go and come back', {
  timeout: 60_000,
}, async () => {
  const core = await folder.start(['core'])
  const gateway = await folder.start(['gateway'])
  const api = await folder.start(['api'])
  await folder.demoSite()
  const made = await folder.json(['device', 'create', 'fridge-1', '--site', 'clinic', '--simulated'])
  const { key } = await folder.json(['key', 'create', 'reader', '--role', 'viewer'])

  const publish = async (seq: number): Promise<void> => {
    const client = await mqtt.connectAsync(`mqtt://127.0.0.1:${gateway.mqttPort}`, {
      username: 'fridge-1',
      password: String(made['secret']),
    })
    await client.publishAsync('isotherm/v1/fridge-1/readings', `{"seq":${seq},"temperature":4.${seq}}`, {
      qos: 1,
    })
    await client.endAsync()
  }
  const answered = async (): Promise<unknown[]> => {
    const answer = await fetch(`http://127.0.0.1:${api.httpPort}/api/v1/readings?sensor=fridge-1`, {
      headers: { authorization: `Bearer ${String(key)}` },
    })
    const body = (await answer.json()) as { items?: { seq: number }[] }
    return (body.items ?? []).map((item) => item.seq)
  }

  await waitFor(
    async () =>
      publish(1).then(
        () => true,
        () => false,
      ),
    5_000,
  )
  await waitFor(async () => (await answered()).includes(1), 5_000)

  await core.kill()
  await publish(2)
  expect(await answered()).not.toContain(2)

  await folder.start(['core'])
  await waitFor(async () => (await answered()).includes(2), 10_000)
  await publish(3)
  await waitFor(async () => (await answered()).includes(3), 5_000)

  const second = await folder.run(['gateway'], { ISOTHERM_MQTT_PORT: '0', ISOTHERM_HTTP_PORT: '0' })
  expect(second.code).toBe(2)
  expect(await gateway.stop()).toBe(0)
  expect(await api.stop()).toBe(0)
})
