import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type ReceiptHeaders, verifyReceipt } from '../../../alerts/index.ts'

const secret = 'a secret of some length, by hand'
const nowS = 1_795_401_600
const nowMs = nowS * 1_000 + 999
const good = '{"message":"msg-0001","state":"delivered","at":"2026-11-23T02:40:00Z"}'

function sign(body: string | Uint8Array, timestamp: number | string = nowS, by = secret, id = 'r-1'): string {
  const mac = createHmac('sha256', by).update(`${id}.${timestamp}.`).update(body).digest('base64')
  return `v1,${mac}`
}

function check(
  body: string | Uint8Array,
  headers: ReceiptHeaders = {},
  secrets: readonly string[] = [secret],
) {
  const signed = { 'webhook-id': 'r-1', 'webhook-timestamp': String(nowS), 'webhook-signature': sign(body) }
  return verifyReceipt(secrets, { ...signed, ...headers }, Buffer.from(body), nowMs)
}

test('a signed receipt is read', () => {
  const atMs = Date.UTC(2026, 10, 23, 2, 40)
  expect(check(good)).toEqual({ message: 'msg-0001', state: 'delivered', atMs })
  expect(
    check(
      `{"message":"m","state":"undelivered","at":${atMs},"detail":"absent\\r\\n\\u0007 subscriber +86 138 0000 0000, 021-1234-5678","more":1}`,
    ),
  ).toEqual({ message: 'm', state: 'undelivered', atMs, detail: 'absent subscriber …, …' })
})

test('while a secret is replaced, both are good, and so are two signatures', () => {
  const old = 'another secret, of some length too'
  expect(check(good, { 'webhook-signature': sign(good, nowS, old) }, [secret, old])).toMatchObject({
    state: 'delivered',
  })
  const both = `v1,${'A'.repeat(43)}= ${sign(good)}`
  expect(check(good, { 'webhook-signature': both })).toMatchObject({ state: 'delivered' })
})

describe('not trusted', () => {
  const at = (timestamp: number | string): ReceiptHeaders => ({
    'webhook-timestamp': String(timestamp),
    'webhook-signature': sign(good, timestamp),
  })
  test.each<[string, ReceiptHeaders]>([
    ['no id', { 'webhook-id': undefined }],
    ['no time', { 'webhook-timestamp': undefined }],
    ['no signature', { 'webhook-signature': undefined }],
    ['two signatures in two headers', { 'webhook-signature': [sign(good), sign(good)] }],
    ['another id', { 'webhook-id': 'r-2' }],
    ['another time', { 'webhook-timestamp': String(nowS + 1) }],
    ['a time with words', at(`${nowS} or so`)],
    ['a time with a fraction', at(`${nowS}.5`)],
    ['signed 301 s ago', at(nowS - 301)],
    ['signed 301 s ahead', at(nowS + 301)],
    ['signed with another secret', { 'webhook-signature': sign(good, nowS, 'x'.repeat(32)) }],
    ['another version', { 'webhook-signature': sign(good).replace('v1,', 'v2,') }],
    ['a signature cut short', { 'webhook-signature': sign(good).slice(0, -4) }],
    [
      'a signature beyond the eighth',
      { 'webhook-signature': `${`v1,${'A'.repeat(43)}= `.repeat(8)}${sign(good)}` },
    ],
  ])('%s', (_, headers) => {
    expect(check(good, headers)).toMatchObject({
      code: 'bad-credentials',
      remedy: expect.stringContaining('docs/webhooks.md') as string,
    })
  })

  test('signed 300 s ago or ahead is still trusted', () => {
    expect(check(good, at(nowS - 300))).toMatchObject({ state: 'delivered' })
    expect(check(good, at(nowS + 300))).toMatchObject({ state: 'delivered' })
  })

  test('whatever byte of the body is changed, it is refused', () => {
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (place, change) => {
        const body = Buffer.from(good)
        body[place] = (body[place] ?? 0) ^ change
        expect(check(body, { 'webhook-signature': sign(good) })).toMatchObject({ code: 'bad-credentials' })
      }),
    )
  })
})

test.each<[string, string | Uint8Array]>([
  ['nothing', ''],
  ['no JSON', 'delivered'],
  ['not UTF-8', Buffer.from([0x7b, 0xff, 0x7d])],
  ['a list', '[]'],
  ['null', 'null'],
  ['no message', '{"state":"delivered","at":0}'],
  ['a message that is a number', '{"message":1,"state":"delivered","at":0}'],
  ['a long id', `{"message":"${'m'.repeat(201)}","state":"delivered","at":0}`],
  ['another state', '{"message":"m","state":"read","at":0}'],
  ['no time', '{"message":"m","state":"delivered"}'],
  ['a time without a zone', '{"message":"m","state":"delivered","at":"2026-11-23T02:40:00"}'],
  ['a detail that is a list', '{"message":"m","state":"delivered","at":0,"detail":[]}'],
])('signed, but no receipt: %s', (_, body) => {
  expect(check(body)).toMatchObject({
    code: 'bad-request',
    message: expect.stringContaining('no receipt') as string,
  })
})
