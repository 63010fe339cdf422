import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { FactsReads } from '../../../store/index.ts'
import { openFactsReads, registerSensors } from '../../../store/index.ts'
import { FactsHarness, HASH, HOUR_MS, LI } from './setup.ts'

let harness: FactsHarness
let reads: FactsReads

async function open(): Promise<void> {
  harness = await FactsHarness.open()
  await harness.city()
  reads = openFactsReads({ path: harness.path })
}

async function close(): Promise<void> {
  reads.close()
  await harness.close()
}

const root = { scopes: ['root'], limit: 100 }
const recorded = {
  validFrom: '2026-11-23T02:00:00.000Z',
  recordedAt: '2026-11-23T02:00:00.000Z',
  recordedBy: 'user:u-li',
}
const ids = (page: { readonly items: readonly { readonly id: string }[] }): string[] =>
  page.items.map((item) => item.id)

/** fridge-1 in the clinic, fridge-2 in the CDC above it, sim-1 in the demonstration. */
async function devices(): Promise<void> {
  await harness.do('device.create', { id: 'fridge-1', site: 'ward', kind: 'real', label: '左' })
  await harness.do('device.create', { id: 'fridge-2', site: 'depot', kind: 'real' })
  await harness.do('device.create', { id: 'sim-1', site: 'stage', kind: 'simulated' })
}

describe('items', () => {
  beforeEach(open)
  afterEach(close)

  test('of organisations', async () => {
    expect(await reads.organisations({ ...root, scopes: ['clinic'] })).toEqual({
      items: [
        { id: 'clinic', parent: 'cdc', kind: 'clinic', demo: false, name: '门诊', nameEn: null, ...recorded },
      ],
      next: null,
    })
  })

  test('of sites', async () => {
    expect((await reads.sites({ ...root, organisation: 'show' })).items).toEqual([
      {
        id: 'stage',
        organisation: 'show',
        name: '演示点',
        nameEn: null,
        zone: 'Asia/Shanghai',
        demo: true,
        ...recorded,
      },
    ])
  })

  test('of devices, as they are after the last change', async () => {
    await devices()
    harness.clock.now += HOUR_MS
    await harness.do('device.revoke', { id: 'fridge-1', reason: 'lost' })
    expect((await reads.devices({ ...root, site: 'ward' })).items).toEqual([
      {
        id: 'fridge-1',
        site: 'ward',
        organisation: 'clinic',
        kind: 'real',
        state: 'revoked',
        acceptFrom: '2026-09-24T02:00:00.000Z',
        expectedIntervalSeconds: 300,
        label: '左',
        demo: false,
        validFrom: '2026-11-23T03:00:00.000Z',
        recordedAt: '2026-11-23T03:00:00.000Z',
        recordedBy: 'user:u-li',
      },
    ])
  })

  test('of sensors', async () => {
    await devices()
    const sinceMs = harness.clock.now
    await registerSensors(harness.facts, LI, [{ device: 'sim-1', name: 'main', sinceMs }])
    expect((await reads.sensors(root)).items).toEqual([
      { id: 'sim-1/main', device: 'sim-1', name: 'main', site: 'stage', demo: true, ...recorded },
    ])
  })

  test('of users, with the grants that lie in the scopes', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    await harness.do('user.grant', { id, organisation: 'root', role: 'administrator' })
    await harness.do('user.grant', { id, organisation: 'clinic', role: 'keeper' })
    const user = { id, name: 'li', state: 'active', ...recorded }
    expect((await reads.users(root)).items).toEqual([
      {
        ...user,
        grants: [
          { organisation: 'clinic', role: 'keeper' },
          { organisation: 'root', role: 'administrator' },
        ],
      },
    ])
    expect((await reads.users({ ...root, scopes: ['cdc'] })).items).toEqual([
      { ...user, grants: [{ organisation: 'clinic', role: 'keeper' }] },
    ])
    expect((await reads.users({ ...root, scopes: ['show'] })).items).toEqual([])
  })

  test('of keys, without a word of the key', async () => {
    const { key } = await harness.do('key.create', { name: '报表', organisation: 'clinic', role: 'viewer' })
    expect((await reads.keys({ ...root, scopes: ['cdc'] })).items).toEqual([
      { id: key.id, name: '报表', organisation: 'clinic', role: 'viewer', state: 'active', ...recorded },
    ])
    expect((await reads.keys({ ...root, scopes: ['show'] })).items).toEqual([])
  })

  test('of refusals, newest hour first', async () => {
    await devices()
    const row = { reason: 'wrong-secret', count: 1 }
    const rows = [
      { ...row, device: 'fridge-1', hourMs: HOUR_MS },
      { ...row, device: 'sim-1', hourMs: 2 * HOUR_MS, count: 3 },
      { ...row, device: '', hourMs: HOUR_MS },
    ]
    await harness.do('refusals.add', { rows })
    const fridge = { device: 'fridge-1', reason: 'wrong-secret', hour: '1970-01-01T01:00:00.000Z', count: 1 }
    expect((await reads.refusals(root)).items).toEqual([
      { device: 'sim-1', reason: 'wrong-secret', hour: '1970-01-01T02:00:00.000Z', count: 3 },
      { device: '', reason: 'wrong-secret', hour: '1970-01-01T01:00:00.000Z', count: 1 },
      fridge,
    ])
    expect((await reads.refusals({ ...root, scopes: ['cdc'] })).items).toEqual([fridge])
    expect((await reads.refusals({ ...root, device: 'fridge-1' })).items).toEqual([fridge])
  })

  test('no list holds a secret or a hash', async () => {
    await devices()
    await harness.do('setup.administrator', { passwordHash: HASH })
    await harness.do('key.create', { name: 'k', organisation: 'root', role: 'viewer' })
    const all = [reads.organisations, reads.sites, reads.devices, reads.sensors, reads.users, reads.keys]
    const text = JSON.stringify(await Promise.all(all.map((list) => list(root))))
    const stored = harness.rows('select sha256 as text from device_secret union select sha256 from "key"')
    expect(stored).toHaveLength(4)
    for (const secret of [HASH, ...stored.map((row) => row['text'])]) expect(text).not.toContain(secret)
    expect(text).not.toMatch(/sha256|hash|isd_|isk_/)
  })
})

describe('scopes', () => {
  beforeAll(async () => {
    await open()
    await devices()
  })
  afterAll(close)

  test.each([
    [['root'], ['cdc', 'clinic', 'show'], ['depot', 'stage', 'ward'], ['fridge-1', 'fridge-2', 'sim-1']],
    [['cdc'], ['cdc', 'clinic'], ['depot', 'ward'], ['fridge-1', 'fridge-2']],
    [['clinic'], ['clinic'], ['ward'], ['fridge-1']],
    [
      ['clinic', 'cdc'],
      ['cdc', 'clinic'],
      ['depot', 'ward'],
      ['fridge-1', 'fridge-2'],
    ],
    [
      ['clinic', 'show'],
      ['clinic', 'show'],
      ['stage', 'ward'],
      ['fridge-1', 'sim-1'],
    ],
    [['nowhere'], [], [], []],
    [[], [], [], []],
  ])('%j', async (scopes, organisations, sites, deviceIds) => {
    const input = { scopes, limit: 100 }
    expect(ids(await reads.organisations(input))).toEqual(organisations)
    expect(ids(await reads.sites(input))).toEqual(sites)
    expect(ids(await reads.devices(input))).toEqual(deviceIds)
    expect(await reads.deviceIdsIn(scopes)).toEqual(deviceIds)
    for (const id of ['fridge-1', 'fridge-2', 'sim-1', 'ghost']) {
      expect(await reads.deviceInScope(id, scopes)).toBe(deviceIds.includes(id))
    }
  })

  test('users without a grant and keys on root are for root alone', async () => {
    const { id } = await harness.do('user.create', { name: 'li', passwordHash: HASH })
    const { key } = await harness.do('key.create', { name: 'k', organisation: 'root', role: 'viewer' })
    expect(ids(await reads.users(root))).toEqual([id])
    expect(ids(await reads.keys(root))).toEqual([key.id])
    const all = { ...root, scopes: ['cdc', 'show'] }
    expect([ids(await reads.users(all)), ids(await reads.keys(all))]).toEqual([[], []])
  })

  test('a filter does not reach out of the scopes', async () => {
    const scopes = ['show']
    expect(ids(await reads.sites({ ...root, scopes, organisation: 'cdc' }))).toEqual([])
    expect(ids(await reads.devices({ ...root, scopes, site: 'ward' }))).toEqual([])
    expect((await reads.refusals({ ...root, scopes, device: 'fridge-1' })).items).toEqual([])
  })
})

/** Something of everything, entered in another order than it is listed in. */
async function fill(): Promise<void> {
  await devices()
  const sensors = ['b', 'a'].flatMap((sensor) =>
    ['fridge-1', 'sim-1'].map((device) => ({ device, name: sensor, sinceMs: 0 })),
  )
  await registerSensors(harness.facts, LI, sensors)
  for (const user of ['li', 'wang', 'zhao'])
    await harness.do('user.create', { name: user, passwordHash: HASH })
  for (const key of ['x', 'y', 'z'])
    await harness.do('key.create', { name: key, organisation: 'cdc', role: 'viewer' })
  const hours = [1, 2].flatMap((hour) =>
    ['wrong-secret', 'foreign-topic'].flatMap((reason) =>
      ['fridge-1', 'fridge-2', ''].map((device) => ({
        device,
        reason,
        hourMs: hour * HOUR_MS,
        count: 1,
      })),
    ),
  )
  await harness.do('refusals.add', { rows: hours })
}

describe('pages', () => {
  beforeAll(async () => {
    await open()
    await fill()
  })
  afterAll(close)

  type List = (input: { scopes: string[]; limit: number; after?: string }) => Promise<{
    readonly items: readonly object[]
    readonly next: string | null
  }>

  test.each(['organisations', 'sites', 'devices', 'sensors', 'users', 'keys', 'refusals'] as const)(
    '%s come one by one as they come at once',
    async (name) => {
      const list: List = reads[name]
      const whole = await list(root)
      expect(whole.items.length).toBeGreaterThanOrEqual(3)
      expect(whole.next).toBeNull()
      const single: object[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<List>> = await list({
          scopes: ['root'],
          limit: 1,
          ...(after === null ? {} : { after }),
        })
        single.push(...page.items)
        after = page.next
      } while (after !== null && single.length < 100)
      expect(single).toEqual(whole.items)
    },
  )

  test.each([0, -1, 1.5, 1_001, Number.NaN])('a limit of %d is refused', async (limit) => {
    await expect(reads.organisations({ scopes: ['root'], limit })).rejects.toMatchObject({
      code: 'bad-request',
    })
  })

  test.each([
    ['sensors', 'a/b/c'],
    ['sensors', ''],
    ['refusals', 'fridge-1'],
    ['refusals', '1/a b/x'],
  ] as const)('%s refuse the cursor "%s"', async (name, after) => {
    await expect(reads[name]({ ...root, after })).rejects.toMatchObject({ code: 'bad-request' })
  })
})

test('there is nothing to read before the core made it', () => {
  const path = join(tmpdir(), 'isotherm-none', 'facts.sqlite')
  expect(() => openFactsReads({ path })).toThrow(expect.objectContaining({ code: 'core-unavailable' }))
})
