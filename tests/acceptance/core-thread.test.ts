import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { IsothermFolder } from '../support/isotherm.ts'

const folder = new IsothermFolder()
afterEach(() => folder.remove())

test('what the core thread dies of reaches the terminal with its own code and remedy', async () => {
  const path = join(folder.dataDir, 'readings.sqlite')
  writeFileSync(path, 'not a database, but long enough to be taken for one. '.repeat(100))
  const ports = { ISOTHERM_MQTT_PORT: '0', ISOTHERM_HTTP_PORT: '0' }
  const ended = await folder.run(['start', '--json'], ports)
  expect(ended.code).toBe(1)
  expect(JSON.parse(ended.out)).toEqual({
    code: 'store-damaged',
    what: `The readings in ${path} cannot be used: file is not a database.`,
    remedy: 'Stop the service and make the readings anew with `isotherm rebuild`, or restore a backup.',
  })
})
