import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStage, type Stage } from './stage.ts'

let stage: Stage

beforeAll(async () => {
  const file = (name: string, media: string, text: string) => ({ name, media, bytes: Buffer.from(text) })
  stage = await openStage({
    page: [
      file('index.html', 'text/html; charset=utf-8', '<p>冷链</p>'),
      file('assets/index-1a2b.js', 'text/javascript; charset=utf-8', 'void 0'),
    ],
  })
})
afterAll(() => stage.close())

test('the document is asked for every time, what it names never again', async () => {
  const document = await stage.app.inject({ url: '/' })
  expect([document.statusCode, document.body]).toEqual([200, '<p>冷链</p>'])
  expect(document.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  })
  const policy = String(document.headers['content-security-policy'])
  expect(policy).toContain("script-src 'self';")
  expect(policy).toContain("default-src 'self';")
  const script = await stage.app.inject({ url: '/assets/index-1a2b.js' })
  expect([script.statusCode, script.body]).toEqual([200, 'void 0'])
  expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
})

test.each(['/index.html', '/assets/', '/assets/..%2f..%2fpackage.json', '/assets/index-1a2b.js/x'])(
  'there is nothing at %s',
  async (url) => {
    const answer = await stage.app.inject({ url })
    expect([answer.statusCode, answer.json<{ code: string }>().code]).toEqual([404, 'not-found'])
  },
)

test('without files there is nothing at /', async () => {
  const bare = await openStage()
  try {
    expect((await bare.app.inject({ url: '/' })).statusCode).toBe(404)
  } finally {
    await bare.close()
  }
})
