import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../store/index.ts'
import { DAY_MS, FactsHarness, HASH, HOUR_MS, OTHER_HASH, START_MS } from './setup.ts'

let harness: FactsHarness

function eachInItsOwnCity(): void {
  beforeEach(async () => {
    harness = await FactsHarness.open()
    await harness.city()
  })
  afterEach(() => harness.close())
}

const recorded = {
  recordedAt: START_MS,
  recordedBy: 'user:u-li',
  validFrom: START_MS,
  validTo: null,
  supersedes: null,
}
const reason = 'because'
const forever = '2'.repeat(201)

describe('organisations', () => {
  eachInItsOwnCity()
  const child = { id: 'ward-7', parent: 'clinic', kind: 'clinic', demo: false, name: '七号' } as const

  test('create a child of what is there', async () => {
    expect(await harness.do('organisation.create', { ...child, nameEn: 'Seven', reason })).toEqual({
      ...recorded,
      ...child,
      fact: 4,
      demo: 0,
      nameEn: 'Seven',
      reason,
    })
  })

  test('take the longest name and reason', async () => {
    const longest = { ...child, name: 'x'.repeat(200), reason: 'x'.repeat(500) }
    expect(await harness.do('organisation.create', longest)).toMatchObject({ name: longest.name })
  })
})

describe('sites', () => {
  eachInItsOwnCity()
  const site = { id: 'attic', organisation: 'clinic', name: '阁楼', zone: 'Asia/Urumqi' }

  test('create one', async () => {
    const created = await harness.do('site.create', site)
    expect(created).toEqual({ ...recorded, ...site, fact: 4, nameEn: null, reason: '' })
  })
})

describe('devices', () => {
  eachInItsOwnCity()
  const fridge = { id: 'fridge-1', site: 'ward', kind: 'real' } as const

  test('answer the secret once and keep its hash', async () => {
    const { device, secret } = await harness.do('device.create', { ...fridge, label: '左' })
    expect(device).toEqual({
      ...recorded,
      ...fridge,
      fact: 1,
      state: 'active',
      acceptFrom: START_MS - 60 * DAY_MS,
      expectedInterval: 300_000,
      label: '左',
      reason: '',
    })
    expect(secret).toMatch(/^isd_[A-Za-z0-9_-]{43}$/)
    expect(harness.rows('select device, sha256 from device_secret')).toEqual([
      { device: 'fridge-1', sha256: sha256Hex(secret) },
    ])
  })

  test.each([
    [1_000, Date.UTC(2000, 0, 1)],
    [DAY_MS, START_MS],
  ])('take an interval of %d ms and acceptFrom %d', async (expectedIntervalMs, acceptFromMs) => {
    const { device } = await harness.do('device.create', { ...fridge, expectedIntervalMs, acceptFromMs })
    expect(device).toMatchObject({ expectedInterval: expectedIntervalMs, acceptFrom: acceptFromMs })
  })

  test('simulated ones live in demonstrations', async () => {
    const { device } = await harness.do('device.create', { id: 'sim-1', site: 'stage', kind: 'simulated' })
    expect(device).toMatchObject({ kind: 'simulated', site: 'stage' })
  })

  test('revoke once; the id is never used again', async () => {
    await harness.do('device.create', fridge)
    harness.clock.now += HOUR_MS
    expect(await harness.do('device.revoke', { id: 'fridge-1', reason })).toMatchObject({
      state: 'revoked',
      validFrom: START_MS + HOUR_MS,
      validTo: null,
      reason,
    })
    expect(await harness.refused('device.revoke', { id: 'fridge-1', reason })).toBe('already-revoked')
    expect(await harness.refused('device.issue-secret', { id: 'fridge-1', reason })).toBe('already-revoked')
    expect(await harness.refused('device.create', fridge)).toBe('already-exists')
  })

  test('a new secret takes the place of the old one', async () => {
    const { secret: first } = await harness.do('device.create', fridge)
    harness.clock.now += 1
    const { secret: second } = await harness.do('device.issue-secret', { id: 'fridge-1', reason })
    expect(second).not.toBe(first)
    const live = 'select sha256, valid_from, valid_to from live_device_secret order by valid_from'
    expect(harness.rows(live)).toEqual([
      { sha256: sha256Hex(first), valid_from: START_MS, valid_to: START_MS + 1 },
      { sha256: sha256Hex(second), valid_from: START_MS + 1, valid_to: null },
    ])
  })

  test('change acceptFrom, also of a revoked one whose records still wait', async () => {
    await harness.do('device.create', fridge)
    const earlier = { id: 'fridge-1', acceptFromMs: START_MS - 300 * DAY_MS, reason }
    expect(await harness.do('device.accept-from', earlier)).toMatchObject({
      acceptFrom: earlier.acceptFromMs,
    })
    await harness.do('device.revoke', { id: 'fridge-1', reason })
    const later = { ...earlier, acceptFromMs: START_MS }
    expect(await harness.do('device.accept-from', later)).toMatchObject({
      acceptFrom: START_MS,
      state: 'revoked',
    })
    expect(await harness.refused('device.accept-from', { ...later, acceptFromMs: START_MS + 1 })).toBe(
      'bad-request',
    )
  })

  test.each(['device.revoke', 'device.issue-secret', 'device.accept-from'] as const)(
    '%s needs a device and a reason',
    async (name) => {
      const input = { id: 'fridge-1', acceptFromMs: START_MS }
      expect(await harness.refused(name, { ...input, reason })).toBe('not-found')
      await harness.do('device.create', fridge)
      expect(await harness.refused(name, { ...input, reason: ' ' })).toBe('bad-request')
    },
  )
})

describe('users', () => {
  eachInItsOwnCity()
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
    await harness.do('user.deactivate', { id: found?.user ?? '', reason })
    expect(await harness.do('setup.administrator', { passwordHash: HASH })).toEqual({ created: false })
  })
})

describe('keys', () => {
  eachInItsOwnCity()
  const given = { name: '报表', organisation: 'cdc', role: 'viewer' } as const

  test('answer the key once and keep its hash; revoke once', async () => {
    const { key, secret } = await harness.do('key.create', given)
    expect(secret).toMatch(/^isk_[A-Za-z0-9_-]{43}$/)
    expect(key).toEqual({
      ...recorded,
      ...given,
      fact: 1,
      id: key.id,
      state: 'active',
      sha256: sha256Hex(secret),
      reason: '',
    })
    expect(key.id).toMatch(/^k[0-9a-f]{16}$/)
    expect(await harness.do('key.revoke', { id: key.id, reason })).toMatchObject({ state: 'revoked' })
    expect(await harness.refused('key.revoke', { id: key.id, reason })).toBe('already-revoked')
  })

  test('revoking needs a key and a reason', async () => {
    expect(await harness.refused('key.revoke', { id: 'k-none', reason })).toBe('not-found')
    const { key } = await harness.do('key.create', { ...given, organisation: 'root' })
    expect(await harness.refused('key.revoke', { id: key.id, reason: '' })).toBe('bad-request')
  })
})

describe('sessions', () => {
  eachInItsOwnCity()
  const day = 24 * HOUR_MS

  test('open for a day, ended at once when asked', async () => {
    const { id: user } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const { token, session } = await harness.do('session.open', { user })
    expect(token).toMatch(/^iss_[A-Za-z0-9_-]{43}$/)
    const tokenSha256 = sha256Hex(token)
    const open = { tokenSha256, user, createdAt: START_MS, expiresAt: START_MS + day, endedAt: null }
    expect(session).toEqual(open)
    harness.clock.now += HOUR_MS
    expect(await harness.do('session.end', { tokenSha256 })).toEqual({ ...open, endedAt: START_MS + HOUR_MS })
    expect(await harness.refused('session.end', { tokenSha256 })).toBe('already-revoked')
    expect(await harness.refused('session.end', { tokenSha256: 'none' })).toBe('not-found')
    expect(await harness.refused('session.open', { user: 'u-nobody' })).toBe('not-found')
  })

  test('deactivating a user ends all their sessions and nobody else’s', async () => {
    const { id: li } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const { id: wang } = await harness.do('user.create', { name: 'wang', passwordHash: HASH })
    for (const user of [li, wang, li]) await harness.do('session.open', { user })
    harness.clock.now += 5
    await harness.do('user.deactivate', { id: li, reason })
    expect(harness.rows('select user, ended_at from session order by id')).toEqual([
      { user: li, ended_at: START_MS + 5 },
      { user: wang, ended_at: null },
      { user: li, ended_at: START_MS + 5 },
    ])
  })

  test('expired ones are forgotten when the next one opens', async () => {
    const { id: user } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    await harness.do('session.open', { user })
    harness.clock.now += day - 1
    await harness.do('session.open', { user })
    expect(harness.count('session')).toBe(2)
    harness.clock.now += 1
    await harness.do('session.open', { user })
    expect(harness.count('session')).toBe(2)
  })
})

describe('refusals', () => {
  eachInItsOwnCity()
  const row = { device: 'fridge-1', reason: 'wrong-secret', hourMs: 10 * HOUR_MS, count: 2 }

  test('add up per device, reason and hour; strangers share one row', async () => {
    await harness.do('device.create', { id: 'fridge-1', site: 'ward', kind: 'real' })
    const strangers = ['', 'stranger-1', 'stranger-2'].map((device) => ({ ...row, device, count: 1 }))
    expect(await harness.do('refusals.add', { rows: [row, row, ...strangers] })).toEqual({ added: 7 })
    expect(await harness.do('refusals.add', { rows: [row, { ...row, hourMs: 11 * HOUR_MS }] })).toEqual({
      added: 4,
    })
    expect(harness.rows('select * from refusal order by device, hour_ms')).toEqual([
      { device: '', reason: 'wrong-secret', hour_ms: 10 * HOUR_MS, count: 3 },
      { device: 'fridge-1', reason: 'wrong-secret', hour_ms: 10 * HOUR_MS, count: 6 },
      { device: 'fridge-1', reason: 'wrong-secret', hour_ms: 11 * HOUR_MS, count: 2 },
    ])
  })

  test('take ten thousand devices at a time and no more', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({ ...row, device: `d-${index}` }))
    expect(await harness.do('refusals.add', { rows })).toEqual({ added: 20_000 })
    expect(await harness.refused('refusals.add', { rows: [...rows, row] })).toBe('bad-request')
  })
})

// One city for all of them: what is refused leaves nothing behind, which `refused` checks.
describe('refuses', () => {
  let city: FactsHarness
  beforeAll(async () => {
    city = await FactsHarness.open()
    await city.city()
  })
  afterAll(() => city.close())

  test.each([
    ['an id that is taken', { id: 'cdc', parent: null }, 'already-exists'],
    ['an id outside the alphabet', { id: 'a/b' }, 'bad-request'],
    ['an empty id', { id: '' }, 'bad-request'],
    ['the reserved id', { id: 'root' }, 'bad-request'],
    ['a parent that is not there', { parent: 'nowhere' }, 'not-found'],
    ['itself as parent', { parent: 'ward-7' }, 'not-found'],
    ['root as parent', { parent: 'root' }, 'not-found'],
    ['a real child of a demonstration', { parent: 'show' }, 'demo-only'],
    ['a demonstration below a real one', { demo: true }, 'demo-only'],
    ['a blank name', { name: ' ' }, 'bad-request'],
    ['a name of 201 characters', { name: forever }, 'bad-request'],
    ['a name with a line break', { name: 'a\nb' }, 'bad-request'],
    ['a blank English name', { nameEn: '' }, 'bad-request'],
    ['a kind nobody knows', { kind: 'shop' as 'clinic' }, 'bad-request'],
    ['a reason of 501 characters', { reason: 'x'.repeat(501) }, 'bad-request'],
  ])('organisation.create: %s', async (_, change, code) => {
    const given = { id: 'ward-7', parent: 'clinic', kind: 'clinic', demo: false, name: '七号' } as const
    expect(await city.refused('organisation.create', { ...given, ...change })).toBe(code)
  })

  test.each([
    ['an id that is taken', { id: 'ward' }, 'already-exists'],
    ['an organisation that is not there', { organisation: 'nowhere' }, 'not-found'],
    ['root as organisation', { organisation: 'root' }, 'not-found'],
    ['a zone nobody knows', { zone: 'Asia/Wuxi' }, 'bad-request'],
    ['an offset for a zone', { zone: '+08:00' }, 'bad-request'],
    ['an empty zone', { zone: '' }, 'bad-request'],
    ['a bad id', { id: 'a b' }, 'bad-request'],
  ])('site.create: %s', async (_, change, code) => {
    const given = { id: 'attic', organisation: 'clinic', name: '阁楼', zone: 'Asia/Urumqi' } as const
    expect(await city.refused('site.create', { ...given, ...change })).toBe(code)
  })

  test.each([
    ['a site that is not there', { site: 'nowhere' }, 'not-found'],
    ['a real device in a demonstration', { site: 'stage' }, 'demo-only'],
    ['a simulated device outside one', { kind: 'simulated' as const }, 'demo-only'],
    ['a kind nobody knows', { kind: 'toy' as 'real' }, 'bad-request'],
    ['acceptFrom before 2000', { acceptFromMs: Date.UTC(2000, 0, 1) - 1 }, 'bad-request'],
    ['acceptFrom in the future', { acceptFromMs: START_MS + 1 }, 'bad-request'],
    ['acceptFrom with a fraction', { acceptFromMs: START_MS - 0.5 }, 'bad-request'],
    ['acceptFrom that is no number', { acceptFromMs: Number.NaN }, 'bad-request'],
    ['an interval below a second', { expectedIntervalMs: 999 }, 'bad-request'],
    ['an interval above a day', { expectedIntervalMs: DAY_MS + 1 }, 'bad-request'],
    ['an interval with a fraction', { expectedIntervalMs: 1_000.5 }, 'bad-request'],
    ['a bad id', { id: 'x'.repeat(65) }, 'bad-request'],
    ['a blank label', { label: '' }, 'bad-request'],
  ])('device.create: %s', async (_, change, code) => {
    const given = { id: 'fridge-1', site: 'ward', kind: 'real' } as const
    expect(await city.refused('device.create', { ...given, ...change })).toBe(code)
  })

  test.each([
    ['a name outside the alphabet', { name: '李娜' }],
    ['an empty name', { name: '' }],
    ['a name of 65 characters', { name: 'x'.repeat(65) }],
    ['a password where its hash belongs', { passwordHash: 'correct horse battery' }],
  ])('user.create: %s', async (_, change) => {
    const given = { name: 'li', passwordHash: HASH } as const
    expect(await city.refused('user.create', { ...given, ...change })).toBe('bad-request')
  })

  test.each([
    ['an organisation that is not there', { organisation: 'nowhere' }, 'not-found'],
    ['a blank name', { name: '' }, 'bad-request'],
    ['a role nobody knows', { role: 'king' as 'viewer' }, 'bad-request'],
  ])('key.create: %s', async (_, change, code) => {
    const given = { name: '报表', organisation: 'cdc', role: 'viewer' } as const
    expect(await city.refused('key.create', { ...given, ...change })).toBe(code)
  })

  test.each([
    ['a reason nobody knows', { reason: 'mood' }],
    ['a reason of every object', { reason: 'constructor' }],
    ['a time inside an hour', { hourMs: 1 }],
    ['a count of nothing', { count: 0 }],
    ['a count with a fraction', { count: 1.5 }],
    ['a device outside the alphabet', { device: 'a b' }],
  ])('refusals.add: %s', async (_, change) => {
    const row = { device: 'fridge-1', reason: 'wrong-secret', hourMs: 10 * HOUR_MS, count: 2 }
    expect(await city.refused('refusals.add', { rows: [row, { ...row, ...change }] })).toBe('bad-request')
  })

  test('a command nobody knows', async () => {
    expect(await city.refused('toString' as 'site.create', {} as never)).toBe('bad-request')
  })
})
