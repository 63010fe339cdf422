import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { waitFor } from '../support/isotherm.ts'
import { missingProgram } from '../support/services.ts'
import { Stage } from '../support/stage.ts'

const run = promisify(execFile)
const page = readFileSync(join(import.meta.dirname, '../../docs/first-alarm.md'), 'utf8')
const [keys = '', ...blocks] = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, text]) => text ?? '')
const missing =
  missingProgram('mosquitto_pub', 'mosquitto-clients') ?? missingProgram('curl', 'curl') ?? undefined

describe.skipIf(missing !== undefined)('docs/first-alarm.md', () => {
  const stage = new Stage()
  beforeAll(() => stage.open())
  afterAll(() => stage.close())

  /** Runs blocks of the page as they stand, but for the ports, which are this stage's. */
  async function shell(text: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
    const { httpPort, mqttPort } = stage.running
    const here = text.replaceAll(':8080', `:${httpPort}`).replaceAll('-p 1883', `-p ${mqttPort}`)
    const { stdout } = await run('bash', ['-euc', here], { env: { ...process.env, KEY: stage.key, ...env } })
    return stdout
  }

  test('does what it says, command by command', async () => {
    expect(keys).toBe('npx isotherm key create first --role administrator\n')
    const [furnish = '', warm = '', take = ''] = blocks
    const secret = /isd_[\w-]+/.exec(await shell(furnish))?.[0] ?? ''
    await shell(warm, { SECRET: secret })
    const promised = /`(DEMO ALARM: [^`]*) \.\.\.`/.exec(page)?.[1] ?? 'nothing'
    await waitFor(
      () => stage.running.output().includes(promised),
      5_000,
      () => stage.running.output(),
    )
    const helper = furnish.slice(0, furnish.indexOf('api organisations'))
    await shell(`${helper}${take}`, { SECRET: secret })
    const state = async () =>
      (await stage.items('incidents')).map((each) => [each['state'], each['resolution']])
    await waitFor(async () => JSON.stringify(await state()) === '[["resolved","recovered"]]', 5_000)
    await waitFor(() => stage.running.output().includes('DEMO BACK IN RANGE since'), 5_000)
  }, 60_000)
})
