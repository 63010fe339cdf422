import { expect, test } from 'vitest'
import { openStage } from './stage.ts'

const TOKEN = 'scrape-me-0123456789'

test('without a token this machine is answered, and nobody who came through a proxy or from elsewhere', async () => {
  const { app } = await openStage()
  const ask = (more: object) => app.inject({ url: '/metrics', ...more })
  const answer = await ask({})
  expect([answer.statusCode, answer.body]).toEqual([200, 'some_metric 1\n'])
  expect(answer.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8')
  for (const name of ['forwarded', 'x-forwarded-for', 'x-real-ip']) {
    expect((await ask({ headers: { [name]: '127.0.0.1' } })).statusCode).toBe(401)
  }
  const elsewhere = await ask({ remoteAddress: '192.0.2.7' })
  expect(elsewhere.statusCode).toBe(401)
  expect(elsewhere.json()).toMatchObject({ code: 'bad-credentials' })
  expect(elsewhere.body).toContain('ISOTHERM_METRICS_TOKEN')
  expect((await ask({ remoteAddress: '::ffff:127.0.0.1' })).statusCode).toBe(200)
})

test('with a token it is what counts, from wherever', async () => {
  const { app } = await openStage({ metrics: { token: TOKEN, text: async () => 'x 1\n' } })
  const ask = (authorization?: string) =>
    app.inject({
      url: '/metrics',
      remoteAddress: '192.0.2.7',
      headers: authorization === undefined ? {} : { authorization },
    })
  expect((await ask(`Bearer ${TOKEN}`)).body).toBe('x 1\n')
  for (const wrong of [undefined, `Bearer ${TOKEN}x`, 'Bearer', `Basic ${TOKEN}`, TOKEN]) {
    const answer = await ask(wrong)
    expect(answer.statusCode).toBe(401)
    expect(answer.body).not.toContain(TOKEN)
  }
  expect((await app.inject('/metrics')).statusCode).toBe(401)
})
