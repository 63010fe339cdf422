import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
const holder = createServer()
let taken = ''
beforeAll(async () => {
  holder.listen(0, '127.0.0.1')
  await once(holder, 'listening')
  taken = String((holder.address() as AddressInfo).port)
})
afterAll(async () => {
  holder.close()
  await folder.remove()
})

/** From the start of the process; a loaded machine needs most of it to load the modules. */
const ENDED_MS_MAX = 10_000

test.for([
  { role: 'start', key: 'ISOTHERM_MQTT_PORT' },
  { role: 'start', key: 'ISOTHERM_HTTP_PORT' },
  { role: 'gateway', key: 'ISOTHERM_MQTT_PORT' },
  { role: 'gateway', key: 'ISOTHERM_HTTP_PORT' },
  { role: 'api', key: 'ISOTHERM_HTTP_PORT' },
])('$role ends with 2 when the port of $key is taken', { timeout: ENDED_MS_MAX }, async ({ role, key }) => {
  const ports = { ISOTHERM_MQTT_PORT: '0', ISOTHERM_HTTP_PORT: '0', [key]: taken }
  const { code, err } = await folder.run([role], ports)
  expect(code).toBe(2)
  expect(err).toContain(`127.0.0.1:${taken}`)
})
