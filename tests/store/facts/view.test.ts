import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { FactsView } from '../../../store/index.ts'
import { createFactsView, deviceFactsAt, devicePolicies, sha256Hex } from '../../../store/index.ts'
import { DAY_MS, FactsHarness, HASH, HOUR_MS, START_MS } from './setup.ts'

let harness: FactsHarness
let view: FactsView
beforeEach(async () => {
  harness = await FactsHarness.open()
  view = createFactsView()
  harness.facts.onChange((change) => view.apply(change))
  view.load(await harness.facts.snapshot())
  await harness.city()
})
afterEach(() => harness.close())

const reason = 'because'
const fridge = { id: 'fridge-1', site: 'ward', kind: 'real' } as const

test('is not ready and knows nobody before its first snapshot', async () => {
  const fresh = createFactsView()
  fresh.apply({ version: 1, rows: [] })
  expect([fresh.ready, fresh.version, fresh.organisation('cdc')]).toEqual([false, 0, undefined])
  fresh.load(await harness.facts.snapshot())
  expect([fresh.ready, fresh.version, fresh.organisation('cdc')?.name]).toEqual([true, 6, '市疾控'])
})

test('passes over changes its snapshot contains', async () => {
  const fresh = createFactsView()
  const changes: Parameters<FactsView['apply']>[0][] = []
  harness.facts.onChange((change) => changes.push(change))
  await harness.do('device.create', fridge)
  await harness.do('device.revoke', { id: 'fridge-1', reason })
  fresh.load(await harness.facts.snapshot())
  const before = fresh.rows()
  for (const change of changes) fresh.apply(change)
  expect(changes.map((change) => change.version)).toEqual([7, 8])
  expect(fresh.rows()).toEqual(before)
})

test('passwords are never fed', async () => {
  await harness.do('user.create', { name: 'li', passwordHash: HASH })
  const fed = [...view.rows(), ...(await harness.facts.snapshot()).rows]
  expect(fed.filter((row) => row.table === 'user')).toHaveLength(2)
  expect(JSON.stringify(fed)).not.toContain(HASH)
})

describe('the tree', () => {
  test.each([
    ['clinic', 'clinic', true],
    ['clinic', 'cdc', true],
    ['clinic', 'root', true],
    ['clinic', 'show', false],
    ['cdc', 'clinic', false],
    ['nowhere', 'cdc', false],
    ['root', 'root', true],
    ['root', 'cdc', false],
  ])('%s within %s: %s', (organisation, scope, expected) => {
    expect(view.isWithin(organisation, scope)).toBe(expected)
  })

  test('a device belongs to the organisation of its site', async () => {
    await harness.do('device.create', fridge)
    expect(view.organisationOfDevice('fridge-1')).toBe('clinic')
    expect(view.organisationOfDevice('fridge-2')).toBeUndefined()
  })
})

describe('devices', () => {
  test('what held at an instant, and what holds now', async () => {
    await harness.do('device.create', fridge)
    harness.clock.now += HOUR_MS
    await harness.do('device.revoke', { id: 'fridge-1', reason })
    expect(view.device('fridge-1')?.state).toBe('revoked')
    expect(view.device('fridge-1', START_MS)?.state).toBe('active')
    expect(view.device('fridge-1', START_MS + HOUR_MS - 1)?.state).toBe('active')
    expect(view.device('fridge-1', START_MS + HOUR_MS)?.state).toBe('revoked')
    expect(view.device('fridge-1', START_MS - 1)).toBeUndefined()
    expect(view.deviceHistory('fridge-1').map((row) => row.state)).toEqual(['active', 'revoked'])
  })

  test('the facts a record is judged by are those of its arrival', async () => {
    await harness.do('device.create', { ...fridge, expectedIntervalMs: 60_000 })
    harness.clock.now += HOUR_MS
    const acceptFromMs = START_MS - 300 * DAY_MS
    await harness.do('device.accept-from', { id: 'fridge-1', acceptFromMs, reason })
    const first = { acceptFromMs: START_MS - 60 * DAY_MS, expectedIntervalMs: 60_000 }
    expect(deviceFactsAt(view, 'fridge-1', START_MS)).toEqual(first)
    expect(deviceFactsAt(view, 'fridge-1', START_MS - DAY_MS)).toEqual(first)
    expect(deviceFactsAt(view, 'fridge-1', START_MS + HOUR_MS)).toEqual({ ...first, acceptFromMs })
    expect(deviceFactsAt(view, 'fridge-2', START_MS)).toBeUndefined()
  })
})

describe('admission', () => {
  test('tells who is revoked and who got another secret, at once', async () => {
    const policies = devicePolicies(view)
    const told: string[] = []
    const stop = policies.onChange((id) => told.push(id))
    const { secret } = await harness.do('device.create', fridge)
    expect(policies.find('fridge-1')).toEqual({
      id: 'fridge-1',
      state: 'active',
      secretSha256: sha256Hex(secret),
    })
    expect(policies.find('fridge-2')).toBeUndefined()
    expect(told.splice(0)).toEqual(['fridge-1'])

    await harness.do('device.accept-from', { id: 'fridge-1', acceptFromMs: START_MS, reason })
    expect(told).toEqual([])

    const { secret: second } = await harness.do('device.issue-secret', { id: 'fridge-1', reason })
    expect(policies.find('fridge-1')?.secretSha256).toBe(sha256Hex(second))
    expect(told.splice(0)).toEqual(['fridge-1'])

    await harness.do('device.revoke', { id: 'fridge-1', reason })
    expect(policies.find('fridge-1')?.state).toBe('revoked')
    expect(told.splice(0)).toEqual(['fridge-1'])

    stop()
    await harness.do('device.create', { ...fridge, id: 'fridge-2' })
    expect(told).toEqual([])
  })

  test('a new snapshot tells those that changed while nobody listened', async () => {
    const late = createFactsView()
    const policies = devicePolicies(late)
    expect(policies.ready).toBe(false)
    for (const id of ['fridge-1', 'fridge-2', 'fridge-3'])
      await harness.do('device.create', { ...fridge, id })
    late.load(await harness.facts.snapshot())
    expect(policies.ready).toBe(true)
    const told: string[] = []
    policies.onChange((id) => told.push(id))
    await harness.do('device.revoke', { id: 'fridge-2', reason })
    late.load(await harness.facts.snapshot())
    expect(told).toEqual(['fridge-2'])
  })
})

describe('people', () => {
  test('users, their grants and sessions', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    await harness.do('user.grant', { id, organisation: 'clinic', role: 'keeper' })
    await harness.do('user.grant', { id, organisation: 'cdc', role: 'viewer' })
    const { session } = await harness.do('session.open', { user: id })
    expect(view.user(id)).toMatchObject({ name: 'li', state: 'active' })
    expect(view.grants(id).map(({ organisation, role }) => [organisation, role])).toEqual([
      ['clinic', 'keeper'],
      ['cdc', 'viewer'],
    ])
    expect(view.grants('u-nobody')).toEqual([])
    expect(view.session(session.tokenSha256)).toEqual(session)
    await harness.do('session.end', { tokenSha256: session.tokenSha256 })
    expect(view.session(session.tokenSha256)).toBeUndefined()
  })

  test('deactivating a user takes their sessions away at once', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const { session } = await harness.do('session.open', { user: id })
    await harness.do('user.deactivate', { id, reason })
    expect(view.session(session.tokenSha256)).toBeUndefined()
    expect(view.user(id)?.state).toBe('deactivated')
  })

  test('expired sessions are forgotten like the store forgets them', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const { session: first } = await harness.do('session.open', { user: id })
    harness.clock.now += DAY_MS
    expect(view.session(first.tokenSha256)).toEqual(first)
    const { session: second } = await harness.do('session.open', { user: id })
    expect(view.rows().filter((row) => row.table === 'session')).toEqual([{ table: 'session', row: second }])
  })

  test('keys by id and by hash', async () => {
    const { key, secret } = await harness.do('key.create', { name: 'k', organisation: 'cdc', role: 'viewer' })
    expect(view.keyBySha256(sha256Hex(secret))).toEqual(key)
    expect(view.key(key.id)).toEqual(key)
    await harness.do('key.revoke', { id: key.id, reason })
    expect(view.keyBySha256(sha256Hex(secret))?.state).toBe('revoked')
    expect(view.keyBySha256('none')).toBeUndefined()
  })
})
