import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { Problem } from '../../domain/index.ts'
import { codeOf, openStage, receiptHeaders, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
beforeEach(() => {
  stage.receipts.length = 0
})
afterAll(() => stage.close())

const body = '{ "message": "msg-0001",\n "state": "delivered", "at": "2026-11-23T07:59:00Z" }'

function send(payload: string | Buffer, headers: object, to: Stage = stage) {
  return to.app.inject({ method: 'POST', url: '/api/v1/receipts', payload, headers: { ...headers } })
}

test('the signature is checked over the bytes as they came, and a good one is answered with 204', async () => {
  const answer = await send(body, receiptHeaders(body, stage.clock.nowMs()))
  expect([answer.statusCode, answer.body]).toEqual([204, ''])
  expect(stage.receipts).toEqual([
    { message: 'msg-0001', state: 'delivered', atMs: Date.UTC(2026, 10, 23, 7, 59) },
  ])
})

test.each([
  ['without a signature', body, { 'content-type': 'application/json' }, 401, 'bad-credentials'],
  [
    'with a signature of other bytes',
    body,
    receiptHeaders(`${body} `, Date.UTC(2026, 10, 23, 8)),
    401,
    'bad-credentials',
  ],
  [
    'signed by somebody else',
    body,
    receiptHeaders(body, Date.UTC(2026, 10, 23, 8), 'x'.repeat(24)),
    401,
    'bad-credentials',
  ],
  ['signed yesterday', body, receiptHeaders(body, Date.UTC(2026, 10, 22, 8)), 401, 'bad-credentials'],
  ['signed, but no receipt', '{}', receiptHeaders('{}', Date.UTC(2026, 10, 23, 8)), 400, 'bad-request'],
  [
    'not JSON by its type',
    body,
    { ...receiptHeaders(body, Date.UTC(2026, 10, 23, 8)), 'content-type': 'text/plain' },
    415,
    'unsupported-media-type',
  ],
])('%s it is refused', async (_, payload, headers, status, code) => {
  const answer = await send(payload, headers)
  expect([answer.statusCode, codeOf(answer)]).toEqual([status, code])
  expect(stage.receipts).toEqual([])
})

test('4,096 bytes are taken, one more is not', async () => {
  const padded = body.padEnd(4_096)
  expect((await send(padded, receiptHeaders(padded, stage.clock.nowMs()))).statusCode).toBe(204)
  const larger = body.padEnd(4_097)
  const answer = await send(larger, receiptHeaders(larger, stage.clock.nowMs()))
  expect([answer.statusCode, codeOf(answer)]).toEqual([413, 'payload-too-large'])
  expect(stage.receipts).toHaveLength(1)
})

test('what the port answers is what the gateway gets', async () => {
  const problem = new Problem('core-unavailable', { what: 'Not now.', remedy: 'Send it again.' })
  const other = await openStage({ takeReceipt: async () => problem })
  const answer = await send(body, receiptHeaders(body, other.clock.nowMs()), other)
  expect([answer.statusCode, codeOf(answer)]).toEqual([503, 'core-unavailable'])
  await other.close()
})
