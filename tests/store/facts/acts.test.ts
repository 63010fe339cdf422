import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { registerSensors } from '../../../store/index.ts'
import type { Act } from '../../../store/facts/act.ts'
import { act, openFact } from '../../../store/facts/act.ts'
import { factTables } from '../../../store/facts/schema.ts'
import { DAY_MS, FactsHarness, HASH, LI, OTHER_HASH, START_MS } from './setup.ts'
import { prepareWalk } from './walk-places.ts'
import { walk } from './walk.ts'

let harness: FactsHarness

const entry = { kind: 'test', actor: LI, subject: 'test:1', reason: '', old: null, new: null }
const nurse = { id: 'u-1', name: 'nurse', state: 'active' } as const

/** What each command does to its subject, as the audit trail must tell it. Reading a hash is no act. */
const silent: readonly string[] = ['user.password-hash']

describe('an act', () => {
  beforeEach(async () => {
    harness = await FactsHarness.open()
  })
  afterEach(() => harness.close())

  test('every command leaves exactly one audit row of its own kind, and one version of the facts', async () => {
    const known = new Map<string, string>()
    const told: string[] = []
    await prepareWalk(harness, harness.facts)
    const prepared = harness.count('audit')
    for (const [name, carryOut] of Object.entries(walk(harness, known))) {
      const before = harness.count('audit')
      await carryOut()
      const added = harness.rows(`select kind, actor, at from audit where seq > ${before}`)
      expect({ [name]: added }).toEqual({
        [name]: silent.includes(name) ? [] : [{ kind: name, actor: 'user:u-li', at: START_MS }],
      })
      if (!silent.includes(name)) told.push(name)
    }
    const versions = harness.rows('select version, act from fact_version order by version')
    expect(versions.slice(prepared)).toEqual(
      told.map((_, index) => ({ version: prepared + index + 1, act: prepared + index + 1 })),
    )
  })

  test('no secret, hash, password or name of a person or thing gets into the audit trail', async () => {
    const known = new Map<string, string>()
    await prepareWalk(harness, harness.facts)
    for (const carryOut of Object.values(walk(harness, known))) await carryOut()
    const trail = JSON.stringify(harness.rows('select * from audit'))
    const stored = harness.rows('select sha256 as text from device_secret union select sha256 from "key"')
    const kept = [known.get('device secret'), known.get('new device secret'), known.get('key secret')]
    const never = [
      HASH,
      OTHER_HASH,
      'lina',
      '市疾控',
      '冷库',
      '左',
      '报表',
      '一号库',
      '值班',
      '夜班',
      '13800138000',
      'example.org',
      '门口',
      '卡介苗',
      '上海',
      known.get('token'),
      known.get('token hash'),
    ]
    for (const text of [...never, ...kept, ...stored.map((row) => row['text'])]) {
      expect(text).toEqual(expect.any(String))
      expect(trail).not.toContain(text)
    }
    for (const secret of [...kept, known.get('token')]) {
      for (const table of ['device_secret', 'key', 'session', 'audit']) {
        expect(JSON.stringify(harness.rows(`select * from "${table}"`))).not.toContain(secret)
      }
    }
  })

  test('an act that would tell a secret is a mistake of ours and is rolled back', async () => {
    const telling = harness.facts.transact((tx) => act(tx, { ...entry, new: { passwordHash: 'x' } }))
    await expect(telling).rejects.toThrow('an act must not tell passwordHash')
    expect(harness.count('audit')).toBe(0)
  })

  test('a job that writes without an act is rolled back', async () => {
    const session = { tokenSha256: 'x', user: 'u', createdAt: 0, expiresAt: 1, endedAt: null }
    const writing = harness.facts.transact((tx) => tx.run(tx.db.insertInto('session').values(session)))
    await expect(writing).rejects.toThrow('a job wrote without an act')
    expect(harness.count('session')).toBe(0)
  })

  test('a fact that names no act is refused by the database itself', async () => {
    const columns = 'valid_from, recorded_at, recorded_by, reason, act, device, name'
    const insert = (named: string): void =>
      harness.raw.exec(`insert into sensor (${columns}) values (0, 0, '', '', ${named}, 'd', 'n')`)
    expect(() => insert('null')).toThrow('NOT NULL constraint failed: sensor.act')
    expect(() => insert('1')).toThrow('FOREIGN KEY constraint failed')
  })

  test('something that only looks like an act opens nothing', async () => {
    const forged = harness.facts.transact(async (tx) => {
      await act(tx, entry)
      const lookalike = { tx, atMs: START_MS, recordedBy: 'user:u-li', reason: '' } as unknown as Act
      return openFact(lookalike, 'user', nurse)
    })
    await expect(forged).rejects.toThrow('NOT NULL constraint failed: user.act')
    expect(harness.count('audit')).toBe(0)
  })

  test('a row is superseded at most once', async () => {
    const twice = harness.facts.transact(async (tx) => {
      const done = await act(tx, entry)
      const { fact } = await openFact(done, 'user', nurse)
      for (let time = 0; time < 2; time += 1) {
        const row = { ...nurse, validFrom: 0, validTo: null, recordedAt: 0, recordedBy: '', reason: '' }
        await tx.run(tx.db.insertInto('user').values({ ...row, supersedes: fact, act: done.seq }))
      }
    })
    await expect(twice).rejects.toMatchObject({ code: 'internal' })
    expect(harness.count('user')).toBe(0)
  })

  test('a clock set back does not disorder what was recorded', async () => {
    await harness.do('user.create', { name: 'li', passwordHash: HASH })
    harness.clock.now = START_MS - 86_400_000
    await harness.do('user.create', { name: 'wang', passwordHash: HASH })
    await harness.reopen()
    await harness.do('user.create', { name: 'zhao', passwordHash: HASH })
    expect(harness.rows('select at from audit')).toEqual(Array.from({ length: 3 }, () => ({ at: START_MS })))
    expect(harness.rows('select recorded_at from user')).toEqual(
      Array.from({ length: 3 }, () => ({ recorded_at: START_MS })),
    )
  })

  test('sensors are registered once, one act per device, and strangers are named', async () => {
    await harness.city()
    for (const id of ['d-1', 'd-2']) await harness.do('device.create', { id, site: 'ward', kind: 'real' })
    const before = harness.count('audit')
    const rows = [
      sensor('d-1', 'main'),
      sensor('d-1', 'door'),
      sensor('d-1', 'main'),
      sensor('d-2', 'main'),
      sensor('d-x', 'main'),
    ]
    expect(await registerSensors(harness.facts, LI, rows)).toEqual({ registered: 3, unknownDevices: ['d-x'] })
    expect(await registerSensors(harness.facts, LI, rows)).toEqual({ registered: 0, unknownDevices: ['d-x'] })
    expect(harness.rows(`select kind, subject, new_json from audit where seq > ${before}`)).toEqual([
      { kind: 'sensor.register', subject: 'device:d-1', new_json: '{"sensors":["main","door"]}' },
      { kind: 'sensor.register', subject: 'device:d-2', new_json: '{"sensors":["main"]}' },
    ])
    expect(harness.rows('select device, name, valid_from from live_sensor')).toEqual([
      { device: 'd-1', name: 'main', valid_from: START_MS - 1 },
      { device: 'd-1', name: 'door', valid_from: START_MS - 1 },
      { device: 'd-2', name: 'main', valid_from: START_MS - 1 },
    ])
    const many = Array.from({ length: 101 }, (_, index) => sensor('d-1', `s${index}`))
    await expect(registerSensors(harness.facts, LI, many)).rejects.toMatchObject({ code: 'bad-request' })
  })
})

describe('after all commands', () => {
  let walked: FactsHarness
  beforeAll(async () => {
    harness = walked = await FactsHarness.open()
    await prepareWalk(walked, walked.facts)
    for (const carryOut of Object.values(walk(walked, new Map()))) await carryOut()
    await registerSensors(walked.facts, LI, [{ device: 'd-1', name: 'main', sinceMs: START_MS }])
  })
  afterAll(() => walked.close())

  test.each([
    ['device.create', 'device:d-1', null, { id: 'd-1', site: 'depot', kind: 'real', state: 'active' }],
    ['device.revoke', 'device:d-1', { state: 'active' }, { state: 'revoked' }],
    ['device.accept-from', 'device:d-1', { acceptFrom: START_MS - 60 * DAY_MS }, { acceptFrom: START_MS }],
    ['sensor.register', 'device:d-1', null, { sensors: ['main'] }],
    [
      'setup.administrator',
      expect.stringMatching(/^user:u/) as string,
      null,
      { state: 'active', organisation: 'root', role: 'administrator' },
    ],
    [
      'user.revoke-grant',
      expect.stringMatching(/^user:u/) as string,
      { organisation: 'cdc', role: 'keeper' },
      null,
    ],
    ['refusals.add', 'refusals', null, { rows: 1, added: 1 }],
    [
      'watch.report',
      'log:readings',
      null,
      { watch: 'balance.mismatch', what: 'stored rows', counted: 2, found: 1 },
    ],
    ['place.retire', 'place:room', { state: 'active' }, { state: 'retired', atMs: START_MS }],
    ['duty.set', 'place:room', { duty: 'in-service' }, { duty: 'defrost', fromMs: START_MS }],
    ['custody.move', 'lot:l-1', null, { from: 'room', to: 'box', quantity: 4, atMs: START_MS }],
    [
      'placement.correct',
      'sensor:d-1/main',
      { point: 'room-1', standing: 'judged', fromMs: START_MS, toMs: null },
      { point: 'room-1', standing: 'judged', fromMs: START_MS - 1, toMs: null },
    ],
  ])('the trail tells old and new of %s', (kind, subject, old, fresh) => {
    const [row = {}] = walked.rows(`select subject, old_json, new_json from audit where kind = '${kind}'`)
    const { subject: told, old_json, new_json } = row
    expect([told, JSON.parse(old_json as string), JSON.parse(new_json as string)]).toMatchObject([
      subject,
      old,
      fresh,
    ])
  })

  test.each([...factTables, 'audit', 'fact_version', 'placement_change'])(
    'a row of %s is never changed or removed',
    (table) => {
      const before = walked.rows(`select * from "${table}"`)
      expect(before.length).toBeGreaterThan(0)
      const [column] = Object.keys(before[0] ?? {})
      expect(() => walked.raw.exec(`update "${table}" set ${column} = ${column}`)).toThrow(
        `${table} is append-only`,
      )
      expect(() => walked.raw.exec(`delete from "${table}"`)).toThrow(`${table} is append-only`)
      expect(walked.rows(`select * from "${table}"`)).toEqual(before)
    },
  )
})

function sensor(device: string, name: string) {
  return { device, name, sinceMs: START_MS - 1 }
}
