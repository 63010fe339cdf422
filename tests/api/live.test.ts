import { get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UNSENT_BYTES_MAX } from '../../api/index.ts'
import type { ToldFindingChange } from '../../app/link/protocol.ts'
import type { Finding } from '../../domain/index.ts'
import type { LatestRow } from '../../store/index.ts'
import { waitFor } from '../support/isotherm.ts'
import { LiveMemory, LiveParser, LiveReader } from '../support/live-reader.ts'
import { findingOf } from './operations-places.ts'
import { codeOf, openStage, organisations, peopleTheStage, type Stage } from './stage.ts'

let stage: Stage
let base: string
let key: string
beforeEach(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await stage.app.listen({ host: '127.0.0.1', port: 0 })
  base = `http://127.0.0.1:${(stage.app.server.address() as AddressInfo).port}`
  const made = await stage.command('key.create', { name: 'all', organisation: 'root', role: 'viewer' })
  key = made.secret
})
afterEach(() => stage.close())

/** Newest rows of 500 sensors, all with this temperature. */
function rows(round: number): LatestRow[] {
  return Array.from({ length: 500 }, (_each, index) => ({
    series: index,
    device: `device-${index}`,
    sensor: 'main',
    tMs: round,
    sub: 0,
    seq: null,
    receivedAtMs: round,
    values: { temperatureMilliC: round },
    faultMs: null,
    earlier: null,
  }))
}

test('a reader that does not read costs no more than its bound, holds up nobody, and catches up', {
  timeout: 60_000,
}, async () => {
  stage.tell({ part: 'readings', rows: rows(0) })
  const answered = Promise.withResolvers<IncomingMessage>()
  const request = get(
    `${base}/api/v1/live`,
    { headers: { authorization: `Bearer ${key}` } },
    answered.resolve,
  )
  const slow = await answered.promise
  const quick = await LiveReader.open(base, key)
  await quick.until(({ snapshots }) => snapshots === 1)
  const snapshotBytes = JSON.stringify(quick.named('snapshot')).length
  let round = 0
  while (stage.live.stats().dropped < 5_000) {
    round += 1
    if (round > 500) throw new Error('the kernel takes everything')
    stage.tell({ part: 'readings', rows: rows(round) })
    // headers, and what frames a chunk
    expect(stage.live.stats().unsentBytes).toBeLessThan(2 * (UNSENT_BYTES_MAX + snapshotBytes + 10_000))
    await quick.until(({ points }) => points.get('device-499/main')?.['temperature'] === round / 1_000)
  }
  expect(quick.memory.snapshots).toBe(1)
  expect(stage.live.stats().streams).toBe(2)
  const parser = new LiveParser()
  const memory = new LiveMemory()
  slow.setEncoding('utf8')
  slow.on('data', (text: string) => {
    for (const event of parser.take(text)) memory.take(event)
  })
  await waitFor(() => memory.points.get('device-499/main')?.['temperature'] === round / 1_000, 10_000)
  expect([...memory.points]).toEqual([...quick.memory.points])
  expect(memory.snapshots).toBe(2)
  request.destroy()
  quick.close()
  await waitFor(() => stage.live.stats().streams === 0, 5_000)
})

test('stopping waits for nobody, also not for a reader that does not read', async () => {
  const answered = Promise.withResolvers<IncomingMessage>()
  get(`${base}/api/v1/live`, { headers: { authorization: `Bearer ${key}` } }, answered.resolve)
  const slow = await answered.promise
  slow.on('error', () => undefined)
  for (let round = 0; stage.live.stats().unsentBytes === 0; round += 1) {
    stage.tell({ part: 'readings', rows: rows(round) })
    await new Promise(setImmediate)
    if (round > 500) throw new Error('the kernel takes everything')
  }
  const startedMs = performance.now()
  await stage.app.close()
  expect(performance.now() - startedMs).toBeLessThan(1_000)
})

test('only streams are counted against a limit, and the next one is refused with a remedy', async () => {
  const { headers } = await stage.user('board', 'city', 'viewer')
  const streams: LiveReader[] = []
  const asked = { url: '/api/v1/live', headers }
  for (let count = 0; count < 50; count += 1) streams.push(await LiveReader.open(base, key))
  const refused = await stage.app.inject({ url: '/api/v1/live', headers: { authorization: `Bearer ${key}` } })
  expect([refused.statusCode, codeOf(refused)]).toEqual([429, 'too-many-requests'])
  expect(refused.json()).toMatchObject({ remedy: expect.stringContaining('Close a page') as string })
  expect((await stage.app.inject({ ...asked, query: { follow: 'false' } })).statusCode).toBe(200)
  streams[0]?.close()
  await waitFor(() => stage.live.stats().streams === 49, 5_000)
  streams.push(await LiveReader.open(base, key))
  for (const each of streams) each.close()
})

test('the snapshot alone is an answer that ends, filtered by scope, site and place', async () => {
  for (const organisation of organisations) {
    const [first] = rows(1)
    if (first !== undefined)
      stage.tell({ part: 'readings', rows: [{ ...first, device: `${organisation}-device` }] })
  }
  const { headers } = await stage.user('city-viewer', 'city', 'viewer')
  const shown = async (query: Record<string, string>) => {
    const answer = await stage.app.inject({
      url: '/api/v1/live',
      headers,
      query: { follow: 'false', ...query },
    })
    const [event] = new LiveParser().take(answer.body)
    const points = (event?.data['points'] ?? []) as { sensor: string; point: unknown; site: string }[]
    return [answer.statusCode, points.map(({ sensor, point, site }) => [sensor, point, site])]
  }
  const city = ['city-device/main', null, 'city-site']
  const clinic = ['clinic-device/main', null, 'clinic-site']
  expect(await shown({})).toEqual([200, [city, clinic]])
  expect(await shown({ site: 'clinic-site' })).toEqual([200, [clinic]])
  expect(await shown({ site: 'other-site' })).toEqual([404, []])
  expect(await shown({ place: 'nowhere' })).toEqual([404, []])
  expect(await shown({ plaice: 'x' })).toEqual([400, []])
})

test('a core that begins anew gives every stream a fresh snapshot, in which nothing old is left', async () => {
  stage.tell({ part: 'readings', rows: rows(1) })
  const reader = await LiveReader.open(base, key)
  await reader.until(({ points }) => points.size === 500)
  stage.tell({ part: 'begin' })
  stage.tell({ part: 'readings', rows: rows(2).slice(0, 3) })
  // what is there is shown until all of the new is known
  const { headers } = await stage.user('all-viewer', 'root', 'viewer')
  const asked = { url: '/api/v1/live', headers, query: { follow: 'false' } }
  expect((await stage.app.inject(asked)).body.match(/"sensor"/g)).toHaveLength(500)
  stage.tell({ part: 'end' })
  await reader.until(({ snapshots }) => snapshots === 2)
  expect([...reader.memory.points.values()].map(({ temperature }) => temperature)).toEqual([
    0.002, 0.002, 0.002,
  ])
  reader.close()
})

test('a finding that stands for others takes their place, one that is over is told a last time', async () => {
  const reader = await LiveReader.open(base, key)
  const opened = change('a', 'opened')
  stage.tell({ part: 'changes', changes: [opened] })
  stage.tell({
    part: 'changes',
    changes: [{ ...change('b', 'replaced'), replaces: ['a'] }, change('c', 'opened')],
  })
  await reader.until(({ findings }) => findings.has('c'))
  expect([...reader.memory.findings.keys()]).toEqual(['b', 'c'])
  expect(reader.named('finding')[1]).toMatchObject({ id: 'b', change: 'replaced', replaces: ['a'] })
  stage.tell({ part: 'changes', changes: [{ ...change('b', 'withdrawn'), stands: false }] })
  stage.tell({ part: 'changes', changes: [change('d', 'opened', false)] })
  await reader.until(({ findings }) => !findings.has('b'))
  await waitFor(() => reader.named('gone').length === 3, 5_000)
  expect([...reader.memory.findings.keys()]).toEqual(['c'])
  expect(reader.named('finding').map(({ id, change: what }) => [id, what])).toEqual([
    ['a', 'opened'],
    ['b', 'replaced'],
    ['c', 'opened'],
    ['b', 'withdrawn'],
    ['d', 'opened'],
  ])
  reader.close()
})

/** A change of a finding as the core tells it. */
function change(id: string, kind: ToldFindingChange['kind'], open = true): ToldFindingChange {
  const finding: Finding = { ...findingOf('city', 0), id, open }
  return { kind, judged: { finding, asOfMs: 0 }, stands: true, replaces: [] }
}

test('HEAD has no stream to show', async () => {
  const headers = { authorization: `Bearer ${key}` }
  const answer = await stage.app.inject({ method: 'HEAD', url: '/api/v1/live', headers })
  expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'GET'])
})

test('a stream whose role is taken away ends, one whose role becomes smaller begins anew', async () => {
  const { id, secret } = await narrowUser()
  const answer = await fetch(`${base}/api/v1/live`, { headers: { cookie: secret } })
  const parser = new LiveParser()
  const seen: unknown[] = []
  const read = (async () => {
    for await (const chunk of answer.body ?? []) {
      for (const { event, data } of parser.take(Buffer.from(chunk as Uint8Array).toString())) {
        seen.push([event, (data['points'] as unknown[]).length])
      }
    }
  })()
  await waitFor(() => seen.length === 1, 5_000)
  await stage.command('user.revoke-grant', { id, organisation: 'other', role: 'viewer', reason: 'moved' })
  await waitFor(() => seen.length === 2, 5_000)
  await stage.command('user.revoke-grant', { id, organisation: 'city', role: 'viewer', reason: 'left' })
  await read
  expect(seen).toEqual([
    ['snapshot', 2],
    ['snapshot', 1],
  ])
})

/** A viewer of two organisations that have a reading each. */
async function narrowUser(): Promise<{ readonly id: string; readonly secret: string }> {
  for (const organisation of ['city', 'other']) {
    const [first] = rows(1)
    if (first !== undefined)
      stage.tell({ part: 'readings', rows: [{ ...first, device: `${organisation}-device` }] })
  }
  const { id, headers } = await stage.user('narrow', 'city', 'viewer')
  await stage.command('user.grant', { id, organisation: 'other', role: 'viewer' })
  return { id, secret: headers.cookie }
}
