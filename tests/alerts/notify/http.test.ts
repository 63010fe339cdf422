import type { ServerResponse } from 'node:http'
import { afterEach, describe, expect, test } from 'vitest'
import { type HttpChannelOptions, openHttpChannel } from '../../../alerts/index.ts'
import { fetchUrl } from '../../../app/doors/network.ts'
import { Problem } from '../../../domain/index.ts'
import { sample, startGateway } from './gateway.ts'

const secret = 'a secret of some length, by hand'
const nowMs = Date.UTC(2026, 10, 23, 19, 7)
const forever = new AbortController().signal
let gateway: Awaited<ReturnType<typeof startGateway>>
afterEach(() => gateway?.close())

function channel(options: Partial<HttpChannelOptions> = {}) {
  return openHttpChannel({
    url: gateway.url,
    secret,
    fetch: fetchUrl,
    clock: { nowMs: () => nowMs },
    ...options,
  })
}

function answers(status: number, body = '', headers: Record<string, string> = {}) {
  return (response: ServerResponse) => void response.writeHead(status, headers).end(body)
}

test('one POST with the whole message and the headers of Standard Webhooks', async () => {
  gateway = await startGateway(answers(200, '{"reference":"gw-77"}'))
  expect(await channel().send(sample, forever)).toEqual({ kind: 'sent', reference: 'gw-77' })
  expect(gateway.taken).toHaveLength(1)
  const [one] = gateway.taken
  if (one === undefined) throw new Error('nothing was taken')
  const { method, path, headers, body } = one
  expect([method, path]).toEqual(['POST', '/isotherm'])
  expect(headers).toMatchObject({
    'content-type': 'application/json; charset=utf-8',
    'webhook-id': 'msg-0001',
    'webhook-timestamp': String(nowMs / 1_000),
  })
  expect(headers['webhook-signature']).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/)
  const { channel: _, createdMs, ...rest } = sample
  expect(JSON.parse(body.toString())).toEqual({ ...rest, createdAt: '2026-11-23T19:06:00.000Z' })
  expect(createdMs).toBe(Date.UTC(2026, 10, 23, 19, 6))
})

test('sent again it is the same body under the same id', async () => {
  gateway = await startGateway(answers(503))
  await channel().send(sample, forever)
  await channel({ clock: { nowMs: () => nowMs + 60_000 } }).send(sample, forever)
  const [first, second] = gateway.taken
  expect(second?.body).toEqual(first?.body)
  expect(second?.headers['webhook-id']).toBe('msg-0001')
  expect(second?.headers['webhook-signature']).not.toBe(first?.headers['webhook-signature'])
})

describe('what an answer means', () => {
  test.each([
    ['204', answers(204), { kind: 'sent' }],
    ['202 with something else', answers(202, '<ok/>'), { kind: 'sent' }],
    ['a reference that is no text', answers(200, '{"reference":7}'), { kind: 'sent' }],
    ['null', answers(200, 'null'), { kind: 'sent' }],
    [
      'a long reference',
      answers(200, JSON.stringify({ reference: 'r'.repeat(300) })),
      { kind: 'sent', reference: 'r'.repeat(200) },
    ],
    ['503', answers(503, 'busy'), { kind: 'retry', reason: 'the gateway answered 503: busy' }],
    ['408', answers(408), { kind: 'retry', reason: 'the gateway answered 408' }],
    ['425', answers(425), { kind: 'retry', reason: 'the gateway answered 425' }],
    [
      '429 with seconds',
      answers(429, '', { 'retry-after': '120' }),
      { kind: 'retry', reason: 'the gateway answered 429', afterMs: 120_000 },
    ],
    [
      '429 with a date',
      answers(429, '', { 'retry-after': 'Mon, 23 Nov 2026 19:08:30 GMT' }),
      { kind: 'retry', reason: 'the gateway answered 429', afterMs: 90_000 },
    ],
    [
      '429 with a date that has passed',
      answers(429, '', { 'retry-after': 'Mon, 23 Nov 2026 19:00:00 GMT' }),
      { kind: 'retry', reason: 'the gateway answered 429', afterMs: 0 },
    ],
    [
      '503 for a week',
      answers(503, '', { 'retry-after': '604800' }),
      { kind: 'retry', reason: 'the gateway answered 503', afterMs: 900_000 },
    ],
    [
      '429 with nonsense',
      answers(429, '', { 'retry-after': 'soon' }),
      { kind: 'retry', reason: 'the gateway answered 429' },
    ],
    [
      '400',
      answers(400, 'no such\r\n\u0007template'),
      { kind: 'refused', reason: 'the gateway answered 400: no such template' },
    ],
    ['401', answers(401), { kind: 'retry', reason: 'the gateway answered 401' }],
    [
      'a body that repeats the number',
      answers(422, `bad number ${sample.to}`),
      { kind: 'refused', reason: 'the gateway answered 422: bad number …' },
    ],
    [
      'a body that repeats the number as it is written at home',
      answers(422, 'no such subscriber: 138 0000-0000 (8613800000000), code 404'),
      { kind: 'refused', reason: 'the gateway answered 422: no such subscriber: … (…), code 404' },
    ],
    ['a number as the reference', answers(200, '{"reference":"8613800000000"}'), { kind: 'sent' }],
    [
      'a long number as the reference',
      answers(200, '{"reference":"20261123190700"}'),
      { kind: 'sent', reference: '20261123190700' },
    ],
    [
      'a long body',
      answers(400, 'x'.repeat(500)),
      { kind: 'refused', reason: `the gateway answered 400: ${'x'.repeat(200)}` },
    ],
  ])('%s', async (_, answer, outcome) => {
    gateway = await startGateway(answer)
    expect(await channel().send(sample, forever)).toEqual(outcome)
  })

  test('a redirect is not followed', async () => {
    const elsewhere = await startGateway(answers(200))
    gateway = await startGateway(answers(307, '', { location: elsewhere.url }))
    expect(await channel().send(sample, forever)).toEqual({
      kind: 'refused',
      reason: 'the gateway answered 307; redirects are not followed, set sms_url to the final address',
    })
    expect(elsewhere.taken).toEqual([])
    await elsewhere.close()
  })

  test('a body without an end is read to 64 KiB and left', async () => {
    let written = 0
    gateway = await startGateway((response) => {
      response.writeHead(200)
      const more = (): void => {
        if (response.destroyed) return
        written += 65_536
        response.write('y'.repeat(65_536), () => setImmediate(more))
      }
      more()
    })
    expect(await channel().send(sample, forever)).toEqual({ kind: 'sent' })
    expect(written).toBeLessThan(50 * 1024 * 1024)
  })

  test('a body that breaks off after 200 leaves the message taken', async () => {
    gateway = await startGateway((response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('{"refer', () => response.destroy())
    })
    expect(await channel().send(sample, forever)).toEqual({ kind: 'sent' })
  })
})

describe('no answer', () => {
  test('a closed port is tried again, and the reason says what failed', async () => {
    gateway = await startGateway(answers(200))
    await gateway.close()
    const outcome = await channel().send(sample, forever)
    expect(outcome).toMatchObject({
      kind: 'retry',
      reason: expect.stringMatching(/not reached: .*ECONNREFUSED/) as string,
    })
  })

  test('a gateway that is silent is left after the time-out', async () => {
    gateway = await startGateway(() => undefined)
    expect(await channel({ timeoutMs: 50 }).send(sample, forever)).toEqual({
      kind: 'retry',
      reason: 'the gateway did not answer within 0.05 s',
    })
  })

  test('stopping ends an attempt under way', async () => {
    gateway = await startGateway(() => undefined)
    const stop = new AbortController()
    const sending = channel().send(sample, stop.signal)
    setTimeout(() => stop.abort(), 50)
    expect((await sending).kind).toBe('retry')
  })
})

describe('an address or a secret that cannot be used', () => {
  const open = (options: Partial<HttpChannelOptions>): unknown => {
    try {
      return openHttpChannel({
        url: 'https://sms.example/',
        secret,
        fetch: fetchUrl,
        clock: { nowMs: () => nowMs },
        ...options,
      })
    } catch (thrown) {
      return thrown
    }
  }
  test.each([
    ['no URL', { url: 'sms.example' }],
    ['another scheme', { url: 'ftp://sms.example' }],
    ['user and password', { url: 'https://u:p@sms.example/' }],
    ['plain http to another machine', { url: 'http://sms.example/' }],
    ['a host that only begins like this machine', { url: 'http://127.0.0.1.example/' }],
    ['a short secret', { secret: 'short' }],
    ['a secret that is no base64', { secret: `whsec_${'*'.repeat(40)}` }],
    ['a short key', { secret: `whsec_${Buffer.alloc(23).toString('base64')}` }],
    ['a long key', { secret: `whsec_${Buffer.alloc(65).toString('base64')}` }],
  ])('%s', (_, options) => {
    const thrown = open(options)
    expect(thrown).toBeInstanceOf(Problem)
    expect((thrown as Problem).code).toBe('configuration-invalid')
    expect((thrown as Problem).message).not.toContain('secret' in options ? options.secret : '<nothing>')
  })

  test.each([
    { url: 'http://127.0.0.1:8089/' },
    { url: 'http://localhost/' },
    { url: 'http://[::1]/' },
    { url: 'http://sms.example/', withoutTls: true },
    { secret: `whsec_${Buffer.alloc(24).toString('base64')}` },
    { secret: `whsec_${Buffer.alloc(64).toString('base64')}` },
  ])('%o can', (options) => {
    expect(open(options)).not.toBeInstanceOf(Error)
  })
})
