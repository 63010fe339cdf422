import { afterAll, beforeAll, expect, test } from 'vitest'
import type { QueryPort } from '../../store/index.ts'
import { codeOf, openStage, peopleTheStage, type Stage } from './stage.ts'

const NOW_MS = Date.UTC(2026, 10, 23, 8)
const DAY_MS = 86_400_000
/** Not how any of our code would write it, so that it can only have been passed on. */
const BYTES = new TextEncoder().encode('{ "items" : [ ],   "next":null}')

let stage: Stage
let asked: unknown[]
let city: { cookie: string }
let all: { cookie: string }
beforeAll(async () => {
  const queries: QueryPort = {
    query: async (name, input) => {
      asked.push([name, input])
      return BYTES
    },
  }
  stage = await openStage({ queries })
  await peopleTheStage(stage)
  city = (await stage.user('reader', 'city', 'viewer')).headers
  all = (await stage.user('reader-of-all', 'root', 'viewer')).headers
})
afterAll(() => stage.close())

async function readings(query: Record<string, string>, headers: object = city) {
  asked = []
  const answer = await stage.app.inject({ url: '/api/v1/readings', query, headers: { ...headers } })
  return { answer, asked }
}

const main = { by: 'sensor', device: 'city-device', sensor: 'main' }

test('a device alone means its main sensor, no period the last 24 hours; the bytes go out as they are', async () => {
  const { answer, asked } = await readings({ sensor: 'city-device' })
  expect(asked).toEqual([
    [
      'readings',
      { selection: main, period: { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS }, limit: 100, scopes: ['city'] },
    ],
  ])
  expect(Buffer.compare(answer.rawPayload, BYTES)).toBe(0)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
})

test('period, limit and cursor are passed on', async () => {
  const { asked } = await readings({
    sensor: 'city-device/probe.2',
    from: '2026-11-01T00:00:00+08:00',
    to: '1795401600000',
    limit: '1000',
    after: 'abc',
  })
  expect(asked).toEqual([
    [
      'readings',
      {
        selection: { by: 'sensor', device: 'city-device', sensor: 'probe.2' },
        period: { fromMs: Date.UTC(2026, 9, 31, 16), toMs: 1_795_401_600_000 },
        limit: 1000,
        after: 'abc',
        scopes: ['city'],
      },
    ],
  ])
})

test('with step come buckets, of temperature unless told otherwise', async () => {
  const period = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS }
  const buckets = async (query: Record<string, string>) =>
    (await readings({ sensor: 'city-device', ...query })).asked
  const input = { selection: main, period, scopes: ['city'] }
  expect(await buckets({ step: '5m' })).toEqual([
    ['readings.buckets', { ...input, stepMs: 300_000, quantity: 'temperature' }],
  ])
  expect(await buckets({ step: '60000', quantity: 'humidity' })).toEqual([
    ['readings.buckets', { ...input, stepMs: 60_000, quantity: 'humidity' }],
  ])
})

test('readings of sensors placed nowhere span all organisations: for roles on root alone', async () => {
  const period = { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS }
  expect((await readings({ point: 'none' }, all)).asked).toEqual([
    ['readings', { selection: { by: 'point', point: 'none' }, period, limit: 100, scopes: ['root'] }],
  ])
  const { answer, asked } = await readings({ point: 'none' })
  expect([answer.statusCode, asked]).toEqual([403, []])
})

test.each([
  [{}, 'exactly one of them'],
  [{ sensor: 'city-device', point: 'none' }, 'exactly one of them'],
  [{ point: 'p/1' }, 'query.point'],
  [{ sensor: 'a/b/c' }, 'query.sensor'],
  [{ sensor: 'city-device', from: 'x' }, 'from is not a time'],
  [
    { sensor: 'city-device', from: '2026-11-23T00:00:00+08:00', to: '2026-11-22T16:00:00Z' },
    'period is empty',
  ],
  [{ sensor: 'city-device', step: '0' }, 'step is not a length of time'],
  [{ sensor: 'city-device', step: '1h', limit: '5' }, 'step does not go with limit or after'],
  [{ sensor: 'city-device', quantity: 'humidity' }, 'quantity needs step'],
  [{ sensor: 'city-device', step: '1h', quantity: 'doorOpen' }, 'query.quantity'],
])('%j is refused before anything is asked', async (query, detail) => {
  const { answer, asked } = await readings(query, all)
  expect([answer.statusCode, codeOf(answer), asked]).toEqual([400, 'bad-request', []])
  expect(answer.json<{ detail: string }>().detail).toContain(detail)
})

test('filters of lists are passed on with the scopes of the right', async () => {
  const ask = async (url: string) => {
    asked = []
    await stage.app.inject({ url: `/api/v1/${url}`, headers: city })
    return asked
  }
  const page = { scopes: ['city'], limit: 100 }
  expect(await ask('sites?organisation=clinic')).toEqual([['sites', { ...page, organisation: 'clinic' }]])
  expect(await ask('devices?site=s&limit=7&after=c')).toEqual([
    ['devices', { ...page, limit: 7, after: 'c', site: 's' }],
  ])
  expect(await ask('sensors?device=d')).toEqual([['sensors', { ...page, device: 'd' }]])
  const { headers } = await stage.user('reader-admin', 'clinic', 'administrator')
  asked = []
  await stage.app.inject({ url: '/api/v1/held?device=d&reason=no-time', headers })
  await stage.app.inject({ url: '/api/v1/refusals?device=d', headers })
  expect(asked).toEqual([
    ['held', { scopes: ['clinic'], limit: 100, device: 'd', reason: 'no-time' }],
    ['refusals', { scopes: ['clinic'], limit: 100, device: 'd' }],
  ])
})
