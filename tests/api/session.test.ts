import { afterAll, beforeAll, expect, test } from 'vitest'
import { SESSION_COOKIE } from '../../api/index.ts'
import { codeOf, openStage, PASSWORD, peopleTheStage, post, signIn, type Stage } from './stage.ts'

const HOUR_MS = 3_600_000
let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
})
afterAll(() => stage.close())

function me(headers: object) {
  return stage.app.inject({ url: '/api/v1/me', headers: { ...headers } })
}

test('signing in answers who one is and sets a strict cookie; TLS makes it Secure', async () => {
  const { app } = stage
  const answer = await post(app, '/api/v1/login', { username: 'city-person', password: PASSWORD })
  const { id, sessionEndsAt, ...who } = answer.json<{ id: string; sessionEndsAt: string }>()
  const things =
    'organisations sites devices sensors readings reports supervisions places points placements duties lots rules findings incidents checks'
  expect(id).toMatch(/^u[0-9a-f]{16}$/)
  expect(who).toEqual({
    kind: 'user',
    name: 'city-person',
    grants: [{ organisation: 'city', role: 'viewer' }],
    scopes: Object.fromEntries(things.split(' ').map((thing) => [`${thing}:read`, ['city']])),
  })
  expect(Date.parse(sessionEndsAt) - stage.clock.nowMs()).toBe(24 * HOUR_MS)
  const { value, ...cookie } = answer.cookies[0] ?? { value: '' }
  expect(value).toMatch(/^iss_[\w-]{43}$/)
  expect(cookie).toEqual({
    name: SESSION_COOKIE,
    path: '/',
    httpOnly: true,
    sameSite: 'Strict',
    maxAge: 86_400,
  })
  const tls = await openStage({ tls: true })
  await peopleTheStage(tls)
  const overTls = await post(tls.app, '/api/v1/login', { username: 'city-person', password: PASSWORD })
  expect(overTls.cookies[0]).toMatchObject({ httpOnly: true, secure: true, sameSite: 'Strict' })
  expect(overTls.headers['strict-transport-security']).toMatch(/max-age=\d+/)
  expect(answer.headers['strict-transport-security']).toBeUndefined()
  expect(answer.headers['content-security-policy']).not.toContain('upgrade-insecure-requests')
  await tls.close()
})

test('an unknown name and a wrong password get the same answer, after checking a hash either way', async () => {
  const checked: string[] = []
  const { passwords } = stage.parts
  const counting = {
    hash: (password: string) => passwords.hash(password),
    verify: (password: string, hash: string) => {
      checked.push(hash)
      return passwords.verify(password, hash)
    },
  }
  const counted = await openStage({ passwords: counting })
  await peopleTheStage(counted)
  const wrong = await post(counted.app, '/api/v1/login', { username: 'city-person', password: 'wrong' })
  const unknown = await post(counted.app, '/api/v1/login', { username: 'nobody', password: 'wrong' })
  // not even with the password whose hash stands in
  const standIn = { username: 'nobody', password: 'the password of nobody' }
  expect(codeOf(await post(counted.app, '/api/v1/login', standIn))).toBe('bad-credentials')
  expect([wrong.statusCode, unknown.statusCode]).toEqual([401, 401])
  expect({ ...wrong.json<object>(), instance: '' }).toEqual({ ...unknown.json<object>(), instance: '' })
  expect(wrong.cookies).toEqual([])
  expect(checked.length).toBe(3)
  expect(checked.every((hash) => hash.startsWith('scrypt$'))).toBe(true)
  await counted.close()
})

test('signing out ends the session at once', async () => {
  const headers = await signIn(stage.app, 'city-person')
  const other = await signIn(stage.app, 'city-person')
  expect((await me(headers)).statusCode).toBe(200)
  const out = await stage.app.inject({ method: 'POST', url: '/api/v1/logout', headers })
  expect([out.statusCode, out.body, out.cookies[0]?.value]).toEqual([204, '', ''])
  expect(codeOf(await me(headers))).toBe('not-signed-in')
  expect((await me(other)).statusCode).toBe(200)
})

test('a session ends by the clock, to the millisecond', async () => {
  const late = await openStage()
  await peopleTheStage(late)
  const headers = await signIn(late.app, 'city-person')
  const ask = async () => (await late.app.inject({ url: '/api/v1/me', headers })).statusCode
  const endsMs = late.clock.nowMs() + 24 * HOUR_MS
  late.clock.advance(24 * HOUR_MS - 1)
  const who = await late.app.inject({ url: '/api/v1/me', headers })
  expect(who.statusCode).toBe(200)
  expect(Date.parse(who.json<{ sessionEndsAt: string }>().sessionEndsAt)).toBe(endsMs)
  late.clock.advance(1)
  expect(await ask()).toBe(401)
  await late.close()
})

test('deactivating a user ends all their sessions at once and for good', async () => {
  const admin = await stage.user('ending-admin', 'city', 'administrator')
  const user = await stage.user('leaver', 'city', 'viewer')
  const second = await signIn(stage.app, 'leaver')
  const url = `/api/v1/users/${user.id}/deactivate`
  const done = await post(stage.app, url, { reason: 'left' }, admin.headers)
  expect(done.json()).toMatchObject({ id: user.id, state: 'deactivated' })
  expect((await me(user.headers)).statusCode).toBe(401)
  expect((await me(second)).statusCode).toBe(401)
  const again = await post(stage.app, '/api/v1/login', { username: 'leaver', password: PASSWORD })
  expect(codeOf(again)).toBe('bad-credentials')
})

test('a new role acts at once', async () => {
  const { id, headers } = await stage.user('climber', 'city', 'viewer')
  const held = async () => (await stage.app.inject({ url: '/api/v1/held', headers })).statusCode
  expect(await held()).toBe(403)
  await stage.command('user.grant', { id, organisation: 'city', role: 'keeper' })
  expect(await held()).toBe(200)
})

test('an API key works as bearer until it is revoked, at once', async () => {
  const admin = await stage.user('key-admin', 'city', 'administrator')
  const created = await post(
    stage.app,
    '/api/v1/keys',
    { name: 'k', organisation: 'city', role: 'viewer' },
    admin.headers,
  )
  const { id, secret } = created.json<{ id: string; secret: string }>()
  const headers = { authorization: `Bearer ${secret}` }
  expect((await me(headers)).json()).toMatchObject({ kind: 'key', id, name: 'k' })
  await post(stage.app, `/api/v1/keys/${id}/revoke`, { reason: 'lost' }, admin.headers)
  expect(codeOf(await me(headers))).toBe('not-signed-in')
})

test('credentials that are not ours know nobody', async () => {
  const { cookie } = await signIn(stage.app, 'city-person')
  const token = cookie.split('=')[1] ?? ''
  const tries = [
    { authorization: `Bearer ${token}` },
    { authorization: 'Bearer ' },
    { authorization: 'Basic eDp5' },
    // a header decides alone, so that a page cannot ride on the cookie of its user
    { authorization: 'Bearer isk_wrong', cookie },
    { cookie: `${SESSION_COOKIE}=` },
    { cookie: `${SESSION_COOKIE}=${token}x` },
    { cookie: `${SESSION_COOKIE}="${token.slice(1)}"` },
  ]
  for (const headers of tries)
    expect([headers, codeOf(await me(headers))]).toEqual([headers, 'not-signed-in'])
})

test('after ten wrong passwords a name waits five minutes, whatever its case; a right one starts anew', async () => {
  const slow = await openStage()
  await peopleTheStage(slow)
  const attempt = async (username: string, password: string) =>
    codeOf(await post(slow.app, '/api/v1/login', { username, password }))
  for (let tries = 0; tries < 9; tries += 1)
    expect(await attempt('city-person', 'wrong')).toBe('bad-credentials')
  expect(await attempt('city-person', PASSWORD)).toBeUndefined()
  for (let tries = 0; tries < 10; tries += 1)
    expect(await attempt('City-Person', 'wrong')).toBe('bad-credentials')
  expect(await attempt('city-person', PASSWORD)).toBe('too-many-requests')
  expect(await attempt('other-person', PASSWORD)).toBeUndefined()
  slow.clock.advance(5 * 60_000)
  expect(await attempt('city-person', PASSWORD)).toBeUndefined()
  await slow.close()
})

test('an address may try to sign in sixty times a minute', async () => {
  const slow = await openStage()
  const answers = []
  for (let tries = 0; tries < 61; tries += 1) {
    answers.push(await post(slow.app, '/api/v1/login', { username: `user${tries}`, password: 'wrong' }))
  }
  expect(answers.filter((answer) => answer.statusCode === 401).length).toBe(60)
  const last = answers.at(-1)
  expect(last === undefined ? undefined : codeOf(last)).toBe('too-many-requests')
  expect(Number(last?.headers['retry-after'])).toBeGreaterThan(0)
  await slow.close()
})

test('writes a foreign page made the browser send are refused', async () => {
  const { headers } = await stage.user('browsing', 'city', 'keeper')
  const write = async (more: object, id: string) => {
    const payload = { id, site: 'city-site' }
    return (
      await post(stage.app, '/api/v1/devices', payload, { ...headers, host: 'iso.example:8080', ...more })
    ).statusCode
  }
  expect(await write({ origin: 'http://iso.example:8080', 'sec-fetch-site': 'same-origin' }, 'page-1')).toBe(
    201,
  )
  expect(await write({ 'sec-fetch-site': 'none' }, 'page-2')).toBe(201)
  expect(await write({ origin: 'http://evil.example' }, 'page-3')).toBe(403)
  expect(await write({ origin: 'http://iso.example:8081' }, 'page-4')).toBe(403)
  expect(await write({ origin: 'null' }, 'page-5')).toBe(403)
  expect(await write({ 'sec-fetch-site': 'cross-site' }, 'page-6')).toBe(403)
  expect(await write({ 'sec-fetch-site': 'same-site' }, 'page-7')).toBe(403)
  const login = { username: 'browsing', password: PASSWORD }
  expect((await post(stage.app, '/api/v1/login', login, { origin: 'http://evil.example' })).statusCode).toBe(
    403,
  )
  const form = { method: 'POST', url: '/api/v1/devices', payload: 'id=a&site=city-site' } as const
  const sent = { ...headers, 'content-type': 'application/x-www-form-urlencoded' }
  expect((await stage.app.inject({ ...form, headers: sent })).statusCode).toBe(415)
})
