import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type mqtt from 'mqtt'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemClock } from '../../app/doors/clock.ts'
import { IsothermFolder, waitFor } from '../support/isotherm.ts'
import { Stage } from '../support/stage.ts'

const stage = new Stage()
const restored = new IsothermFolder()
const scratch = mkdtempSync(join(tmpdir(), 'iso-backups-'))
const main = resolve(import.meta.dirname, '../../app/cli/main.ts')
const devices = ['logger-1', 'logger-2', 'logger-3']
const reason = 'as the log book says'
const clients: mqtt.MqttClient[] = []
let acknowledged = 0
let stopped = false
let load: Promise<unknown> | undefined

beforeAll(async () => {
  await stage.open()
  const sinceMs = Date.now() - 3_600_000
  const since = { from: new Date(sinceMs).toISOString(), reason }
  await post('organisations', { id: 'yixin', kind: 'distributor', name: '医药', demo: true })
  await post('sites', { id: 'depot', organisation: 'yixin', name: '仓库', zone: 'Asia/Shanghai' })
  for (const id of devices) {
    const { secret } = await post('devices', { id, site: 'depot', kind: 'simulated' })
    await post('places', { id: `room-${id}`, site: 'depot', kind: 'cold-room', name: id, ...since })
    await post('points', { id: `p-${id}`, place: `room-${id}`, name: id, role: 'air', ...since })
    await post('placements', { device: id, point: `p-${id}`, ...since })
    await post('recipients', { place: `room-${id}`, name: '值班', channel: 'console', language: 'en' })
    clients.push(await stage.connect({ username: id, password: String(secret) }))
  }
  // one excursion that is over before the backup, and for which somebody is called; the load stays in range
  await send(0, { seq: 1, temperature: 9.5 })
  await waitFor(
    () => stage.running.output().includes('DEMO ALARM'),
    10_000,
    () => stage.running.output(),
  )
  await send(0, { seq: 2, temperature: 5 })
  await waitFor(async () => (await stage.items('findings?open=true')).length === 0, 10_000)
}, 90_000)

afterAll(async () => {
  stopped = true
  await load
  for (const client of clients) await client.endAsync(true)
  await stage.close()
  await restored.remove()
  rmSync(scratch, { recursive: true, force: true })
})

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`http://127.0.0.1:${stage.running.httpPort}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
  return text === '' ? {} : (JSON.parse(text) as Record<string, unknown>)
}

async function send(device: number, reading: { seq: number; temperature: number }): Promise<void> {
  const topic = `isotherm/v1/${devices[device] ?? ''}/readings`
  await clients[device]?.publishAsync(topic, JSON.stringify(reading), { qos: 1 })
  acknowledged += 1
}

/** Every device publishes again as soon as it is acknowledged, some hundred times a second at most. */
async function publish(device: number): Promise<void> {
  for (let seq = 10; !stopped; seq += 1) {
    await send(device, { seq, temperature: 4 + (seq % 30) / 10 })
    await systemClock.sleep(5)
  }
}

/** Starts a command on a data directory and kills it as soon as this has come to be. */
async function killedAt(words: readonly string[], dataDir: string, path: string): Promise<void> {
  const child = spawn(process.execPath, [main, ...words], {
    env: { ...process.env, ISOTHERM_DATA_DIR: dataDir },
    stdio: 'ignore',
  })
  const ended = once(child, 'close')
  while (!existsSync(path) && child.exitCode === null) await new Promise((done) => setImmediate(done))
  child.kill('SIGKILL')
  await ended
}

/** All items of a list, page by page. */
async function all(get: (path: string) => Promise<Record<string, unknown>>, path: string): Promise<Item[]> {
  const items: Item[] = []
  for (let next: string | null = ''; next !== null; ) {
    const after: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
    const page = await get(`${path}${path.includes('?') ? '&' : '?'}limit=1000${after}`)
    items.push(...(page['items'] as Item[]))
    next = page['next'] as string | null
  }
  return items
}
type Item = Record<string, unknown>

test('under load from MQTT, all of one instant: every record up to the position comes back', async () => {
  load = Promise.all(devices.map((_, device) => publish(device)))
  await waitFor(() => acknowledged > 300, 20_000)
  const before = acknowledged
  const backup = join(scratch, 'first')
  const made = await stage.folder.json(['backup', '--to', backup])
  const records = Number(made['records'])
  expect(records).toBeGreaterThanOrEqual(before)
  expect(records).toBeLessThanOrEqual(acknowledged + devices.length)
  await waitFor(() => acknowledged > records + 100, 20_000)
  stopped = true
  await load
  await waitFor(async () => {
    const { messages } = (await stage.get('devices/logger-1/balance')) as { messages: { pending: number } }
    return messages.pending === 0
  }, 20_000)

  const names = readdirSync(backup, { recursive: true, encoding: 'utf8' })
  expect(names.filter((name) => (statSync(join(backup, name)).mode & 0o077) !== 0)).toEqual([])
  const answer = await restored.json(['restore', '--from', backup])
  expect(answer).toMatchObject({ records, acts: made['acts'], balanced: true })
  const running = await restored.start()
  const get = async (path: string): Promise<Item> => {
    const found = await fetch(`http://127.0.0.1:${running.httpPort}/api/v1/${path}`, {
      headers: { authorization: `Bearer ${stage.key}` },
    })
    return (await found.json()) as Item
  }
  const was = (path: string) => all((each) => stage.get(each), path)
  const is = (path: string) => all(get, path)

  let count = 0
  for (const device of devices) {
    const question = `readings?sensor=${device}/main`
    const earlier = await was(question)
    const wanted = earlier.filter((each) => (each['position'] as { index: number }).index < records)
    await waitFor(async () => (await is(question)).length === wanted.length, 20_000)
    expect(await is(question)).toEqual(wanted)
    count += wanted.length
  }
  expect(count).toBe(records)
  for (const question of ['devices', 'places', 'recipients', 'users', 'findings', 'incidents'])
    expect(await is(question)).toEqual(await was(question))
  const acts = await is('audit')
  const copied = acts.slice(0, Number(made['acts']))
  expect(copied).toEqual((await was('audit')).slice(0, copied.length))
  expect(copied.length).toBe(made['acts'])
  // the start of what was restored tells who keeps its clock right, and nothing else
  expect(acts.slice(copied.length).every(({ kind }) => kind === 'watch.report')).toBe(true)
  expect(running.output()).not.toContain('ALARM')
  expect(running.output()).not.toContain('not copied')
  await running.kill()
}, 120_000)

test('killed in the midst of a backup: what is there is refused, and the next one replaces it', async () => {
  const backup = join(scratch, 'second')
  await killedAt(['backup', '--to', backup], stage.folder.dataDir, join(backup, 'facts.sqlite'))
  expect(existsSync(join(backup, 'manifest.json'))).toBe(false)
  const other = new IsothermFolder()
  try {
    const refused = await other.run(['restore', '--from', backup, '--json'])
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([1, { code: 'backup-incomplete' }])
    expect(readdirSync(other.dataDir)).toEqual([])
    await stage.folder.json(['backup', '--to', backup])
    expect(existsSync(join(backup, 'manifest.json'))).toBe(true)
  } finally {
    await other.remove()
  }
}, 60_000)

test('killed in the midst of a restore: nobody starts that, and a restore begins anew', async () => {
  const other = new IsothermFolder()
  try {
    const words = ['restore', '--from', join(scratch, 'first')]
    await killedAt(words, other.dataDir, join(other.dataDir, 'facts.sqlite'))
    const refused = await other.run(['start', '--json'], { ISOTHERM_MQTT_PORT: '0', ISOTHERM_HTTP_PORT: '0' })
    expect([refused.code, JSON.parse(refused.out)]).toMatchObject([
      2,
      { code: 'configuration-invalid', remedy: expect.stringContaining('isotherm restore') as string },
    ])
    expect(await other.json(words)).toMatchObject({ balanced: true })
    expect(existsSync(join(other.dataDir, 'restoring'))).toBe(false)
  } finally {
    await other.remove()
  }
}, 60_000)
