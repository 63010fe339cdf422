import { connect } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LiveReader } from '../support/live-reader.ts'
import { Stage } from '../support/stage.ts'

const MINUTE_MS = 60_000
/** Whole minutes, an hour ago. */
const startMs = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS - 60 * MINUTE_MS
const reason = 'as the log book says'

const stage = new Stage()
const secrets = new Map<string, string>()
const keys = new Map<string, string>()
const readers: LiveReader[] = []
let seq = 0

beforeAll(async () => {
  await stage.open()
  for (const name of ['yixin', 'kangda']) {
    const { folder } = stage
    await folder.json(['organisation', 'create', name, '--kind', 'distributor', '--name', '医药', '--demo'])
    await folder.json(['site', 'create', `${name}-depot`, '--organisation', name, '--name', '仓库'])
    const made = await folder.json([
      'device',
      'create',
      `${name}-logger`,
      '--site',
      `${name}-depot`,
      '--simulated',
    ])
    secrets.set(name, String(made['secret']))
    const { key } = await folder.json(['key', 'create', name, '--role', 'viewer', '--organisation', name])
    keys.set(name, String(key))
    const since = { from: at(-60), reason }
    await post('places', {
      id: `${name}-room`,
      site: `${name}-depot`,
      kind: 'cold-room',
      name: '一号库',
      ...since,
    })
    for (const letter of ['a', 'b']) {
      const id = `${name}-${letter}`
      await post('points', { id, place: `${name}-room`, name: id, role: 'air', ...since })
      await post('placements', { device: `${name}-logger`, sensor: letter, point: id, ...since })
    }
  }
}, 60_000)
afterAll(async () => {
  for (const reader of readers) reader.close()
  await stage.close()
})

function at(minute: number): string {
  return new Date(startMs + minute * MINUTE_MS).toISOString()
}

function base(): string {
  return `http://127.0.0.1:${stage.running.httpPort}`
}

async function open(who: string, query = ''): Promise<LiveReader> {
  const reader = await LiveReader.open(base(), keys.get(who) ?? stage.key, query)
  readers.push(reader)
  return reader
}

async function post(path: string, body: object): Promise<Record<string, unknown>> {
  const answer = await fetch(`${base()}/api/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stage.key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
  return (await answer.json()) as Record<string, unknown>
}

/** Publishes readings [minute, degrees] of a sensor, each as a record that is acknowledged. */
async function send(
  who: string,
  sensor: string,
  rows: readonly (readonly [number, number])[],
): Promise<void> {
  const client = await stage.connect({ username: `${who}-logger`, password: secrets.get(who) ?? '' })
  for (const [minute, temperature] of rows) {
    seq += 1
    const payload = JSON.stringify({ at: at(minute), seq, sensor, temperature, battery: 88 })
    await client.publishAsync(`isotherm/v1/${who}-logger/readings`, payload, { qos: 1 })
  }
  await client.endAsync()
}

test('a stream shows what is there, a reading that comes, and a finding that opens and ends', {
  timeout: 60_000,
}, async () => {
  await send('yixin', 'a', [[0, 5]])
  const early = await open('yixin')
  await early.until(({ points }) => points.get('yixin-logger/a')?.['temperature'] === 5)
  const reader = await open('yixin')
  const foreign = await open('kangda')
  const all = await open('administrator')
  await reader.until(({ snapshots }) => snapshots === 1)
  expect(reader.header('content-type')).toBe('text/event-stream; charset=utf-8')
  expect(reader.header('cache-control')).toBe('no-store')
  expect(reader.header('x-accel-buffering')).toBe('no')
  expect(reader.header('x-content-type-options')).toBe('nosniff')
  const shown = {
    site: 'yixin-depot',
    place: 'yixin-room',
    point: 'yixin-a',
    standing: 'judged',
    sensor: 'yixin-logger/a',
    t: at(0),
    receivedAt: expect.stringMatching(/Z$/) as string,
    temperature: 5,
    battery: 88,
    expectedIntervalSeconds: 300,
    fault: null,
    faultAt: null,
  }
  expect(reader.named('snapshot')).toEqual([
    { asOf: expect.stringMatching(/Z$/) as string, points: [shown], incidents: [], findings: [], checks: [] },
  ])
  await send('yixin', 'a', [[5, 9]])
  await reader.until(({ points }) => points.get('yixin-logger/a')?.['temperature'] === 9)
  expect(reader.named('reading').at(-1)).toEqual({ ...shown, t: at(5), temperature: 9 })
  await reader.until(({ findings }) => findings.size === 1)
  const [listed] = await stage.items('findings?place=yixin-room')
  expect(reader.named('finding')[0]).toEqual({ ...listed, change: 'opened', replaces: [] })
  await all.until(({ points, findings }) => points.has('yixin-logger/a') && findings.size === 1)
  await send('yixin', 'a', [[10, 6]])
  await reader.until(({ findings }) => findings.size === 0)
  expect(reader.named('finding').at(-1)).toMatchObject({ change: 'closed', open: false, end: at(10) })
  // older than the newest: it changes nothing, and what comes after it is there
  await send('yixin', 'a', [[7, 4]])
  await send('yixin', 'b', [[7, 4]])
  await reader.until(({ points }) => points.has('yixin-logger/b'))
  expect(reader.memory.points.get('yixin-logger/a')).toMatchObject({ t: at(10), temperature: 6 })
  expect(foreign.events.filter(({ event }) => event !== 'heartbeat')).toMatchObject([
    { event: 'snapshot', data: { points: [], findings: [] } },
  ])
  expect((await open('yixin', '?place=yixin-room&site=yixin-depot')).ended).toBe(false)
  await expect(open('kangda', '?place=yixin-room')).rejects.toThrow(/404.*not-found/)
  await expect(open('kangda', '?site=nowhere')).rejects.toThrow(/404.*not-found/)
})

test('a correction of a placement moves the value to the other point', { timeout: 30_000 }, async () => {
  await send('kangda', 'a', [[20, 5]])
  const reader = await open('kangda')
  await reader.until(({ points }) => points.get('kangda-logger/a')?.['point'] === 'kangda-a')
  const correction = { device: 'kangda-logger', sensor: 'b', at: at(20), to: at(10), reason }
  await post('placements/correct', correction)
  await post('placements/correct', { ...correction, sensor: 'a', to: null, point: 'kangda-b', from: at(15) })
  await reader.until(({ points }) => points.get('kangda-logger/a')?.['point'] === 'kangda-b')
  await post('placements/correct', { ...correction, sensor: 'a', at: at(20), to: at(18) })
  // placed nowhere at its time: still shown, at the site of its device
  await reader.until(({ points }) => points.get('kangda-logger/a')?.['point'] === null)
  expect(reader.memory.points.get('kangda-logger/a')).toMatchObject({ site: 'kangda-depot', place: null })
})

test('a stream ends when its key is revoked, and when its session ends', { timeout: 30_000 }, async () => {
  const { secret, id } = await post('keys', { name: 'short', organisation: 'yixin', role: 'viewer' })
  keys.set('short', String(secret))
  const reader = await open('short')
  const other = await open('yixin')
  await reader.until(({ snapshots }) => snapshots === 1)
  await post(`keys/${String(id)}/revoke`, { reason })
  await reader.untilEnded()
  await expect(open('short')).rejects.toThrow(/401/)
  expect(other.ended).toBe(false)
  const login = await fetch(`${base()}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'only-for-tests-1' }),
  })
  const cookie = (login.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  const stream = await fetch(`${base()}/api/v1/live`, { headers: { cookie } })
  expect(stream.status).toBe(200)
  await fetch(`${base()}/api/v1/logout`, { method: 'POST', headers: { cookie } })
  expect(await stream.text()).toContain('event: snapshot')
})

test('a reader that does not read holds up nobody', { timeout: 60_000 }, async () => {
  const socket = connect(stage.running.httpPort, '127.0.0.1')
  socket.pause()
  socket.write(`GET /api/v1/live HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${stage.key}\r\n\r\n`)
  const reader = await open('yixin')
  const client = await stage.connect({ username: 'yixin-logger', password: secrets.get('yixin') ?? '' })
  for (let round = 0; round < 6; round += 1) {
    seq += 1
    const reading = { at: Date.now(), seq, temperature: round }
    const sensors = Array.from({ length: 60 }, (_each, index) => ({ ...reading, sensor: `s${index}` }))
    await client.publishAsync('isotherm/v1/yixin-logger/readings', JSON.stringify(sensors), { qos: 1 })
    await reader.until(({ points }) => points.get('yixin-logger/s59')?.['temperature'] === round)
  }
  await client.endAsync()
  expect(reader.memory.snapshots).toBe(1)
  socket.destroy()
})

test('after kill -9 and a restart a stream begins with a fresh snapshot', { timeout: 60_000 }, async () => {
  const reader = await open('yixin')
  await reader.until(({ points }) => points.size >= 2)
  const before = new Map(reader.memory.points)
  await stage.running.kill()
  await reader.untilEnded()
  await stage.restart()
  const again = await open('yixin')
  await again.until(({ snapshots }) => snapshots === 1)
  expect(again.memory.points).toEqual(before)
})

test('stopping with open streams is quick and clean', { timeout: 30_000 }, async () => {
  const reader = await open('yixin')
  await reader.until(({ snapshots }) => snapshots === 1)
  const started = performance.now()
  expect(await stage.running.stop()).toBe(0)
  expect(performance.now() - started).toBeLessThan(5_000)
  await reader.untilEnded()
})
