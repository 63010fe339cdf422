import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { sha256Hex } from '../../../store/index.ts'
import { DAY_MS, FactsHarness, HASH, HOUR_MS, START_MS } from './setup.ts'

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
