import type { InjectOptions } from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ProblemDocument, publicAccess } from '../../api/index.ts'
import { Problem, problemStatus } from '../../domain/index.ts'
import { codeOf, openStage, peopleTheStage, type Stage } from './stage.ts'

let stage: Stage
let headers: { cookie: string }
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  stage.app.get('/fails/:how', { config: { access: publicAccess } }, (request) => {
    throw failures[(request.params as { how: string }).how] as Error
  })
  headers = (await stage.user('root-admin', 'root', 'administrator')).headers
})
afterAll(() => stage.close())

const failures: Readonly<Record<string, unknown>> = {
  bug: new TypeError("cannot read 'x' of /srv/secret.sqlite"),
  text: 'a string /srv/secret.sqlite',
  damaged: new Problem('store-damaged', {
    what: 'Page 7 of /srv/secret.sqlite is torn.',
    remedy: 'Restore it.',
  }),
  busy: new Problem('core-unavailable', { what: 'The core restarts.', remedy: 'Wait a moment.' }),
  teapot: Object.assign(new Error('short and stout'), { statusCode: 418 }),
}

const device = { id: 'p1', site: 'city-site' }
const json = { 'content-type': 'application/json' }
const cases: readonly (readonly [string, InjectOptions, keyof typeof problemStatus, string])[] = [
  ['nothing there', { url: '/api/v1/nothing' }, 'not-found', 'There is nothing at this address.'],
  [
    'an address that does not decode',
    { url: '/api/v1/devices/%zz' },
    'not-found',
    'There is nothing at this address.',
  ],
  [
    'another method',
    { method: 'DELETE', url: '/api/v1/devices/x' },
    'method-not-allowed',
    'DELETE does not exist at this address.',
  ],
  [
    'OPTIONS',
    { method: 'OPTIONS', url: '/api/v1/login' },
    'method-not-allowed',
    'OPTIONS does not exist at this address.',
  ],
  [
    'nobody signed in',
    { url: '/api/v1/me', headers: { cookie: '' } },
    'not-signed-in',
    'Nobody is signed in: no session or API key, or one that has ended.',
  ],
  ['a query out of range', { url: '/api/v1/sites?limit=0' }, 'bad-request', 'query.limit must be >= 1.'],
  ['a query too large', { url: '/api/v1/sites?limit=1001' }, 'bad-request', 'query.limit must be <= 1000.'],
  [
    'a query of the wrong type',
    { url: '/api/v1/sites?limit=many' },
    'bad-request',
    'query.limit must be integer.',
  ],
  ['a query twice', { url: '/api/v1/sites?limit=1&limit=2' }, 'bad-request', 'query.limit must be integer.'],
  [
    'an unknown query',
    { url: '/api/v1/sites?organization=city' },
    'bad-request',
    'query.organization is not known here.',
  ],
  [
    'an unknown reason',
    { url: '/api/v1/held?reason=bored' },
    'bad-request',
    'query.reason must be equal to one of the allowed values.',
  ],
  [
    'a bad cursor',
    { url: '/api/v1/held?after=x' },
    'bad-request',
    'after is "x", which no page has answered as next.',
  ],
  [
    'a path out of the alphabet',
    { url: '/api/v1/devices/a%2Fb' },
    'bad-request',
    'path.id must match pattern "^[A-Za-z0-9._-]{1,64}$".',
  ],
  [
    'a member missing',
    { method: 'POST', url: '/api/v1/devices', payload: { id: 'x' } },
    'bad-request',
    'body must have required properties site.',
  ],
  [
    'a member misspelt',
    { method: 'POST', url: '/api/v1/devices', payload: { ...device, accept_from: 1 } },
    'bad-request',
    'body.accept_from is not known here.',
  ],
  [
    'a member of the wrong type',
    { method: 'POST', url: '/api/v1/devices', payload: { ...device, id: 7 } },
    'bad-request',
    'body.id must be string.',
  ],
  [
    'a time that is none',
    { method: 'POST', url: '/api/v1/devices', payload: { ...device, acceptFrom: 'monday' } },
    'bad-request',
    'acceptFrom is not a time.',
  ],
  ['no body', { method: 'POST', url: '/api/v1/devices' }, 'bad-request', 'body must be object.'],
  [
    'an empty body',
    { method: 'POST', url: '/api/v1/devices', headers: json },
    'bad-request',
    'The body is empty.',
  ],
  [
    'a body that is no JSON',
    { method: 'POST', url: '/api/v1/devices', payload: '{"id":', headers: json },
    'bad-request',
    'The body is not JSON, or it has a member named __proto__ or constructor.prototype.',
  ],
  [
    'a body that is not declared JSON',
    { method: 'POST', url: '/api/v1/devices', payload: '{}', headers: { 'content-type': 'text/plain' } },
    'unsupported-media-type',
    'The body is not declared to be JSON.',
  ],
  [
    'a body too large',
    { method: 'POST', url: '/api/v1/devices', payload: { ...device, label: 'x'.repeat(16_384) } },
    'payload-too-large',
    'The body of the request is larger than this address takes.',
  ],
  [
    'taken already',
    { method: 'POST', url: '/api/v1/devices', payload: { ...device, id: 'city-device' } },
    'already-exists',
    'There is or was a device city-device already.',
  ],
  [
    'simulated in a real organisation',
    { method: 'POST', url: '/api/v1/devices', payload: { ...device, kind: 'simulated' } },
    'demo-only',
    'Device p1 is simulated, but city is real.',
  ],
  ['a bug', { url: '/fails/bug' }, 'internal', 'The server met a fault of its own; its log tells more.'],
  [
    'something thrown that is no error',
    { url: '/fails/text' },
    'internal',
    'The server met a fault of its own; its log tells more.',
  ],
  [
    'damage',
    { url: '/fails/damaged' },
    'store-damaged',
    'The server met a fault of its own; its log tells more.',
  ],
  ['no core', { url: '/fails/busy' }, 'core-unavailable', 'The core restarts.'],
  ['an error of a plugin', { url: '/fails/teapot' }, 'bad-request', 'The request cannot be understood.'],
]

test.each(cases)('%s', async (_name, request, code, detail) => {
  const answer = await stage.app.inject({ ...request, headers: { ...headers, ...request.headers } })
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  const { title, remedy, ...document } = answer.json<ProblemDocument>()
  expect(title).toMatch(/^[A-Z][a-z ]+$/)
  expect(remedy).toMatch(/^[A-Z].{4,}\.$/)
  expect(document).toEqual({
    type: `urn:isotherm:problem:${code}`,
    status: problemStatus[code],
    detail,
    code,
    instance: `urn:isotherm:request:${String(answer.headers['x-request-id'])}`,
  })
  expect(answer.statusCode).toBe(problemStatus[code])
})

test('405 names the methods there are', async () => {
  const answer = await stage.app.inject({ method: 'PUT', url: '/api/v1/devices/x?y=/z' })
  expect(answer.headers.allow).toBe('GET, HEAD, PATCH')
})

test('what leaks nowhere is in the log, under the id the answer names', async () => {
  const answer = await stage.app.inject('/fails/bug')
  expect(answer.body).not.toContain('secret')
  const id = answer.headers['x-request-id']
  const line = stage.lines.find(({ level, fields }) => level === 'error' && fields['request'] === id)
  expect(line?.fields).toMatchObject({ code: 'internal', cause: "cannot read 'x' of /srv/secret.sqlite" })
})

test('the log has no secrets, payloads or names of those who try', async () => {
  const payload = { username: 'my-password-by-mistake', password: 'my password' }
  await stage.app.inject({ method: 'POST', url: '/api/v1/login', payload })
  await stage.app.inject({ url: '/api/v1/me', headers: { authorization: 'Bearer isk_some-secret' } })
  await stage.app.inject({ url: '/api/v1/sites?after=in-the-query' })
  const written = JSON.stringify(stage.lines)
  for (const word of [
    'my-password',
    'my password',
    'some-secret',
    'in-the-query',
    headers.cookie.split('=')[1],
  ]) {
    expect(written).not.toContain(word)
  }
})

test('a well-formed request id of the caller is kept, in the answer, in the problem and in every line', async () => {
  const id = '4bf92f35-77b3_4da6.a3ce929d0e0e4736'
  const answer = await stage.app.inject({ url: '/fails/bug', headers: { 'x-request-id': id } })
  expect(answer.headers['x-request-id']).toBe(id)
  expect(answer.json()).toMatchObject({ instance: `urn:isotherm:request:${id}` })
  const said = stage.lines.filter(({ fields }) => fields['request'] === id).map(({ level }) => level)
  expect(said).toEqual(['error', 'debug'])
  const refused = { url: '/api/v1/ingest/readings', method: 'POST', payload: '{}' } as const
  const json = { 'content-type': 'application/json', 'x-request-id': id }
  expect((await stage.app.inject({ ...refused, headers: json })).statusCode).toBe(401)
  const line = stage.lines.find(({ message }) => message === 'readings refused')
  expect(line?.fields['request']).toBe(id)
})

test.each(['', 'mine', '-leading', 'a'.repeat(65), 'two words here', 'a"b"c"d"e', '请求-请求-请求-请求'])(
  'a request id of the caller like %j is not kept',
  async (id) => {
    const ask = () => stage.app.inject({ url: '/healthz', headers: { 'x-request-id': id, 'request-id': id } })
    const ids = [await ask(), await ask()].map((answer) => answer.headers['x-request-id'])
    expect(new Set(ids).size).toBe(2)
    expect(ids).not.toContain(id)
  },
)

test('not ready is a problem that names the parts', async () => {
  const starting = await openStage({
    health: () => ({ ready: false, parts: { core: 'not connected', journal: 'open' } }),
  })
  const answer = await starting.app.inject('/readyz')
  expect(answer.json()).toMatchObject({ status: 503, detail: 'Not ready: core not connected, journal open.' })
  expect((await starting.app.inject('/healthz')).json()).toEqual({ status: 'ok' })
  await starting.close()
})

test('an address that asks too often is told to wait, health excepted', async () => {
  const busy = await openStage()
  let answer = await busy.app.inject('/api/v1/nothing')
  for (let asked = 1; asked <= 6_000; asked += 1) answer = await busy.app.inject('/api/v1/nothing')
  expect([answer.statusCode, codeOf(answer)]).toEqual([429, 'too-many-requests'])
  expect(answer.json<ProblemDocument>().remedy).toMatch(/^Wait .+Retry-After/)
  expect((await busy.app.inject('/healthz')).statusCode).toBe(200)
  await busy.close()
})
