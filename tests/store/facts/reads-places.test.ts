import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FactsReads } from '../../../store/index.ts'
import { openFactsReads } from '../../../store/index.ts'
import { furnish, reason } from './rooms.ts'
import { FactsHarness, HOUR_MS, START_MS } from './setup.ts'

let harness: FactsHarness
let reads: FactsReads

const root = { scopes: ['root'], limit: 100 }
const recorded = { recordedAt: '2026-11-23T02:00:00.000Z', recordedBy: 'user:u-li' }
const builtText = '2026-10-24T02:00:00.000Z'
const hourText = '2026-11-23T01:00:00.000Z'
const nowText = '2026-11-23T02:00:00.000Z'

beforeAll(async () => {
  harness = await FactsHarness.open()
  await harness.city()
  await furnish(harness)
  const earlier = { reason, fromMs: START_MS - HOUR_MS }
  await harness.do('placement.start', { device: 'd-1', sensor: 'main', point: 'room-1', ...earlier })
  await harness.do('placement.end', { device: 'd-1', sensor: 'main' })
  await harness.do('placement.start', { device: 'd-1', sensor: 'main', point: 'fridge-1' })
  await harness.do('duty.set', { place: 'room', duty: 'defrost', ...earlier })
  await harness.do('duty.set', { place: 'room', duty: 'in-service' })
  await harness.do('duty.set', { place: 'fridge', duty: 'maintenance' })
  const lot = { product: 'bcg', maker: '生物所', expiresOn: '2028-01-01' }
  await harness.do('lot.create', { ...lot, id: 'l-2', number: '2' })
  await harness.do('lot.create', { ...lot, id: 'l-3', number: '3' })
  const atMs = START_MS - HOUR_MS
  await harness.do('custody.receive', { lot: 'l-1', place: 'room', quantity: 10, atMs, reason })
  await harness.do('custody.move', { lot: 'l-1', from: 'room', to: 'fridge', quantity: 10 })
  await harness.do('custody.receive', { lot: 'l-2', place: 'room', quantity: 3 })
  const city = { parent: null, demo: false, name: '监管' }
  await harness.do('organisation.create', { ...city, id: 'fda', kind: 'drug-regulator' })
  await harness.do('organisation.create', { ...city, id: 'nhc', kind: 'health-regulator' })
  for (const supervised of ['clinic', 'cdc']) {
    await harness.do('supervision.start', { supervisor: 'fda', supervised })
    await harness.do('supervision.start', { supervisor: 'nhc', supervised })
  }
  reads = openFactsReads({ path: harness.path })
})

afterAll(async () => {
  reads.close()
  await harness.close()
})

test('lots that lie or lay anywhere, since when first, and their last day; none that was never received', async () => {
  expect(await reads.lotArrivals()).toEqual([
    { lot: 'l-1', fromMs: START_MS - HOUR_MS, expiresOn: '2028-10-31' },
    { lot: 'l-2', fromMs: START_MS, expiresOn: '2028-01-01' },
  ])
})

describe('items', () => {
  test('of places', async () => {
    const { items } = await reads.places({ ...root, site: 'depot' })
    expect(items.map((item) => item.id)).toEqual(['box', 'room', 'shelf'])
    expect(items.at(-1)).toEqual({
      id: 'shelf',
      site: 'depot',
      organisation: 'cdc',
      parent: 'room',
      kind: 'compartment',
      name: '储存单元',
      nameEn: null,
      capacityLitres: null,
      state: 'active',
      demo: false,
      validFrom: builtText,
      ...recorded,
    })
  })

  test('of points', async () => {
    const { items } = await reads.points({ ...root, place: 'toy' })
    expect(items).toEqual([
      {
        id: 'toy-1',
        place: 'toy',
        site: 'stage',
        name: '测点',
        nameEn: null,
        role: 'product',
        demo: true,
        validFrom: builtText,
        ...recorded,
      },
    ])
  })

  test('of placements, past ones too', async () => {
    const sensor = { device: 'd-1', sensor: 'main', standing: 'judged', ...recorded }
    const inRoom = { ...sensor, point: 'room-1', place: 'room', site: 'depot' }
    const inFridge = { ...sensor, point: 'fridge-1', place: 'fridge', site: 'ward' }
    const past = { ...inRoom, validFrom: hourText, validTo: nowText }
    const now = { ...inFridge, validFrom: nowText, validTo: null }
    expect((await reads.placements(root)).items).toEqual([past, now])
    expect((await reads.placements({ ...root, point: 'room-1' })).items).toEqual([past])
    expect((await reads.placements({ ...root, device: 'd-2' })).items).toEqual([])
  })

  test('of duties, past ones too', async () => {
    const room = { place: 'room', site: 'depot', ...recorded }
    expect((await reads.duties({ ...root, place: 'room' })).items).toEqual([
      { ...room, duty: 'defrost', validFrom: hourText, validTo: nowText },
      { ...room, duty: 'in-service', validFrom: nowText, validTo: null },
    ])
  })

  test('of products and lots', async () => {
    expect((await reads.products({ ...root, scopes: [] })).items).toEqual([
      {
        id: 'bcg',
        name: '卡介苗',
        nameEn: null,
        code: null,
        rangeMin: 2,
        rangeMax: 8,
        freezeSensitive: false,
        lightSensitive: true,
        activationEnergy: null,
        validFrom: nowText,
        ...recorded,
      },
    ])
    expect((await reads.lots({ ...root, place: 'fridge' })).items).toEqual([
      {
        id: 'l-1',
        product: 'bcg',
        number: '202611A',
        maker: '生物所',
        expiresOn: '2028-10-31',
        validFrom: nowText,
        ...recorded,
      },
    ])
    expect((await reads.lots({ ...root, product: 'none' })).items).toEqual([])
  })

  test('of stock in place', async () => {
    const leg = { lot: 'l-1', quantity: 10, ...recorded }
    expect((await reads.custody({ ...root, lot: 'l-1' })).items).toEqual([
      { ...leg, place: 'fridge', site: 'ward', validFrom: nowText, validTo: null },
      { ...leg, place: 'room', site: 'depot', validFrom: hourText, validTo: nowText },
    ])
  })

  test('of changes of placements, for those who derive from them', async () => {
    const sensor = { device: 'd-1', sensor: 'main' }
    expect(await reads.placementChanges(0)).toEqual([
      { seq: 1, ...sensor, fromMs: START_MS - HOUR_MS, toMs: null },
      { seq: 2, ...sensor, fromMs: START_MS, toMs: null },
      { seq: 3, ...sensor, fromMs: START_MS, toMs: null },
    ])
    expect(await reads.placementChanges(3)).toEqual([])
  })
})

describe('scopes', () => {
  test.each([
    {
      scopes: ['cdc'],
      places: ['box', 'fridge', 'room', 'shelf'],
      placements: ['room-1', 'fridge-1'],
      lots: ['l-1', 'l-2'],
      legs: ['fridge', 'room'],
      pairs: ['fda/cdc', 'fda/clinic', 'nhc/cdc', 'nhc/clinic'],
    },
    {
      scopes: ['clinic'],
      places: ['fridge'],
      placements: ['fridge-1'],
      lots: ['l-1'],
      legs: ['fridge'],
      pairs: ['fda/clinic', 'nhc/clinic'],
    },
    { scopes: ['fda'], places: [], placements: [], lots: [], legs: [], pairs: ['fda/cdc', 'fda/clinic'] },
    { scopes: ['show'], places: ['toy'], placements: [], lots: [], legs: [], pairs: [] },
    { scopes: [], places: [], placements: [], lots: [], legs: [], pairs: [] },
  ])('$scopes', async ({ scopes, places, placements, lots, legs, pairs }) => {
    const input = { scopes, limit: 100 }
    expect((await reads.places(input)).items.map((item) => item.id)).toEqual(places)
    const points = (await reads.points(input)).items.map((item) => item.place)
    expect([...new Set(points)].toSorted()).toEqual(places.filter((place) => place !== 'box'))
    expect((await reads.placements(input)).items.map((item) => item.point)).toEqual(placements)
    const duties = (await reads.duties(input)).items.map((item) => item.place)
    expect([...new Set(duties)]).toEqual(places.filter((place) => place === 'room' || place === 'fridge'))
    expect((await reads.lots(input)).items.map((item) => item.id)).toEqual(lots)
    expect((await reads.custody({ ...input, lot: 'l-1' })).items.map((item) => item.place)).toEqual(legs)
    const supervised = (await reads.supervisions(input)).items
    expect(supervised.map((item) => `${item.supervisor}/${item.supervised}`)).toEqual(pairs)
  })

  test('a lot that never was anywhere is for root alone', async () => {
    expect((await reads.lots(root)).items.map((item) => item.id)).toEqual(['l-1', 'l-2', 'l-3'])
  })
})

describe('pages', () => {
  type List = (input: { scopes: string[]; limit: number; after?: string; lot: string }) => Promise<{
    readonly items: readonly object[]
    readonly next: string | null
  }>

  test.each(['places', 'points', 'placements', 'duties', 'lots', 'custody', 'supervisions'] as const)(
    '%s come one by one as they come at once',
    async (name) => {
      const list: List = reads[name]
      const whole = await list({ ...root, lot: 'l-1' })
      expect(whole.items.length).toBeGreaterThanOrEqual(2)
      expect(whole.next).toBeNull()
      const single: object[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<List>> = await list({
          scopes: ['root'],
          limit: 1,
          lot: 'l-1',
          ...(after === null ? {} : { after }),
        })
        single.push(...page.items)
        after = page.next
      } while (after !== null && single.length < 100)
      expect(single).toEqual(whole.items)
    },
  )

  test('duties that hold at an instant are those, and none that ended then', async () => {
    const at = async (atMs: number) =>
      (await reads.duties({ ...root, atMs })).items.map(({ place, duty }) => [place, duty])
    expect(await at(START_MS - HOUR_MS - 1)).toEqual([])
    expect(await at(START_MS - 1)).toEqual([['room', 'defrost']])
    expect(await at(START_MS)).toEqual([
      ['fridge', 'maintenance'],
      ['room', 'in-service'],
    ])
    const [first, second] = [
      await reads.duties({ ...root, limit: 1, atMs: START_MS }),
      await reads.duties({ ...root, limit: 1, atMs: START_MS, after: 'fridge/1795399200000' }),
    ]
    expect([first.next, second.items.map(({ place }) => place), second.next]).toEqual([
      'fridge/1795399200000',
      ['room'],
      null,
    ])
  })

  test.each([
    ['placements', 'a/1'],
    ['placements', 'a/b/c/1'],
    ['placements', 'a/b/x'],
    ['duties', 'a b/1'],
    ['supervisions', ''],
  ] as const)('%s refuse the cursor "%s"', async (name, after) => {
    await expect(reads[name]({ ...root, after })).rejects.toMatchObject({ code: 'bad-request' })
  })
})
