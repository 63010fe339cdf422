import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Intake } from '../../api/index.ts'
import { decodeRecord, PAYLOAD_BYTES_MAX, Problem } from '../../domain/index.ts'
import { codeOf, openStage, peopleTheStage, type Stage } from './stage.ts'

let stage: Stage
let authorization: string
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  const { secret } = await stage.command('device.create', { id: 'sender', site: 'city-site', kind: 'real' })
  authorization = basic('sender', secret)
})
beforeEach(() => {
  stage.journal.length = 0
  stage.refused.length = 0
})
afterAll(() => stage.close())

function basic(device: string, secret: string): string {
  return `Basic ${Buffer.from(`${device}:${secret}`).toString('base64')}`
}

/** Sends as the device `sender`, or with `headers` as somebody else. */
function send(payload: string | Buffer, headers: object = { authorization }, to: Stage = stage) {
  return to.app.inject({
    method: 'POST',
    url: '/api/v1/ingest/readings',
    payload,
    headers: { 'content-type': 'application/json', ...headers },
  })
}

test('the bytes reach the journal as they came, and the answer names their place', async () => {
  const bytes = Buffer.from([0x7b, 0xff, 0x00, 0x20, 0x7d])
  expect((await send('{"temperature":4.2}')).json()).toEqual({ index: 0 })
  const answer = await send(bytes)
  expect([answer.statusCode, answer.json()]).toEqual([202, { index: 1 }])
  const record = decodeRecord(stage.journal[1] ?? new Uint8Array())
  expect(record).toMatchObject({ deviceId: 'sender', channel: 'http', topic: 'isotherm/v1/sender/readings' })
  expect(Buffer.from(record.payload)).toEqual(bytes)
})

test.each([
  'application/json; charset=utf-8',
  'application/senml+json',
  'Application/JSON',
  'application/vnd.iso-therm.v1+json;a=b',
])('%s is JSON', async (type) => {
  expect((await send('[]', { authorization, 'content-type': type })).statusCode).toBe(202)
})

test.each([
  'text/plain',
  'application/x-www-form-urlencoded',
  'application/cbor',
  'application/jsonx',
  'text/json',
])('%s is not', async (type) => {
  const answer = await send('[]', { authorization, 'content-type': type })
  expect([answer.statusCode, codeOf(answer)]).toEqual([415, 'unsupported-media-type'])
  expect(stage.journal).toEqual([])
})

test('61,440 bytes are taken, one more is refused and counted for the device', async () => {
  expect((await send(Buffer.alloc(PAYLOAD_BYTES_MAX, ' '))).statusCode).toBe(202)
  const answer = await send(Buffer.alloc(PAYLOAD_BYTES_MAX + 1, ' '))
  expect([answer.statusCode, codeOf(answer)]).toEqual([413, 'payload-too-large'])
  expect(stage.journal.length).toBe(1)
  expect(stage.refused).toEqual(['sender packet-too-large'])
})

test('a body that is too large from somebody unknown is refused for who sent it', async () => {
  const answer = await send(Buffer.alloc(PAYLOAD_BYTES_MAX + 1, ' '), { authorization: basic('sender', 'x') })
  expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'bad-credentials'])
  expect(stage.refused).toEqual(['sender wrong-secret'])
})

test.each([
  ['no credentials', {}],
  ['a wrong secret', { authorization: basic('sender', 'x') }],
  ['an unknown device', { authorization: basic('ghost', 'x') }],
  ['a bearer token', { authorization: 'Bearer isk_x' }],
])('%s: refused with a challenge, nothing journalled', async (_name, given) => {
  const answer = await send('[]', given)
  expect([answer.statusCode, codeOf(answer)]).toEqual([401, 'bad-credentials'])
  expect(answer.headers['www-authenticate']).toBe('Basic realm="isotherm device", charset="UTF-8"')
  expect([stage.journal.length, stage.refused.length]).toEqual([0, 1])
})

test('a session or API key is no device', async () => {
  const { headers } = await stage.user('not-a-device', 'root', 'administrator')
  expect((await send('[]', headers)).statusCode).toBe(401)
})

test('a revoked device is refused at once', async () => {
  const { secret } = await stage.command('device.create', { id: 'revoked', site: 'city-site', kind: 'real' })
  const credentials = { authorization: basic('revoked', secret) }
  expect((await send('[]', credentials)).statusCode).toBe(202)
  await stage.command('device.revoke', { id: 'revoked', reason: 'lost' })
  expect((await send('[]', credentials)).statusCode).toBe(401)
  expect(stage.refused).toEqual(['revoked device-revoked'])
})

test('a secret issued anew replaces the old one at once', async () => {
  const { headers } = await stage.user('issuer', 'city', 'keeper')
  const { secret: old } = await stage.command('device.create', {
    id: 'rotated',
    site: 'city-site',
    kind: 'real',
  })
  const url = '/api/v1/devices/rotated/secret'
  const issued = await stage.app.inject({
    method: 'POST',
    url,
    payload: { reason: 'seen by a visitor' },
    headers,
  })
  const { id, secret } = issued.json<{ id: string; secret: string }>()
  expect(id).toBe('rotated')
  expect((await send('[]', { authorization: basic('rotated', old) })).statusCode).toBe(401)
  expect((await send('[]', { authorization: basic('rotated', secret) })).statusCode).toBe(202)
})

test('202 leaves only after the intake has answered', async () => {
  let durable: (answer: { status: 202; index: number }) => void = () => undefined
  const intake: Intake = () => new Promise((resolve) => (durable = resolve))
  const waiting = await openStage({ intake })
  let answered = false
  const answer = send('[]', { authorization }, waiting).then((response) => {
    answered = true
    return response
  })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(answered).toBe(false)
  durable({ status: 202, index: 7 })
  expect((await answer).json()).toEqual({ index: 7 })
  await waiting.close()
})

test('when the journal takes nothing, neither do we', async () => {
  const problem = new Problem('journal-unavailable', {
    what: 'The journal is full.',
    remedy: 'Keep the data.',
  })
  const full = await openStage({ intake: async () => ({ status: 503, problem }) })
  const answer = await send('[]', { authorization }, full)
  expect(answer.json()).toMatchObject({ status: 503, code: 'journal-unavailable', remedy: 'Keep the data.' })
  await full.close()
})
