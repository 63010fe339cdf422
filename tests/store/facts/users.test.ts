import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { FactsHarness, HASH, OTHER_HASH, START_MS } from './setup.ts'

let harness: FactsHarness
beforeEach(async () => {
  harness = await FactsHarness.open()
  await harness.city()
})
afterEach(() => harness.close())

const recorded = {
  recordedAt: START_MS,
  recordedBy: 'user:u-li',
  validFrom: START_MS,
  validTo: null,
  supersedes: null,
}
const reason = 'because'
const everything = { organisation: 'root', role: 'administrator' } as const

/** Every grant of a user with its state, now. */
function grantsOf(user: string) {
  return harness.rows(
    `select organisation, role, state from live_grant where user = '${user}' and valid_to is null order by fact`,
  )
}

describe('users', () => {
  test('create, grant, set a password, deactivate', async () => {
    const user = await harness.do('user.create', { name: 'Li.Na', passwordHash: HASH })
    expect(user).toEqual({ ...recorded, fact: 1, id: user.id, name: 'Li.Na', state: 'active', reason: '' })
    expect(user.id).toMatch(/^u[0-9a-f]{16}$/)
    const { id } = user
    expect(await harness.do('user.grant', { id, organisation: 'clinic', role: 'keeper' })).toEqual(user)
    await harness.do('user.set-password', { id, passwordHash: OTHER_HASH })
    expect(await harness.do('user.password-hash', { name: 'Li.Na' })).toEqual({ user: id, hash: OTHER_HASH })
    expect(await harness.do('user.deactivate', { id, reason })).toMatchObject({ id, state: 'deactivated' })
    expect(await harness.do('user.password-hash', { name: 'Li.Na' })).toBeNull()
    expect(await harness.refused('user.deactivate', { id, reason })).toBe('already-revoked')
    expect(await harness.refused('user.set-password', { id, passwordHash: HASH })).toBe('already-revoked')
    expect(await harness.refused('user.grant', { id, organisation: 'cdc', role: 'viewer' })).toBe(
      'already-revoked',
    )
    expect(await harness.refused('session.open', { user: id })).toBe('already-revoked')
    expect(await harness.refused('user.create', { name: 'Li.Na', passwordHash: HASH })).toBe('already-exists')
  })

  test('names that differ in case only are one name', async () => {
    await harness.do('user.create', { name: 'wang', passwordHash: HASH })
    expect(await harness.refused('user.create', { name: 'Wang', passwordHash: HASH })).toBe('already-exists')
    expect(await harness.do('user.password-hash', { name: 'Wang' })).toBeNull()
  })

  test('a grant needs a user, an organisation or root, and a role', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const grant = { id, organisation: 'root', role: 'administrator' } as const
    await harness.do('user.grant', grant)
    expect(await harness.refused('user.grant', grant)).toBe('already-exists')
    expect(await harness.refused('user.grant', { ...grant, id: 'u-nobody' })).toBe('not-found')
    expect(await harness.refused('user.grant', { ...grant, organisation: 'nowhere' })).toBe('not-found')
    expect(await harness.refused('user.grant', { ...grant, role: 'king' as 'viewer' })).toBe('bad-request')
  })

  test('the first administrator is made when there is nobody, and never again', async () => {
    expect(await harness.do('setup.administrator', { passwordHash: HASH })).toEqual({ created: true })
    expect(await harness.do('setup.administrator', { passwordHash: OTHER_HASH })).toEqual({ created: false })
    const found = await harness.do('user.password-hash', { name: 'admin' })
    expect(found?.hash).toBe(HASH)
    expect(harness.rows('select user, organisation, role, state from live_grant')).toEqual([
      { user: found?.user, organisation: 'root', role: 'administrator', state: 'active' },
    ])
    await harness.do('user.create', { name: 'li', passwordHash: HASH, grant: everything })
    await harness.do('user.deactivate', { id: found?.user ?? '', reason })
    expect(await harness.do('setup.administrator', { passwordHash: HASH })).toEqual({ created: false })
  })
})

describe('a user with a first role', () => {
  test('is entered in one act', async () => {
    const before = harness.count('audit')
    const grant = { organisation: 'clinic', role: 'keeper' } as const
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH, grant })
    expect(grantsOf(id)).toEqual([{ ...grant, state: 'active' }])
    expect(harness.rows(`select kind, subject, new_json from audit where seq > ${before}`)).toEqual([
      {
        kind: 'user.create',
        subject: `user:${id}`,
        new_json: JSON.stringify({ id, state: 'active', ...grant }),
      },
    ])
  })

  test.each([
    ['an organisation that is not there', { organisation: 'nowhere', role: 'viewer' }, 'not-found'],
    ['a role nobody knows', { organisation: 'clinic', role: 'king' as 'viewer' }, 'bad-request'],
  ] as const)('is not entered at all with %s', async (_, grant, code) => {
    expect(await harness.refused('user.create', { name: 'li', passwordHash: HASH, grant })).toBe(code)
  })
})

describe('a new password', () => {
  test('ends the sessions of the user and nobody else’s', async () => {
    const { id: li } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const { id: wang } = await harness.do('user.create', { name: 'wang', passwordHash: HASH })
    for (const user of [li, wang, li]) await harness.do('session.open', { user })
    harness.clock.now += 5
    await harness.do('user.set-password', { id: li, passwordHash: OTHER_HASH })
    expect(harness.rows('select user, ended_at from session order by id')).toEqual([
      { user: li, ended_at: START_MS + 5 },
      { user: wang, ended_at: null },
      { user: li, ended_at: START_MS + 5 },
    ])
  })

  test('leaves nothing to whoever was checked against the old one', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const change = { id, passwordHash: OTHER_HASH, checkedHash: HASH }
    await harness.do('user.set-password', change)
    expect(await harness.refused('user.set-password', change)).toBe('conflict')
    expect(await harness.refused('session.open', { user: id, checkedHash: HASH })).toBe('conflict')
    await harness.do('session.open', { user: id, checkedHash: OTHER_HASH })
  })
})

describe('revoking a grant', () => {
  const grant = { organisation: 'clinic', role: 'keeper' } as const

  test('takes that role alone, once, until it is given again', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH, grant })
    await harness.do('user.grant', { id, organisation: 'clinic', role: 'viewer' })
    const viewer = { organisation: 'clinic', role: 'viewer', state: 'active' }
    expect(await harness.do('user.revoke-grant', { id, ...grant, reason })).toMatchObject({ id, name: 'li' })
    expect(grantsOf(id)).toEqual([viewer, { ...grant, state: 'revoked' }])
    expect(await harness.refused('user.revoke-grant', { id, ...grant, reason })).toBe('already-revoked')
    await harness.do('user.grant', { id, ...grant })
    expect(grantsOf(id)).toEqual([viewer, { ...grant, state: 'active' }])
  })

  test('needs a user who holds it, and a reason', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH, grant })
    const given = { id, ...grant, reason }
    for (const [change, code] of [
      [{ id: 'u-nobody' }, 'not-found'],
      [{ organisation: 'cdc' }, 'not-found'],
      [{ role: 'viewer' }, 'not-found'],
      [{ role: 'king' as 'viewer' }, 'bad-request'],
      [{ reason: ' ' }, 'bad-request'],
    ] as const) {
      expect([change, await harness.refused('user.revoke-grant', { ...given, ...change })]).toEqual([
        change,
        code,
      ])
    }
    await harness.do('user.deactivate', { id, reason })
    expect(await harness.refused('user.revoke-grant', given)).toBe('already-revoked')
  })
})

describe('the last active administrator of root', () => {
  async function administrators(...names: string[]): Promise<string[]> {
    const ids: string[] = []
    for (const name of names) {
      ids.push((await harness.do('user.create', { name, passwordHash: HASH, grant: everything })).id)
    }
    return ids
  }

  test('stays: of two, one may go either way', async () => {
    const [li = '', wang = '', zhao = ''] = await administrators('li', 'wang', 'zhao')
    await harness.do('user.revoke-grant', { id: li, ...everything, reason })
    await harness.do('user.deactivate', { id: wang, reason })
    expect(await harness.refused('user.deactivate', { id: zhao, reason })).toBe('conflict')
    expect(await harness.refused('user.revoke-grant', { id: zhao, ...everything, reason })).toBe('conflict')
    await harness.do('user.grant', { id: li, ...everything })
    await harness.do('user.deactivate', { id: zhao, reason })
    expect(await harness.refused('user.deactivate', { id: li, reason })).toBe('conflict')
  })

  test('loses other roles, and others leave', async () => {
    const [li = ''] = await administrators('li')
    const lesser = [
      { organisation: 'root', role: 'viewer' },
      { organisation: 'cdc', role: 'administrator' },
    ] as const
    for (const grant of lesser) {
      const other = { name: `other-${grant.role}`, passwordHash: HASH, grant }
      const { id } = await harness.do('user.create', other)
      await harness.do('user.deactivate', { id, reason })
      await harness.do('user.grant', { id: li, ...grant })
      await harness.do('user.revoke-grant', { id: li, ...grant, reason })
    }
    expect(grantsOf(li).filter(({ state }) => state === 'active')).toEqual([
      { ...everything, state: 'active' },
    ])
  })

  test('stays when two go at the same time', async () => {
    const ids = await administrators('li', 'wang')
    const ends = await Promise.allSettled(ids.map((id) => harness.do('user.deactivate', { id, reason })))
    expect(
      ends.map((end) => (end.status === 'rejected' ? (end.reason as { code: string }).code : 'done')),
    ).toEqual(['done', 'conflict'])
  })
})
