import { afterAll, beforeAll, expect, test } from 'vitest'
import { IsothermFolder, type RunningIsotherm, waitFor } from '../support/isotherm.ts'

const folder = new IsothermFolder()
const REQUEST = '7c9e6679-7425-40de-944b-e07fc1f90ae7'
const secrets = {
  ISOTHERM_INFLUX_URL: 'http://127.0.0.1:1/',
  ISOTHERM_INFLUX_USER: 'isotherm-writer',
  ISOTHERM_INFLUX_PASSWORD: 'pass "in" quotes',
  ISOTHERM_SMS_URL: 'https://127.0.0.1:1/send?token=tok-in-the-query',
  ISOTHERM_SMS_SECRET: 'a-secret-of-24-letters-or-more',
}
let running: RunningIsotherm
beforeAll(async () => {
  await folder.demoSite()
  const levels = { ISOTHERM_LOG_LEVELS: 'api=debug,gateway=debug,alerts=error' }
  running = await folder.start(['start'], { ...secrets, ...levels })
}, 30_000)
afterAll(() => folder.remove())

/** What was written so far. */
function lines(): readonly Record<string, unknown>[] {
  return running
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('one id leads from a request through every line of it', async () => {
  const answer = await fetch(`http://127.0.0.1:${running.httpPort}/api/v1/ingest/readings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-request-id': REQUEST },
    body: '{"temperature":4}',
  })
  expect(answer.status).toBe(401)
  expect(answer.headers.get('x-request-id')).toBe(REQUEST)
  expect(await answer.json()).toMatchObject({ instance: `urn:isotherm:request:${REQUEST}` })
  const said = () => lines().filter(({ request }) => request === REQUEST)
  await waitFor(() => said().length === 2, 5_000)
  expect(said().map(({ part, folder: from, msg }) => [part, from, msg])).toEqual([
    ['main', 'gateway', 'readings refused'],
    ['main', 'api', 'request answered'],
  ])
})

test('each folder has its level, every line its folder, and none of them a secret', async () => {
  await waitFor(() => lines().some(({ folder: from }) => from === 'store'), 10_000)
  const all = lines()
  const up = all.find(({ msg }) => msg === 'core is up')
  expect(up).toMatchObject({ part: 'core', folder: 'app', record: 'readings:0' })
  const below = all.filter(({ level }) => Number(level) < 30).map(({ folder: from }) => from)
  expect(new Set(below)).toEqual(new Set(['api', 'gateway']))
  expect(all.filter(({ folder: from }) => from === undefined)).toEqual([])
  const output = running.output()
  for (const secret of Object.values(secrets).filter((value) => !/^http:|^isotherm-/.test(value))) {
    expect(output).not.toContain(secret)
    expect(output).not.toContain(JSON.stringify(secret).slice(1, -1))
  }
  expect(output).not.toContain('tok-in-the-query')
})

test('a level that does not exist ends the start with 2, key, value and remedy', async () => {
  const { code, err } = await folder.run(['start', '--log-levels', 'gateway=loud'])
  expect(code).toBe(2)
  expect(err).toContain('command line sets log_levels to "gateway=loud", where gateway')
  expect(err).toContain('levels: debug, info, warn, error')
})
