import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Stage } from '../support/stage.ts'

const stage = new Stage()
beforeAll(() => stage.open())
afterAll(() => stage.close())

test.each(['0', 'fast', ''])('a replay at speed %j changes nothing', async (speed) => {
  const path = join(stage.folder.dataDir, 'logger.csv')
  writeFileSync(path, 'time,temperature C\n2026-01-05T00:00:00Z,4.1\n2026-01-05T00:05:00Z,4.2\n')
  const before = await stage.items('devices')
  const refused = await stage.folder.run(
    ['replay', path, '--device', 'fridge-1', '--speed', speed, '--json'],
    { ISOTHERM_MQTT_PORT: String(stage.running.mqttPort) },
  )
  expect([refused.code, JSON.parse(refused.out)]).toMatchObject([2, { code: 'bad-request' }])
  expect(await stage.items('devices')).toEqual(before)
  const client = await stage.connect()
  await client.endAsync()
})
