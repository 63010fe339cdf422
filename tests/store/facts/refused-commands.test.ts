import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DAY_MS, FactsHarness, HASH, HOUR_MS, START_MS } from './setup.ts'

const forever = '2'.repeat(201)

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
    ['the tag of what is placed nowhere', { id: 'none' }, 'bad-request'],
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

  test.each([
    ['a kind that is not watched', { kind: 'moon.phase' as 'clock.step' }, 'bad-request'],
    ['nothing as subject', { subject: '' }, 'bad-request'],
    ['a subject of 81 characters', { subject: 'x'.repeat(81) }, 'bad-request'],
  ])('watch.report: %s', async (_, change, code) => {
    const given = { kind: 'clock.step', subject: 'clock', found: { stepMs: 600_000 } } as const
    expect(await city.refused('watch.report', { ...given, ...change })).toBe(code)
  })

  test('a command nobody knows', async () => {
    expect(await city.refused('toString' as 'site.create', {} as never)).toBe('bad-request')
  })
})
