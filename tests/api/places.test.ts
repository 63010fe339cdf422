import type { LightMyRequestResponse } from 'fastify'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { furnishTheStage } from './operations-places.ts'
import { codeOf, openStage, peopleTheStage, post, type Stage } from './stage.ts'

let stage: Stage
let administrator: { cookie: string }
let keeper: { cookie: string }
beforeAll(async () => {
  stage = await openStage()
  await peopleTheStage(stage)
  await furnishTheStage(stage)
  administrator = (await stage.user('looker', 'root', 'administrator')).headers
  keeper = (await stage.user('nurse', 'city', 'keeper')).headers
})
afterAll(() => stage.close())

const nowText = '2026-11-23T08:00:00.000Z'
const send = (path: string, payload: object, headers = administrator) =>
  post(stage.app, `/api/v1/${path}`, payload, headers)
const listed = async (path: string, headers = administrator): Promise<readonly object[]> =>
  (await stage.app.inject({ url: `/api/v1/${path}`, headers })).json<{ items: object[] }>().items
const outcome = (answer: LightMyRequestResponse) => [answer.statusCode, codeOf(answer)]

describe('what is created is answered as the list shows it', () => {
  const decay = { activationEnergy: 145.3 }
  const label = { rangeMin: -0.5, rangeMax: 8.001, freezeSensitive: true, lightSensitive: true, ...decay }
  const placed = { device: 'city-device', point: 'city-point' }
  const since = { from: '2026-11-23T15:00:00+08:00', reason: 'entered late' }
  test.each([
    [
      'places',
      'places?site=city-site',
      { id: 'p', site: 'city-site', kind: 'box', name: '箱', capacityLitres: 12, ...since },
    ],
    ['points', 'points?place=p', { id: 'q', place: 'p', name: '测点', nameEn: 'Point', role: 'product' }],
    ['placements', 'placements?point=city-point', { ...placed, sensor: 'door', ...since, to: nowText }],
    ['duties', 'duties?place=p', { place: 'p', duty: 'pre-cooling', ...since }],
    ['products', 'products', { id: 'dtap', name: '百白破', code: '06901234567892', ...label }],
    ['supervisions', 'supervisions', { supervisor: 'regulator', supervised: 'regulated', ...since }],
  ])('%s', async (path, list, payload) => {
    if (path === 'supervisions') {
      await send('organisations', { id: 'regulated', kind: 'clinic', name: '受监管' })
    }
    const created = await send(path, payload)
    expect(created.statusCode).toBe(201)
    expect(await listed(list)).toContainEqual(created.json())
  })

  test('lots, once they are somewhere', async () => {
    const lot = { id: 'l', product: 'vaccine', number: '2026B', maker: '生物所', expiresOn: '2027-02-28' }
    const created = await send('lots', lot, keeper)
    expect(created.json()).toMatchObject({ ...lot, validFrom: nowText })
    expect(await listed('lots', keeper)).not.toContainEqual(created.json())
    await send('lots/l/custody', { kind: 'receive', place: 'clinic-place', quantity: 3 }, keeper)
    expect(await listed('lots?product=vaccine&place=clinic-place', keeper)).toContainEqual(created.json())
  })
})

test('stock is received, moved and issued, and refused where there is too little', async () => {
  const url = 'lots/city-lot/custody'
  const moved = await send(
    url,
    { kind: 'move', place: 'city-place', to: 'clinic-place', quantity: 40 },
    keeper,
  )
  const leg = { lot: 'city-lot', validFrom: nowText, validTo: null, recordedAt: nowText }
  expect([moved.statusCode, moved.json()]).toMatchObject([
    201,
    {
      items: [
        { ...leg, place: 'city-place', site: 'city-site', quantity: 60 },
        { ...leg, place: 'clinic-place', site: 'clinic-site', quantity: 40 },
      ],
    },
  ])
  expect(await listed('stock?place=clinic-place', keeper)).toContainEqual(
    moved.json<{ items: object[] }>().items[1],
  )
  expect(await listed('stock?place=city-place', keeper)).toContainEqual(
    moved.json<{ items: object[] }>().items[0],
  )
  expect(await listed(url, keeper)).toEqual(expect.arrayContaining(moved.json<{ items: object[] }>().items))
  const late = {
    kind: 'issue',
    place: 'city-place',
    quantity: 61,
    at: '2026-11-23T07:30:00Z',
    reason: 'late',
  }
  const refused = await send(url, late, keeper)
  expect(outcome(refused)).toEqual([409, 'conflict'])
  expect(refused.json<{ detail: string }>().detail).toBe(
    'Place city-place holds 60 of lot city-lot at 2026-11-23T08:00:00.000Z, fewer than 61.',
  )
  const issued = await send(url, { kind: 'issue', place: 'clinic-place', quantity: 40 }, keeper)
  expect(issued.json()).toMatchObject({ items: [{ place: 'clinic-place', quantity: 0 }] })
})

test.each([
  ['move without a place to go to', { kind: 'move', place: 'city-place', quantity: 1 }],
  [
    'receive with a place to go to',
    { kind: 'receive', place: 'city-place', to: 'clinic-place', quantity: 1 },
  ],
  ['no quantity', { kind: 'receive', place: 'city-place', quantity: 0 }],
  ['half a dose', { kind: 'receive', place: 'city-place', quantity: 0.5 }],
  ['a kind that is none', { kind: 'lend', place: 'city-place', quantity: 1 }],
])('a change of stock is refused: %s', async (_, payload) => {
  expect(outcome(await send('lots/city-lot/custody', payload))).toEqual([400, 'bad-request'])
})

test('a second thing named in a body must be within reach too', async () => {
  const stock = { kind: 'move', place: 'city-place', to: 'other-place', quantity: 1 }
  expect(outcome(await send('lots/city-lot/custody', stock, keeper))).toEqual([403, 'not-allowed'])
  const placed = { device: 'other-device', sensor: 'x', point: 'city-point' }
  expect(outcome(await send('placements', placed, keeper))).toEqual([403, 'not-allowed'])
  const corrected = { device: 'city-device', at: nowText, point: 'other-point', reason: 'wrong' }
  expect(outcome(await send('placements/correct', corrected, keeper))).toEqual([403, 'not-allowed'])
  // who reaches everything learns that it does not exist
  const nowhere = { ...stock, to: 'nowhere' }
  expect(outcome(await send('lots/city-lot/custody', nowhere, keeper))).toEqual([403, 'not-allowed'])
  expect(outcome(await send('lots/city-lot/custody', nowhere))).toEqual([404, 'not-found'])
})

test('placements are started, corrected and ended; the answer says what became of them', async () => {
  const probe = { device: 'clinic-device', sensor: 'probe' }
  const from = '2026-11-23T07:45:00Z'
  const started = await send('placements', { ...probe, point: 'clinic-point', from, reason: 'late' }, keeper)
  const shown = { ...probe, point: 'clinic-point', place: 'clinic-place', site: 'clinic-site' }
  expect(started.json()).toMatchObject({ ...shown, standing: 'secondary', validTo: null })
  const again = await send('placements', { ...probe, point: 'clinic-point' }, keeper)
  expect(outcome(again)).toEqual([409, 'conflict'])
  const corrected = await send(
    'placements/correct',
    { ...probe, at: from, from: '2026-11-23T07:30:00Z', to: null, reason: 'it was there earlier' },
    keeper,
  )
  expect(corrected.json()).toMatchObject({ validFrom: '2026-11-23T07:30:00.000Z', validTo: null })
  const ended = await send('placements/end', probe, keeper)
  expect([ended.statusCode, ended.json()]).toMatchObject([200, { validTo: nowText }])
  expect(await listed('placements?device=clinic-device', keeper)).toContainEqual(ended.json())
  // the sensor a device has when it does not say
  const main = await send('placements/end', { device: 'clinic-device' }, keeper)
  expect(main.json()).toMatchObject({ sensor: 'main', standing: 'judged', validTo: nowText })
})

test('a place is retired once it is empty', async () => {
  const refused = await send('places/other-place/retire', { reason: 'sold' })
  expect(outcome(refused)).toEqual([409, 'conflict'])
  await send('places', {
    id: 'old',
    site: 'other-site',
    kind: 'box',
    name: '旧',
    from: '2026-11-01T00:00:00Z',
    reason: 'x',
  })
  const retired = await send('places/old/retire', { reason: 'sold' })
  expect(retired.json()).toMatchObject({ id: 'old', state: 'retired' })
  expect(await listed('places?site=other-site')).toContainEqual(retired.json())
})

test('a supervision ends', async () => {
  const pair = { supervisor: 'regulator', supervised: 'other' }
  const ended = await send('supervisions/end', { ...pair, reason: 'new district' })
  expect(ended.json()).toMatchObject({ ...pair, state: 'ended', validFrom: nowText })
  expect(await listed('supervisions')).toContainEqual(ended.json())
})

test('whose point is beyond reach cannot take the sensor away from it, though the device is theirs', async () => {
  const placed = { device: 'city-device', sensor: 'lent' }
  await send('placements', { ...placed, point: 'other-point' })
  for (const [path, more] of [
    ['placements/end', {}],
    ['placements/correct', { at: nowText, to: '2026-11-23T08:00:01.000Z' }],
  ] as const) {
    expect(outcome(await send(path, { ...placed, ...more, reason: 'x' }, keeper))).toEqual([
      403,
      'not-allowed',
    ])
  }
  const at = '2026-11-23T08:00:02.000Z'
  expect((await send('placements/end', { ...placed, at, reason: 'x' })).statusCode).toBe(200)
})

describe('a device changes one thing at a time', () => {
  const change = (payload: object) =>
    stage.app.inject({ method: 'PATCH', url: '/api/v1/devices/city-device', payload, headers: administrator })

  test('how often it reports', async () => {
    const answer = await change({ expectedIntervalSeconds: 60, from: nowText, reason: 'new setting' })
    expect(answer.json()).toMatchObject({ id: 'city-device', expectedIntervalSeconds: 60 })
  })

  test.each([
    {},
    { from: nowText },
    { acceptFrom: nowText, expectedIntervalSeconds: 60 },
    { acceptFrom: nowText, from: nowText },
    { expectedIntervalSeconds: 0.5 },
  ])('refused: %j', async (payload) => {
    expect(outcome(await change({ ...payload, reason: 'tested' }))).toEqual([400, 'bad-request'])
  })
})

test('what has no time is refused as such', async () => {
  const duty = { place: 'city-place', duty: 'loading', from: 'yesterday' }
  expect(outcome(await send('duties', duty))).toEqual([400, 'bad-request'])
})

describe('what the page asks for', () => {
  test('what places do now, and for which duties rules are', async () => {
    const place = {
      site: 'city-site',
      kind: 'vehicle',
      name: '车',
      from: '2026-11-23T06:00:00Z',
      reason: 'late',
    }
    await send('places', { ...place, id: 'truck' })
    await send('duties', {
      place: 'truck',
      duty: 'pre-cooling',
      from: '2026-11-23T07:00:00Z',
      reason: 'late',
    })
    const now = await send('duties', { place: 'truck', duty: 'on-trip' })
    expect(now.statusCode).toBe(201)
    expect(await listed('duties?place=truck')).toHaveLength(2)
    expect(await listed('duties?place=truck&current=true')).toEqual([now.json()])
    const packs = (await listed('rules')) as { id: string; rules: { id: string; duties: string[] }[] }[]
    const duties = packs.find(({ id }) => id === 'cn-gsp-transport')?.rules.map((rule) => rule.duties)
    expect(new Set(duties?.flat())).toEqual(new Set(['on-trip', 'pre-cooling']))
  })

  const places = async (path: string): Promise<readonly unknown[]> =>
    (await listed(path)).map((item) => (item as { readonly place: string }).place)

  test('stock is what lies there now, page by page, and nothing that has left', async () => {
    const all = await listed('stock')
    expect(all.length).toBeGreaterThan(2)
    const first = (await stage.app.inject({ url: '/api/v1/stock?limit=2', headers: administrator })).json<{
      items: object[]
      next: string
    }>()
    const after = encodeURIComponent(first.next)
    expect([...first.items, ...(await listed(`stock?after=${after}`))]).toEqual(all)

    await send('lots', {
      id: 'gone',
      product: 'vaccine',
      number: 'G',
      maker: '生物所',
      expiresOn: '2027-02-28',
    })
    await send('lots/gone/custody', { kind: 'receive', place: 'city-place', quantity: 5 })
    expect((await places('stock')).length).toBe(all.length + 1)
    stage.clock.advance(60_000)
    await send('lots/gone/custody', { kind: 'issue', place: 'city-place', quantity: 5 })
    expect(await listed('stock')).toEqual(all)
  })

  test('rules are told for an organisation within reach', async () => {
    const holds = async (query: string): Promise<string[]> => {
      const packs = (await listed(`rules${query}`)) as { rules: { activeFor: string[] }[] }[]
      return [...new Set(packs.flatMap(({ rules }) => rules.flatMap(({ activeFor }) => activeFor)))]
    }
    expect(await holds('?organisation=clinic')).toEqual(['clinic'])
    expect(await holds('')).toEqual(['root'])
    const foreign = { url: '/api/v1/rules?organisation=other', headers: keeper }
    expect(outcome(await stage.app.inject(foreign))).toEqual([404, 'not-found'])
  })

  test('actors have names', async () => {
    const { id } = (await stage.app.inject({ url: '/api/v1/me', headers: keeper })).json<{ id: string }>()
    const found = await stage.app.inject({ url: `/api/v1/actors/user:${id}`, headers: administrator })
    expect(found.json()).toEqual({ actor: `user:${id}`, name: 'nurse' })
    const none = { url: '/api/v1/actors/user:nobody', headers: administrator }
    expect(outcome(await stage.app.inject(none))).toEqual([404, 'not-found'])
  })
})
