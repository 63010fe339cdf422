import { type TSchema, Type } from 'typebox'
import { Value } from 'typebox/value'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { marks } from '../../domain/index.ts'
import { openStage, peopleTheStage, post, type Stage } from './stage.ts'

interface Described {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses: Responses }>>>>
}
type Responses = Readonly<
  Record<string, { readonly content?: Readonly<Record<string, { readonly schema: TSchema }>> }>
>

let stage: Stage
let document: Described
let headers: { cookie: string }
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  storeReadings(stage)
  document = (await stage.app.inject('/openapi.json')).json()
  headers = (await stage.user('looker', 'root', 'administrator')).headers
})
afterAll(() => stage.close())

/** Readings of `city-device`: a plain one, one with every value and a mark, and one of days before. */
function storeReadings({ canonical, clock }: Stage): void {
  const tMs = clock.nowMs() - 60_000
  canonical.transact((tx) => {
    const series = tx.series('city-device', 'main', tMs, 10) ?? -1
    const row = {
      series,
      sub: 0,
      seq: null,
      receivedAtMs: tMs,
      index: 5,
      item: 0,
      marks: 0,
      payloadHash: null,
    }
    tx.insert({ ...row, tMs, atMs: tMs, values: { temperatureMilliC: 4_210 } })
    const sent = { temperatureMilliC: -70_500, humidityMilliPct: 45_200, batteryMilliPct: 88_000 }
    const values = { ...sent, doorOpen: false, mainsPower: true, latE7: 315_000_000, lonE7: 1_203_000_000 }
    const marked = { tMs: tMs + 1_000, sub: 8, seq: 7, atMs: null, index: 6, marks: marks.arrivalTime }
    tx.insert({ ...row, ...marked, values })
    // days before, so that a time and numbers are missing
    const early = { tMs: tMs - 3 * 86_400_000, atMs: tMs - 3 * 86_400_000, index: 4 }
    tx.insert({ ...row, ...early, values: { temperatureMilliC: 4_000 } })
    for (const seq of [3, 7]) tx.putSeqUse('city-device', 0, seq, tMs + seq)
  })
}

function schemaOf(method: string, path: string, status: number): TSchema {
  const content = document.paths[path]?.[method]?.responses[status]?.content
  const schema = content?.['application/json']?.schema
  if (schema === undefined) throw new Error(`${method} ${path} does not describe ${status}`)
  return schema
}

/** The schema with no member beyond those it describes, all the way down. */
function closed(schema: TSchema): TSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) =>
    isObject(value) && isObject(value['properties']) ? { ...value, additionalProperties: false } : value,
  ) as TSchema
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const reads = [
  ['/api/v1/me', ''],
  ['/api/v1/organisations', ''],
  ['/api/v1/sites', ''],
  ['/api/v1/devices', ''],
  ['/api/v1/devices/{id}', ''],
  ['/api/v1/devices/{id}/balance', ''],
  ['/api/v1/devices/{id}/clock', ''],
  ['/api/v1/devices/{id}/gaps', '?kind=seq'],
  ['/api/v1/devices/{id}/gaps', '?kind=time'],
  ['/api/v1/sensors', ''],
  ['/api/v1/held', ''],
  ['/api/v1/refusals', ''],
  ['/api/v1/users', ''],
  ['/api/v1/keys', ''],
  ['/api/v1/readings', '?sensor=city-device'],
  ['/api/v1/readings', '?sensor=city-device&step=1h'],
  ['/api/v1/readings', '?point=none'],
] as const

test.each(reads)(
  '%s%s answers what the document describes, nothing missing and nothing more',
  async (path, query) => {
    const url = path.replace('{id}', 'city-device') + query
    const answer = await stage.app.inject({ url, headers })
    const body: unknown = answer.json()
    expect(answer.statusCode).toBe(200)
    // an empty list would say nothing
    expect(isObject(body) ? body['items'] : body).not.toEqual([])
    expect(Value.Errors(closed(schemaOf('get', path, 200)), body)).toEqual([])
  },
)

test('readings are told in degC, % and degrees, with their times, marks and place in the log', async () => {
  const answer = await stage.app.inject({ url: '/api/v1/readings?sensor=city-device', headers })
  const nowhere = { site: null, place: null, point: null, standing: null }
  const plain = { sensor: 'city-device/main', receivedAt: '2026-11-23T07:59:00.000Z', ...nowhere }
  const full = { humidity: 45.2, battery: 88, doorOpen: false, mainsPower: true, lat: 31.5, lon: 120.3 }
  expect(answer.json()).toEqual({
    items: [
      {
        ...plain,
        t: plain.receivedAt,
        at: plain.receivedAt,
        seq: null,
        temperature: 4.21,
        marks: [],
        position: { log: 'readings', index: 5, item: 0 },
      },
      {
        ...plain,
        ...full,
        t: '2026-11-23T07:59:01.000Z',
        at: null,
        seq: 7,
        temperature: -70.5,
        marks: ['arrivalTime'],
        position: { log: 'readings', index: 6, item: 0 },
      },
    ],
    next: null,
  })
})

test('pages follow each other by next until it is null', async () => {
  const ids: string[] = []
  let after = ''
  for (let page = 0; page < 4; page += 1) {
    const answer = await stage.app.inject({ url: `/api/v1/sites?limit=1${after}`, headers })
    const { items, next } = answer.json<{ items: { id: string }[]; next: string | null }>()
    ids.push(...items.map((site) => site.id))
    if (next === null) break
    after = `&after=${encodeURIComponent(next)}`
  }
  expect(ids).toEqual(['city-site', 'clinic-site', 'other-site'])
})

const creations = [
  [
    'organisations',
    { id: 'new', parent: 'city', kind: 'clinic', name: '新', nameEn: 'New', reason: 'opened' },
  ],
  ['sites', { id: 'new-site', organisation: 'city', name: '新', zone: 'Asia/Shanghai' }],
  [
    'devices',
    {
      id: 'new-device',
      site: 'city-site',
      acceptFrom: 1_793_000_000_000,
      expectedIntervalSeconds: 60,
      label: 'x',
    },
  ],
  ['users', { name: 'new-user', password: 'long enough', organisation: 'city', role: 'keeper' }],
  ['keys', { name: 'new key', organisation: 'root', role: 'viewer' }],
] as const

test.each(creations)('what is created is answered as the list shows it: %s', async (things, payload) => {
  const path = `/api/v1/${things}`
  const created = await post(stage.app, path, payload, headers)
  const answered = created.json<Record<string, unknown>>()
  expect(created.statusCode).toBe(201)
  expect(Value.Errors(closed(schemaOf('post', path, 201)), answered)).toEqual([])
  const { secret, ...item } = answered
  expect(typeof secret).toBe(things === 'devices' || things === 'keys' ? 'string' : 'undefined')
  const list = await stage.app.inject({ url: `${path}?limit=1000`, headers })
  expect(list.json<{ items: object[] }>().items).toContainEqual(item)
})

test('a device is answered alone as the list shows it, and changes show at once', async () => {
  await post(stage.app, '/api/v1/devices', { id: 'changing', site: 'city-site' }, headers)
  const changed = await stage.app.inject({
    method: 'PATCH',
    url: '/api/v1/devices/changing',
    payload: { acceptFrom: '2026-01-01T00:00:00+08:00', reason: 'loaded with old data' },
    headers,
  })
  expect(changed.json()).toMatchObject({ id: 'changing', acceptFrom: '2025-12-31T16:00:00.000Z' })
  const revoked = await post(stage.app, '/api/v1/devices/changing/revoke', { reason: 'stolen' }, headers)
  expect(revoked.json()).toMatchObject({ id: 'changing', state: 'revoked' })
  const one: unknown = (await stage.app.inject({ url: '/api/v1/devices/changing', headers })).json()
  expect(one).toEqual(revoked.json())
  const list = await stage.app.inject({ url: '/api/v1/devices?limit=1000', headers })
  expect(list.json<{ items: unknown[] }>().items).toContainEqual(one)
})

test('below a demonstration everything is one, and devices are simulated, unless told otherwise', async () => {
  const top = { id: 'demo', kind: 'cdc', demo: true, name: '演示' }
  expect((await post(stage.app, '/api/v1/organisations', top, headers)).json()).toMatchObject({ demo: true })
  const below = { id: 'demo-clinic', parent: 'demo', kind: 'clinic', name: '演示' }
  expect((await post(stage.app, '/api/v1/organisations', below, headers)).json()).toMatchObject({
    demo: true,
  })
  const site = { id: 'demo-site', organisation: 'demo-clinic', name: '演示', zone: 'Asia/Shanghai' }
  await post(stage.app, '/api/v1/sites', site, headers)
  const device = await post(stage.app, '/api/v1/devices', { id: 'demo-device', site: 'demo-site' }, headers)
  expect(device.json()).toMatchObject({ kind: 'simulated', demo: true, organisation: 'demo-clinic' })
})

test('a person signs in with the password they were given, and after a change with the new one only', async () => {
  const created = await post(
    stage.app,
    '/api/v1/users',
    { name: 'typist', password: 'first password' },
    headers,
  )
  const { id } = created.json<{ id: string }>()
  const signIn = async (password: string) =>
    (await post(stage.app, '/api/v1/login', { username: 'typist', password })).statusCode
  expect(await signIn('first password')).toBe(200)
  const changed = await post(
    stage.app,
    `/api/v1/users/${id}/password`,
    { password: 'second password' },
    headers,
  )
  expect(changed.json()).toMatchObject({ id, name: 'typist' })
  expect([await signIn('first password'), await signIn('second password')]).toEqual([401, 200])
})

test('a first role needs both organisation and role', async () => {
  const half = { name: 'half', password: 'long enough', organisation: 'city' }
  expect((await post(stage.app, '/api/v1/users', half, headers)).statusCode).toBe(400)
})

test('no answer ever holds a hash', async () => {
  for (const [path, query] of reads) {
    const { body } = await stage.app.inject({ url: path.replace('{id}', 'city-device') + query, headers })
    expect(body).not.toMatch(/sha256|scrypt\$|[0-9a-f]{64}/)
  }
})

test('the schemas of the document close as this test needs them', () => {
  const inner = Type.Object({ a: Type.Array(Type.Object({ b: Type.String() })) })
  expect(Value.Check(closed(inner), { a: [{ b: '', c: 1 }] })).toBe(false)
})
