import { Type } from 'typebox'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { callerOf, createIntakeApi, declarePublic, publicAccess } from '../../api/index.ts'
import { codeOf, openStage, peopleTheStage, type Stage } from './stage.ts'

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
})
afterAll(() => stage.close())

test('a route that declares no access does not register', () => {
  expect(() => stage.app.get('/api/v1/forgotten', () => 'open')).toThrow(
    expect.objectContaining({
      code: 'internal',
      message: 'The route GET /api/v1/forgotten does not declare its access.',
    }),
  )
})

test('a route whose scope names a field its schema does not have does not register', () => {
  const scope = { kind: 'organisation', in: 'query', field: 'site', of: 'site' } as const
  const schema = { querystring: Type.Object({ sight: Type.String() }) }
  expect(() =>
    stage.app.get(
      '/api/v1/typo',
      { schema, config: { access: { right: 'sites:read', scope } } },
      () => 'open',
    ),
  ).toThrow(/takes its scope from query site, which its schema does not have/)
})

test('a route registered from outside is guarded like ours', async () => {
  const { app, close } = await openStage()
  const access = { right: 'held:read', scope: { kind: 'list' } } as const
  app.get('/outside', { config: { access } }, (request) => [callerOf(request).name, ...request.scopes])
  await app.register(async (part) => {
    declarePublic(part)
    part.get('/board', () => 'open')
  })
  expect((await app.inject('/outside')).statusCode).toBe(401)
  expect((await app.inject('/board')).body).toBe('open')
  await close()
})

test('HEAD is guarded like GET', async () => {
  const { app } = stage
  const { headers } = await stage.user('head-viewer', 'city', 'viewer')
  expect((await app.inject({ method: 'HEAD', url: '/api/v1/sites' })).statusCode).toBe(401)
  expect((await app.inject({ method: 'HEAD', url: '/api/v1/sites', headers })).statusCode).toBe(200)
  expect((await app.inject({ method: 'HEAD', url: '/api/v1/keys', headers })).statusCode).toBe(403)
})

test('what does not exist and what is out of reach are answered alike', async () => {
  const { headers } = await stage.user('looker', 'city', 'viewer')
  const get = async (id: string) =>
    (await stage.app.inject({ url: `/api/v1/devices/${id}`, headers })).json<unknown>()
  const foreign = await get('other-device')
  const missing = await get('never-device')
  const shape = { status: 404, code: 'not-found' }
  expect(foreign).toMatchObject({ ...shape, detail: 'There is no device "other-device" within your reach.' })
  expect(missing).toMatchObject({ ...shape, detail: 'There is no device "never-device" within your reach.' })
})

test('in a body, what does not exist and what is out of reach are answered alike, unless one reaches all', async () => {
  const ofCity = await stage.user('registrar', 'city', 'keeper')
  const ofAll = await stage.user('registrar-of-all', 'root', 'keeper')
  const register = async (site: string, headers: object) =>
    codeOf(
      await stage.app.inject({
        method: 'POST',
        url: '/api/v1/devices',
        payload: { id: 'x', site },
        headers: { ...headers },
      }),
    )
  expect(await register('other-site', ofCity.headers)).toBe('not-allowed')
  expect(await register('never-site', ofCity.headers)).toBe('not-allowed')
  expect(await register('never-site', ofAll.headers)).toBe('not-found')
})

test('a role below does not reach up, nor a role beside across', async () => {
  const { headers } = await stage.user('clinic-keeper', 'clinic', 'keeper')
  const statusOf = async (device: string) =>
    (await stage.app.inject({ url: `/api/v1/devices/${device}`, headers })).statusCode
  expect(await statusOf('clinic-device')).toBe(200)
  expect(await statusOf('city-device')).toBe(404)
  expect(await statusOf('other-device')).toBe(404)
})

test('each right is looked up where it is held: viewer here and administrator there', async () => {
  const { id, headers } = await stage.user('mixed', 'city', 'viewer')
  await stage.command('user.grant', { id, organisation: 'other', role: 'administrator' })
  const post = async (site: string, device: string) =>
    (
      await stage.app.inject({
        method: 'POST',
        url: '/api/v1/devices',
        payload: { id: device, site },
        headers,
      })
    ).statusCode
  expect(await post('other-site', 'mixed-1')).toBe(201)
  expect(await post('city-site', 'mixed-2')).toBe(403)
  const revoke = {
    method: 'POST',
    url: '/api/v1/devices/city-device/revoke',
    payload: { reason: 'x' },
    headers,
  } as const
  expect((await stage.app.inject(revoke)).statusCode).toBe(404)
})

test('nobody administers a user who also holds a role beyond their reach', async () => {
  const { headers } = await stage.user('city-admin', 'city', 'administrator')
  const both = await stage.user('both', 'city', 'viewer')
  await stage.command('user.grant', { id: both.id, organisation: 'other', role: 'viewer' })
  const url = `/api/v1/users/${both.id}/password`
  const answer = await stage.app.inject({ method: 'POST', url, payload: { password: 'taken over' }, headers })
  expect([answer.statusCode, codeOf(answer)]).toEqual([404, 'not-found'])
})

test('a user without any role is administered from root alone', async () => {
  const ofCity = await stage.user('roleless-city', 'city', 'administrator')
  const ofAll = await stage.user('roleless-all', 'root', 'administrator')
  const { id } = await stage.user('roleless')
  const deactivate = async (headers: object) => {
    const request = {
      method: 'POST',
      url: `/api/v1/users/${id}/deactivate`,
      payload: { reason: 'left' },
    } as const
    return (await stage.app.inject({ ...request, headers: { ...headers } })).statusCode
  }
  expect([await deactivate(ofCity.headers), await deactivate(ofAll.headers)]).toEqual([404, 200])
})

test('the first role of a user without any is given by an administrator of root alone', async () => {
  const ofCity = await stage.user('first-city', 'city', 'administrator')
  const ofAll = await stage.user('first-all', 'root', 'administrator')
  const { id } = await stage.user('first-none')
  const grant = (headers: object) =>
    stage.app.inject({
      method: 'POST',
      url: `/api/v1/users/${id}/grants`,
      payload: { organisation: 'city', role: 'viewer' },
      headers: { ...headers },
    })
  expect((await grant(ofCity.headers)).statusCode).toBe(404)
  expect((await grant(ofAll.headers)).json()).toMatchObject({
    id,
    grants: [{ organisation: 'city', role: 'viewer' }],
  })
})

test('an administrator is not shown grants beyond their reach', async () => {
  const { headers } = await stage.user('short-sighted', 'city', 'administrator')
  const { id } = await stage.user('far-reaching', 'other', 'viewer')
  const payload = { organisation: 'city', role: 'keeper' }
  const answer = await stage.app.inject({
    method: 'POST',
    url: `/api/v1/users/${id}/grants`,
    payload,
    headers,
  })
  expect(answer.json()).toMatchObject({ id, grants: [{ organisation: 'city', role: 'keeper' }] })
})

test('before the facts have arrived nobody is told that they are unknown', async () => {
  const { parts } = stage
  const notReady = await openStage({ access: { ...emptyFacts(), ready: false } })
  const answer = await notReady.app.inject({ url: '/api/v1/me', headers: { authorization: 'Bearer isk_x' } })
  expect([answer.statusCode, codeOf(answer)]).toEqual([503, 'core-unavailable'])
  await notReady.close()
  if (parts.intake === undefined) throw new Error('the stage has an intake')
  const alone = await createIntakeApi({ ...parts, intake: parts.intake })
  alone.get('/guarded', { config: { access: { right: null, scope: { kind: 'signed-in' } } } }, () => 'open')
  alone.get('/open', { config: { access: publicAccess } }, () => 'open')
  expect((await alone.inject('/guarded')).statusCode).toBe(503)
  expect((await alone.inject('/open')).statusCode).toBe(200)
  expect((await alone.inject('/api/v1/sites')).statusCode).toBe(404)
  expect((await alone.inject('/readyz')).statusCode).toBe(200)
  await alone.close()
})

function emptyFacts() {
  const none = () => undefined
  return {
    session: none,
    keyBySha256: none,
    key: none,
    user: none,
    organisation: none,
    site: none,
    device: none,
    place: none,
    point: none,
    placementOf: none,
    incident: none,
    recipient: none,
    grants: () => [],
    ruleActivationsOf: () => [],
    isWithin: () => false,
  }
}
