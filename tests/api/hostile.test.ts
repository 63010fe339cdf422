import { connect } from 'node:net'
import type { AddressInfo } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { problemStatus } from '../../domain/index.ts'
import { openStage, peopleTheStage, type Stage } from './stage.ts'

let stage: Stage
let port: number
let headers: { cookie: string }
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  headers = (await stage.user('victim', 'root', 'administrator')).headers
  await stage.app.listen({ host: '127.0.0.1', port: 0 })
  port = (stage.app.server.address() as AddressInfo).port
})
afterAll(() => stage.close())

function postRaw(url: string, payload: string) {
  const type = { 'content-type': 'application/json' }
  return stage.app.inject({ method: 'POST', url, payload, headers: { ...headers, ...type } })
}

test.each(['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '...'])(
  'a thing named %s is not found, and nothing breaks',
  async (name) => {
    for (const url of [`/api/v1/devices/${encodeURIComponent(name)}`, `/api/v1/readings?sensor=${name}`]) {
      const { statusCode } = await stage.app.inject({ url, headers })
      expect([url, statusCode]).toEqual([url, 404])
    }
    const one = await postRaw(`/api/v1/users/${encodeURIComponent(name)}/deactivate`, '{"reason":"x"}')
    expect(one.statusCode).toBe(404)
  },
)

test.each([
  ['/api/v1/devices', '{"id":"h","site":"city-site","__proto__":{"kind":"simulated"}}'],
  ['/api/v1/devices', '{"id":"h","site":"city-site","constructor":{"prototype":{"x":1}}}'],
  ['/api/v1/devices', '{"id":"h","site":"city-site","toString":"x"}'],
  ['/api/v1/devices', '{"id":"h","site":{"$gt":""}}'],
  ['/api/v1/devices', '{"id":["h"],"site":"city-site"}'],
  ['/api/v1/devices', '{"id":"h\\u0000","site":"city-site"}'],
  ['/api/v1/devices', '{"id":"root\\n","site":"city-site"}'],
  ['/api/v1/devices', '{"id":"h","site":"city-site","acceptFrom":1e400}'],
  ['/api/v1/devices', '{"id":"h","site":"city-site","expectedIntervalSeconds":1e-9}'],
  ['/api/v1/devices', 'null'],
  ['/api/v1/devices', '[]'],
  ['/api/v1/devices', `${'['.repeat(8_000)}${']'.repeat(8_000)}`],
  ['/api/v1/devices', `${'{"id":'.repeat(2_000)}1${'}'.repeat(2_000)}`],
  ['/api/v1/login', '{"username":"victim","password":{"length":9}}'],
  ['/api/v1/login', `{"username":"victim","password":"${'x'.repeat(201)}"}`],
  ['/api/v1/organisations', '{"id":"root","kind":"cdc","name":"x"}'],
  ['/api/v1/organisations', '{"id":"h","kind":"toString","name":"x"}'],
  ['/api/v1/sites', '{"id":"h","organisation":"city","name":"x","zone":"../../etc/localtime"}'],
  ['/api/v1/keys', '{"name":"\\u0007","organisation":"city","role":"viewer"}'],
])('%s refuses %s as a bad request', async (url, payload) => {
  const answer = await postRaw(url, payload)
  expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([400, 'bad-request'])
})

test('a query of many names and a very long one are refused, quickly', async () => {
  const many = Array.from({ length: 1_500 }, (_, at) => `a${at}=1`).join('&')
  for (const query of [many, `after=${'x'.repeat(10_000)}`, `limit=${'9'.repeat(10_000)}`]) {
    const started = performance.now()
    const answer = await stage.app.inject({ url: `/api/v1/sites?${query}`, headers })
    expect(answer.statusCode).toBe(400)
    expect(answer.body.length).toBeLessThan(1_000)
    expect(performance.now() - started).toBeLessThan(1_000)
  }
})

test('any query, path and header gets an answer of ours, never a fault', async () => {
  const odd = fc.oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('%', '%00', '__proto__', '..%2f', '🌡'),
  )
  await fc.assert(
    fc.asyncProperty(odd, odd, odd, async (path, name, value) => {
      const query = `${encodeURI(name.toWellFormed())}=${encodeURIComponent(value.toWellFormed())}`
      const url = `/api/v1/devices/${encodeURI(path.toWellFormed())}?${query}`
      const authorization = `Bearer ${encodeURIComponent(value.toWellFormed())}`
      for (const given of [headers, { authorization }]) {
        const answer = await stage.app.inject({ url, headers: given })
        expect(answer.statusCode).toBeLessThan(500)
        const problem = answer.json<{ code?: keyof typeof problemStatus; remedy?: string }>()
        // a success would mean that the generator found a name there is
        expect(answer.statusCode).toBe(problemStatus[problem.code ?? 'internal'])
        expect(problem.remedy).not.toBe('')
      }
    }),
    { numRuns: 60 },
  )
})

/** What the server sends on one connection that says `text`, until it closes. */
function say(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    let heard = ''
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => (heard += chunk))
    socket.on('close', () => resolve(heard))
    socket.on('error', reject)
    socket.write(text)
  })
}

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 'What arrived is not HTTP/1.1.'],
  ['TLS', '\x16\x03\x01\x02\x00\x01\x00', 'What arrived is not HTTP/1.1.'],
  [
    'headers that never end',
    `GET / HTTP/1.1\r\nhost: x\r\ncookie: ${'x'.repeat(20_000)}\r\n\r\n`,
    'The address and headers of the request are too large.',
  ],
  [
    'two lengths, as smugglers send them',
    'POST /api/v1/login HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    'What arrived is not HTTP/1.1.',
  ],
])('%s: a problem, then the connection closes', async (_name, text, detail) => {
  const [head = '', body = ''] = (await say(text)).split('\r\n\r\n')
  expect(head).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/problem\+json\r\n/)
  expect(JSON.parse(body)).toMatchObject({
    code: 'bad-request',
    status: 400,
    detail,
    instance: 'urn:isotherm:request:none',
  })
})

test('the server is as it was', async () => {
  expect(({} as { kind?: string }).kind).toBeUndefined()
  const answer = await stage.app.inject({ url: '/api/v1/devices', headers })
  expect(answer.json<{ items: { id: string }[] }>().items.map((item) => item.id)).toEqual([
    'city-device',
    'clinic-device',
    'other-device',
  ])
})
