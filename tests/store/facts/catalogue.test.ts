import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { furnish, reason } from './rooms.ts'
import { DAY_MS, FactsHarness, HOUR_MS, LI, START_MS } from './setup.ts'

let harness: FactsHarness
beforeEach(async () => {
  harness = await FactsHarness.open()
  await harness.city()
  await furnish(harness)
})
afterEach(() => harness.close())

describe('the expected interval of a device', () => {
  const change = { id: 'd-1', expectedIntervalMs: 60_000, reason }

  test('changes from an instant on', async () => {
    harness.clock.now += HOUR_MS
    const fromMs = START_MS + HOUR_MS / 2
    const device = await harness.do('device.expected-interval', { ...change, fromMs })
    expect(device).toMatchObject({ expectedInterval: 60_000, validFrom: fromMs, validTo: null })
    expect(
      harness.rows(
        "select expected_interval, valid_from from live_device where id = 'd-1' order by valid_from",
      ),
    ).toEqual([
      { expected_interval: 300_000, valid_from: START_MS },
      { expected_interval: 60_000, valid_from: fromMs },
    ])
  })

  test.each([
    ['not-found', { id: 'd-9' }],
    ['bad-request', { expectedIntervalMs: 999 }],
    ['bad-request', { reason: ' ' }],
    ['bad-request', { fromMs: START_MS + HOUR_MS }],
  ])('is refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('device.expected-interval', { ...change, ...wrong })).toBe(code)
  })
})

describe('supervision', () => {
  beforeEach(async () => {
    const city = { parent: null, name: '监管', kind: 'drug-regulator' } as const
    await harness.do('organisation.create', { ...city, id: 'regulator', demo: false })
    await harness.do('organisation.create', { ...city, id: 'toy-regulator', demo: true })
  })
  const pair = { supervisor: 'regulator', supervised: 'clinic' }
  const periods = () =>
    harness.rows('select state, valid_from, valid_to from live_supervises order by valid_from')

  test('runs across the trees, ends, and begins again', async () => {
    expect(await harness.do('supervision.start', pair)).toMatchObject({ ...pair, state: 'active' })
    expect(await harness.refused('supervision.start', pair)).toBe('already-exists')
    harness.clock.now += HOUR_MS
    await harness.do('supervision.end', { ...pair, reason })
    expect(await harness.refused('supervision.end', { ...pair, reason })).toBe('not-found')
    harness.clock.now += HOUR_MS
    await harness.do('supervision.start', pair)
    expect(periods()).toEqual([
      { state: 'active', valid_from: START_MS, valid_to: START_MS + HOUR_MS },
      { state: 'ended', valid_from: START_MS + HOUR_MS, valid_to: START_MS + 2 * HOUR_MS },
      { state: 'active', valid_from: START_MS + 2 * HOUR_MS, valid_to: null },
    ])
    const early = { ...pair, fromMs: START_MS - HOUR_MS, reason }
    expect(await harness.do('supervision.start', early)).toMatchObject({ validTo: START_MS })
  })

  test.each([
    ['not-found', { supervised: 'nobody' }],
    ['not-found', { supervisor: 'nobody' }],
    ['conflict', { supervised: 'regulator' }],
    ['conflict', { supervisor: 'cdc' }],
    ['demo-only', { supervised: 'show' }],
    ['demo-only', { supervisor: 'toy-regulator' }],
    ['bad-request', { fromMs: START_MS - DAY_MS }],
  ])('is refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('supervision.start', { ...pair, ...wrong })).toBe(code)
  })
})

describe('products and lots', () => {
  const product = {
    id: 'dtap',
    name: '百白破',
    rangeMinMilliC: 2_000,
    rangeMaxMilliC: 8_000,
    freezeSensitive: true,
    lightSensitive: false,
  }
  const lot = { id: 'l-2', product: 'bcg', number: '202612B', maker: '生物所', expiresOn: '2028-02-29' }

  test('are created', async () => {
    const code = '06901234567892'
    expect(await harness.do('product.create', { ...product, code })).toMatchObject({
      ...product,
      code,
      nameEn: null,
      freezeSensitive: 1,
      lightSensitive: 0,
      activationJoulesPerMol: null,
    })
    const opv = { ...product, id: 'opv', activationJoulesPerMol: 145_300 }
    expect(await harness.do('product.create', opv)).toMatchObject({ activationJoulesPerMol: 145_300 })
    expect(await harness.refused('product.create', { ...product, id: 'x', code })).toBe('already-exists')
    expect(await harness.do('lot.create', lot)).toMatchObject({ ...lot, recordedBy: `user:${LI.id}` })
  })

  test.each([
    ['already-exists', { id: 'bcg' }],
    ['bad-request', { id: '卡介苗' }],
    ['bad-request', { name: '' }],
    ['bad-request', { code: '123456' }],
    ['bad-request', { code: '12345678901234567890A' }],
    ['bad-request', { rangeMinMilliC: 8_000 }],
    ['bad-request', { rangeMinMilliC: 2.5 }],
    ['bad-request', { rangeMaxMilliC: 100_001 }],
    ['bad-request', { activationJoulesPerMol: 9_999 }],
    ['bad-request', { activationJoulesPerMol: 300_001 }],
    ['bad-request', { activationJoulesPerMol: 83_144.6 }],
  ])('product refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('product.create', { ...product, ...wrong })).toBe(code)
  })

  test.each([
    ['already-exists', { id: 'l-1' }],
    // the same lot under another name
    ['already-exists', { number: '202611A' }],
    ['not-found', { product: 'nothing' }],
    ['bad-request', { number: '' }],
    ['bad-request', { number: 'x'.repeat(65) }],
    ['bad-request', { maker: '' }],
    ['bad-request', { expiresOn: '2027-02-29' }],
    ['bad-request', { expiresOn: '2027-2-3' }],
    ['bad-request', { expiresOn: '1999-01-01' }],
  ])('lot refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('lot.create', { ...lot, ...wrong })).toBe(code)
  })
})
