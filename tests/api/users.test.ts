import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { codeOf, openStage, PASSWORD, peopleTheStage, post, signIn, type Stage } from './stage.ts'

const NEW_PASSWORD = 'a better horse battery'
let stage: Stage
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
})
afterAll(() => stage.close())

async function statusOf(url: string, headers: object): Promise<number> {
  return (await stage.app.inject({ url, headers: { ...headers } })).statusCode
}

async function login(username: string, password: string): Promise<string | undefined> {
  return codeOf(await post(stage.app, '/api/v1/login', { username, password }))
}

/** Kind, actor and details of the newest audit row. */
function lastAct() {
  return stage.facts.transact((tx) =>
    tx.all(
      tx.db
        .selectFrom('audit')
        .select(['kind', 'actor', 'subject', 'reason'])
        .orderBy('seq', 'desc')
        .limit(1),
    ),
  )
}

test('setting a password ends the sessions of the user at once', async () => {
  const admin = await stage.user('resetting', 'city', 'administrator')
  const user = await stage.user('forgetful', 'city', 'viewer')
  const url = `/api/v1/users/${user.id}/password`
  expect((await post(stage.app, url, { password: NEW_PASSWORD }, admin.headers)).statusCode).toBe(200)
  expect(await statusOf('/api/v1/me', user.headers)).toBe(401)
  expect(await statusOf('/api/v1/me', admin.headers)).toBe(200)
  expect(await login('forgetful', PASSWORD)).toBe('bad-credentials')
  expect(await login('forgetful', NEW_PASSWORD)).toBeUndefined()
})

test('a user whose first role cannot be given is not created', async () => {
  const { headers } = await stage.user('creating', 'root', 'administrator')
  const create = (organisation: string) =>
    post(
      stage.app,
      '/api/v1/users',
      { name: 'newcomer', password: PASSWORD, organisation, role: 'keeper' },
      headers,
    )
  expect(codeOf(await create('nowhere'))).toBe('not-found')
  const created = await create('city')
  expect(created.json()).toMatchObject({
    name: 'newcomer',
    grants: [{ organisation: 'city', role: 'keeper' }],
  })
  expect(await lastAct()).toMatchObject([{ kind: 'user.create' }])
})

test('signing in with a password that is replaced while it is checked opens no session', async () => {
  const { parts } = stage
  let whileChecking = async (): Promise<unknown> => undefined
  const verify = async (password: string, hash: string) => {
    const right = await parts.passwords.verify(password, hash)
    await whileChecking()
    return right
  }
  const slow = await openStage({ passwords: { ...parts.passwords, verify } })
  const { id } = await slow.user('overtaken')
  const passwordHash = await parts.passwords.hash(NEW_PASSWORD)
  whileChecking = () => slow.command('user.set-password', { id, passwordHash })
  const answer = await post(slow.app, '/api/v1/login', { username: 'overtaken', password: PASSWORD })
  expect([codeOf(answer), answer.cookies]).toEqual(['conflict', []])
  await slow.close()
})

describe('revoking a role', () => {
  const grant = { organisation: 'city', role: 'keeper' } as const

  test('acts at once, and leaves the roles beyond the reach of who revokes', async () => {
    const admin = await stage.user('revoking', 'city', 'administrator')
    const user = await stage.user('demoted', 'city', 'keeper')
    await stage.command('user.grant', { id: user.id, organisation: 'other', role: 'viewer' })
    expect(await statusOf('/api/v1/held', user.headers)).toBe(200)
    const url = `/api/v1/users/${user.id}/grants/revoke`
    const done = await post(stage.app, url, { ...grant, reason: 'moved' }, admin.headers)
    expect([done.statusCode, done.json<{ grants: unknown }>().grants]).toEqual([200, []])
    expect(await lastAct()).toEqual([
      {
        kind: 'user.revoke-grant',
        actor: `user:${admin.id}`,
        subject: `user:${user.id}`,
        reason: 'moved',
      },
    ])
    expect(await statusOf('/api/v1/held', user.headers)).toBe(403)
    expect(await statusOf('/api/v1/devices/other-device', user.headers)).toBe(200)
    expect(codeOf(await post(stage.app, url, { ...grant, reason: 'moved' }, admin.headers))).toBe(
      'already-revoked',
    )
  })

  test('needs a reason, and the right where the role is held', async () => {
    const admin = await stage.user('revoking-city', 'city', 'administrator')
    const user = await stage.user('kept', 'root', 'viewer')
    const url = `/api/v1/users/${user.id}/grants/revoke`
    const held = { organisation: 'root', role: 'viewer' }
    expect(codeOf(await post(stage.app, url, { ...held, reason: 'x' }, admin.headers))).toBe('not-allowed')
    expect(codeOf(await post(stage.app, url, grant, admin.headers))).toBe('bad-request')
  })
})

test('the last administrator of root can neither leave nor lose the role', async () => {
  const alone = await openStage()
  const { id, headers } = await alone.user('only', 'root', 'administrator')
  const leave = () => post(alone.app, `/api/v1/users/${id}/deactivate`, { reason: 'left' }, headers)
  const step = { organisation: 'root', role: 'administrator', reason: 'tired' }
  const answers = [await leave(), await post(alone.app, `/api/v1/users/${id}/grants/revoke`, step, headers)]
  for (const answer of answers) {
    expect([answer.statusCode, answer.json()]).toMatchObject([
      409,
      { code: 'conflict', remedy: 'Make somebody else administrator on root first.' },
    ])
  }
  await alone.user('second', 'root', 'administrator')
  expect((await leave()).statusCode).toBe(200)
  await alone.close()
})

describe("changing one's own password", () => {
  const change = (headers: object, password: string, newPassword = NEW_PASSWORD) =>
    post(stage.app, '/api/v1/me/password', { password, newPassword }, { ...headers })

  test('ends every own session, is entered as done by oneself, and works from then on', async () => {
    const { id, headers } = await stage.user('careful')
    const elsewhere = await signIn(stage.app, 'careful')
    const done = await change(headers, PASSWORD)
    expect([done.statusCode, done.body, done.cookies[0]?.value]).toEqual([204, '', ''])
    expect(await lastAct()).toEqual([
      { kind: 'user.set-password', actor: `user:${id}`, subject: `user:${id}`, reason: '' },
    ])
    expect(await statusOf('/api/v1/me', headers)).toBe(401)
    expect(await statusOf('/api/v1/me', elsewhere)).toBe(401)
    expect(await login('careful', PASSWORD)).toBe('bad-credentials')
    expect(await login('careful', NEW_PASSWORD)).toBeUndefined()
  })

  test('needs the present password, and a new one of eight characters', async () => {
    const { headers } = await stage.user('sloppy')
    expect(codeOf(await change(headers, 'wrong'))).toBe('bad-credentials')
    expect(codeOf(await change(headers, PASSWORD, 'short12'))).toBe('bad-request')
    expect(await statusOf('/api/v1/me', headers)).toBe(200)
    expect(await login('sloppy', PASSWORD)).toBeUndefined()
  })

  test('guesses count with those of signing in', async () => {
    const { headers } = await stage.user('guessed')
    for (let tries = 0; tries < 5; tries += 1) {
      expect(codeOf(await change(headers, 'wrong'))).toBe('bad-credentials')
      expect(await login('guessed', 'wrong')).toBe('bad-credentials')
    }
    expect(codeOf(await change(headers, PASSWORD))).toBe('too-many-requests')
    expect(await login('guessed', PASSWORD)).toBe('too-many-requests')
  })

  test('does not undo one an administrator set meanwhile', async () => {
    const { parts } = stage
    let whileHashing = async (): Promise<unknown> => undefined
    const hash = async (password: string) => {
      await whileHashing()
      return parts.passwords.hash(password)
    }
    const slow = await openStage({ passwords: { ...parts.passwords, hash } })
    const { id, headers } = await slow.user('raced')
    whileHashing = async () =>
      slow.command('user.set-password', { id, passwordHash: await parts.passwords.hash('set by another') })
    const payload = { password: PASSWORD, newPassword: NEW_PASSWORD }
    expect(codeOf(await post(slow.app, '/api/v1/me/password', payload, headers))).toBe('conflict')
    await signIn(slow.app, 'raced', 'set by another')
    await slow.close()
  })

  test('is not for API keys', async () => {
    const { secret } = await stage.command('key.create', { name: 'k', organisation: 'city', role: 'viewer' })
    const answer = await change({ authorization: `Bearer ${secret}` }, PASSWORD)
    expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'bad-request'])
  })
})
