import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { InfluxHttp, InfluxTarget } from '../../store/index.ts'
import { influxHttp, influxReads, influxWriter } from '../../store/index.ts'
import { linesOf } from '../support/influx-lines.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A request as the server saw it. */
interface Seen {
  readonly url: string
  readonly authorization: string | undefined
  readonly contentType: string | undefined
  readonly contentLength: number
  readonly body: string
}

/** A server that answers as told, for what influxd cannot easily be made to say. */
async function answering(
  answer: (seen: Seen, response: ServerResponse) => void,
  target: Partial<InfluxTarget> = {},
): Promise<{ http: InfluxHttp; seen: Seen[]; port: number; gone: () => void }> {
  const seen: Seen[] = []
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const { authorization, 'content-type': contentType, 'content-length': length } = request.headers
      const one = { url: request.url ?? '', authorization, contentType, contentLength: Number(length), body }
      seen.push(one)
      answer(one, response)
    })
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`
  const gone = (): void => {
    server.closeAllConnections()
    server.close()
  }
  return { http: influxHttp({ url, database: 'cold chain', ...target }, fetch, 300), seen, port, gone }
}

const signal = new AbortController().signal
const texts = ['m a=1 1', 'm a=2 2', 'm,k=冷 a=3 3', 'm a=4 4', 'm a=5 5']
const lines = linesOf(texts)

/** Answers everything with one status, text and headers. */
function always(status: number, text: string, headers: Record<string, string> = {}) {
  return (_: Seen, response: ServerResponse): void => {
    response.writeHead(status, headers).end(text)
  }
}

test('a write names database and precision, and carries the lines', async () => {
  const { http, seen } = await answering(always(204, ''))
  expect(await influxWriter(http).write(lines, signal)).toEqual({ kind: 'written', refused: [], expired: 0 })
  expect(seen).toEqual([
    {
      url: '/write?db=cold+chain&precision=ns',
      authorization: undefined,
      contentType: 'text/plain; charset=utf-8',
      contentLength: Buffer.byteLength(texts.join('\n')),
      body: texts.join('\n'),
    },
  ])
  expect(await influxWriter(http).write(linesOf([]), signal)).toEqual({
    kind: 'written',
    refused: [],
    expired: 0,
  })
  expect(seen).toHaveLength(1)
})

test.each([
  ['a token', { token: 't0ken', user: 'u' }, 'Token t0ken'],
  ['user and password', { user: 'ü', password: 'p:w' }, `Basic ${Buffer.from('ü:p:w').toString('base64')}`],
  ['a user without a password', { user: 'u' }, `Basic ${Buffer.from('u:').toString('base64')}`],
])('%s is sent with every call', async (_, target, authorization) => {
  const { http, seen } = await answering(always(204, ''), target)
  await influxWriter(http).write(lines, signal)
  await influxWriter(http).database(signal)
  expect(seen.map((each) => each.authorization)).toEqual([authorization, authorization])
})

test('user and password in the address are sent, but never shown', async () => {
  const { http, seen, port, gone } = await answering(always(204, ''))
  const url = `http://me:s%40crets@127.0.0.1:${port}/influx?x=1`
  const own = influxHttp({ url, database: http.database }, fetch, 300)
  await influxWriter(own).write(lines, signal)
  expect(seen[0]).toMatchObject({
    url: '/influx/write?db=cold+chain&precision=ns',
    authorization: `Basic ${Buffer.from('me:s@crets').toString('base64')}`,
  })
  gone()
  const verdict = await influxWriter(own).write(lines, signal)
  expect(verdict.kind).toBe('retry')
  expect(JSON.stringify(verdict)).not.toMatch(/crets/)
})

test.each(['localhost:8086', 'ftp://host/', ''])('the address %j is refused', (url) => {
  expect(() => influxHttp({ url, database: 'd' }, fetch)).toThrow(
    expect.objectContaining({ code: 'configuration-invalid' }),
  )
})

test('too many requests: everything is kept, for as long as the server asks', async () => {
  const { http, seen } = await answering(always(429, '{"error":"slow down"}', { 'retry-after': '7' }))
  expect(await influxWriter(http).write(lines, signal)).toEqual({
    kind: 'retry',
    what: 'InfluxDB answers 429 to a write: slow down',
    remedy: 'Nothing; the server asks to wait. If it stays so, raise its limits.',
    afterMs: 7000,
  })
  expect(seen).toHaveLength(1)
})

test.each([
  ['a server error', 500, '{"error":"timeout"}', 'InfluxDB answers 500 to a write: timeout'],
  [
    'a proxy without a server',
    502,
    '<html>Bad Gateway</html>',
    'InfluxDB answers 502 to a write: <html>Bad Gateway</html>',
  ],
  ['a login page', 200, '<html>Welcome</html>', 'InfluxDB answers 200 to a write: <html>Welcome</html>'],
  ['a lost proxy', 404, 'page not found', 'InfluxDB answers 404 to a write: page not found'],
  ['a redirect', 301, '', 'InfluxDB answers 301 to a write: status 301 without a text'],
  [
    'a wrong token (2.x)',
    401,
    '{"code":"unauthorized","message":"unauthorized access"}',
    'InfluxDB answers 401 to a write: unauthorized access',
  ],
])('%s: everything is kept and the text is shown', async (_, status, text, what) => {
  const { http, seen } = await answering(always(status, text, { location: '/elsewhere' }))
  const verdict = await influxWriter(http).write(lines, signal)
  expect(verdict).toMatchObject({ kind: 'retry', what, afterMs: null })
  expect(seen).toHaveLength(1)
})

test('a missing bucket (2.x) is a missing database', async () => {
  const { http } = await answering(always(404, '{"code":"not found","message":"bucket \\"b\\" not found"}'))
  expect(await influxWriter(http).write(lines, signal)).toEqual({ kind: 'missing' })
})

test('too large: the batch is halved until it fits, each line written once', async () => {
  const { http, seen } = await answering(({ body }, response) => {
    response.writeHead(body.split('\n').length > 2 ? 413 : 204).end()
  })
  expect(await influxWriter(http).write(lines, signal)).toEqual({ kind: 'written', refused: [], expired: 0 })
  const taken = seen.map(({ body }) => body.split('\n')).filter((batch) => batch.length <= 2)
  expect(taken.flat()).toEqual(texts)
})

test('a single line that is too large is the fault of a limit, not of the line', async () => {
  const { http } = await answering(always(413, ''))
  expect(await influxWriter(http).write(lines, signal)).toMatchObject({ kind: 'retry' })
})

test('a failure while halving keeps the whole batch', async () => {
  const { http } = await answering(({ body }, response) => {
    response.writeHead(body.split('\n').length > 1 ? 400 : 503).end()
  })
  expect(await influxWriter(http).write(lines, signal)).toMatchObject({ kind: 'retry' })
})

test('a batch that is refused line by line is not tried to its end', async () => {
  const { http, seen } = await answering(always(400, '{"error":"field type conflict"}'))
  const many = linesOf(Array.from({ length: 5000 }, (_, n) => `m a=${n} ${n}`))
  const verdict = await influxWriter(http).write(many, signal)
  expect(verdict).toMatchObject({
    kind: 'retry',
    what: 'InfluxDB refuses more than 200 points of one batch; the first: field type conflict',
  })
  expect(seen.length).toBeLessThan(500)
})

test('a server that does not answer, or is not there, keeps the batch', async () => {
  const { http, gone } = await answering(() => undefined)
  const silent = await influxWriter(http).write(lines, signal)
  expect(silent).toMatchObject({ kind: 'retry', afterMs: null })
  expect(silent).toHaveProperty(
    'what',
    expect.stringMatching(/^InfluxDB at http:.* does not answer: .*timeout/),
  )
  gone()
  expect(await influxWriter(http).write(lines, signal)).toHaveProperty(
    'what',
    expect.stringMatching(/does not answer: (connect ECONNREFUSED|other side closed)/),
  )
  const stopped = AbortSignal.abort()
  expect(await influxWriter(http).write(lines, stopped)).toMatchObject({ kind: 'retry' })
})

test.each([
  ['not JSON', 200, '<html>'],
  ['an error beside status 200', 200, '{"results":[{"error":"database not found: d"}]}'],
  ['no result', 200, '{}'],
  ['null', 200, 'null'],
  ['an error status', 403, '{"results":[{}]}'],
  ['a cut answer', 200, '{"results":[{"series":[{"values":[["2026-11-23T02:40:00Z",1]],"partial":true}]}]}'],
  ['a count that is none', 200, '{"results":[{"series":[{"values":[["2026-11-23T02:40:00Z","many"]]}]}]}'],
])('a read is refused when it answers %s', async (_, status, text) => {
  const { http } = await answering(always(status, text))
  await expect(
    influxReads(http).count({ by: 'point', point: 'none' }, { fromMs: 0, toMs: 1 }),
  ).rejects.toMatchObject({ code: 'influx-refused' })
})
