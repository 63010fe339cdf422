import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { NewPlace } from '../../../store/index.ts'
import { BUILT_MS, furnish, reason } from './rooms.ts'
import { DAY_MS, FactsHarness, HOUR_MS, MINUTE_MS, START_MS } from './setup.ts'

let harness: FactsHarness
beforeEach(async () => {
  harness = await FactsHarness.open()
  await harness.city()
  await furnish(harness)
})
afterEach(() => harness.close())

/** What a promise is refused with, in words. */
const wordsOf = (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'done',
    (thrown: Error) => thrown.message,
  )

describe('places', () => {
  const freezer: NewPlace = {
    id: 'freezer',
    site: 'depot',
    parent: 'room',
    kind: 'freezer',
    name: '低温冰箱',
  }

  test('are created with their capacity, since when they were there', async () => {
    const input = { ...freezer, nameEn: 'Freezer', capacityLitres: 290, fromMs: START_MS - DAY_MS, reason }
    expect(await harness.do('place.create', input)).toEqual({
      fact: 6,
      id: 'freezer',
      site: 'depot',
      parent: 'room',
      kind: 'freezer',
      name: '低温冰箱',
      nameEn: 'Freezer',
      capacityLitres: 290,
      state: 'active',
      validFrom: START_MS - DAY_MS,
      validTo: null,
      recordedAt: START_MS,
      recordedBy: 'user:u-li',
      reason,
      supersedes: null,
    })
  })

  test.each<[string, Partial<NewPlace>]>([
    ['already-exists', { id: 'room' }],
    ['not-found', { site: 'nowhere' }],
    ['not-found', { parent: 'nowhere' }],
    // in another site
    ['conflict', { parent: 'fridge' }],
    // before its parent was there
    ['conflict', { fromMs: BUILT_MS - 1, reason }],
    ['bad-request', { id: 'root' }],
    ['bad-request', { id: 'a b' }],
    ['bad-request', { kind: 'cellar' as 'box' }],
    ['bad-request', { name: ' ' }],
    ['bad-request', { nameEn: 'x'.repeat(201) }],
    ['bad-request', { capacityLitres: 0 }],
    ['bad-request', { capacityLitres: 1.5 }],
    ['bad-request', { fromMs: START_MS + 5 * MINUTE_MS + 1 }],
    ['bad-request', { fromMs: Date.UTC(2000, 0, 1) - 1, reason }],
    ['bad-request', { fromMs: Number.NaN, reason }],
    // entered late, and nobody says why
    ['bad-request', { fromMs: START_MS - 5 * MINUTE_MS - 1 }],
    ['bad-request', { fromMs: START_MS - DAY_MS, reason: ' ' }],
  ])('are refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('place.create', { ...freezer, ...wrong })).toBe(code)
  })

  test('may begin within five minutes of now without a reason', async () => {
    for (const [index, offsetMs] of [-5 * MINUTE_MS, 5 * MINUTE_MS].entries()) {
      const fromMs = START_MS + offsetMs
      const place = await harness.do('place.create', { ...freezer, id: `f-${index}`, fromMs })
      expect(place.validFrom).toBe(fromMs)
    }
  })
})

describe('points', () => {
  const point = { id: 'room-3', place: 'room', name: '回风口', role: 'air' } as const

  test('are there as long as their place, unless said otherwise', async () => {
    expect(await harness.do('point.create', point)).toMatchObject({ ...point, validFrom: BUILT_MS })
    const later = { ...point, id: 'room-4', fromMs: START_MS }
    expect(await harness.do('point.create', later)).toMatchObject({ validFrom: START_MS })
  })

  test.each([
    ['already-exists', { id: 'room-1' }],
    ['not-found', { place: 'nowhere' }],
    ['conflict', { fromMs: BUILT_MS - 1, reason }],
    ['bad-request', { role: 'inside' as 'air' }],
    ['bad-request', { id: '' }],
    ['bad-request', { name: '' }],
    ['bad-request', { fromMs: START_MS + HOUR_MS }],
  ])('are refused as %s: %j', async (code, wrong) => {
    expect(await harness.refused('point.create', { ...point, ...wrong })).toBe(code)
  })
})

describe('duties', () => {
  const dutiesOf = (place: string) =>
    harness.rows(
      `select duty, valid_from, valid_to from live_duty where place = '${place}' order by valid_from`,
    )

  test('hold until the next recorded change, also when they are entered late', async () => {
    await harness.do('duty.set', { place: 'room', duty: 'maintenance', fromMs: START_MS })
    const late = { place: 'room', duty: 'defrost', fromMs: START_MS - HOUR_MS, reason } as const
    expect(await harness.do('duty.set', late)).toMatchObject({
      duty: 'defrost',
      validFrom: START_MS - HOUR_MS,
      validTo: START_MS,
    })
    await harness.do('duty.set', { place: 'room', duty: 'loading', fromMs: START_MS - HOUR_MS / 2, reason })
    expect(dutiesOf('room')).toEqual([
      { duty: 'defrost', valid_from: START_MS - HOUR_MS, valid_to: START_MS - HOUR_MS / 2 },
      { duty: 'loading', valid_from: START_MS - HOUR_MS / 2, valid_to: START_MS },
      { duty: 'maintenance', valid_from: START_MS, valid_to: null },
    ])
    expect(harness.count('duty')).toBe(4)
  })

  test('of one instant are replaced', async () => {
    await harness.do('duty.set', { place: 'box', duty: 'pre-cooling' })
    const { fact } = await harness.do('duty.set', { place: 'box', duty: 'on-trip' })
    expect(dutiesOf('box')).toEqual([{ duty: 'on-trip', valid_from: START_MS, valid_to: null }])
    expect(harness.rows(`select supersedes from duty where fact = ${fact}`)).toEqual([{ supersedes: 1 }])
  })

  test('are in service or empty by the kind of the place, which need not be said again', async () => {
    expect(await harness.refused('duty.set', { place: 'room', duty: 'in-service' })).toBe('already-exists')
    expect(await harness.refused('duty.set', { place: 'box', duty: 'empty' })).toBe('already-exists')
    await harness.do('duty.set', { place: 'room', duty: 'empty' })
    expect(await harness.refused('duty.set', { place: 'room', duty: 'empty' })).toBe('already-exists')
  })

  test('need a place that is there, and retiring is another thing', async () => {
    expect(await harness.refused('duty.set', { place: 'nowhere', duty: 'defrost' })).toBe('not-found')
    expect(await harness.refused('duty.set', { place: 'room', duty: 'sleep' as 'empty' })).toBe('bad-request')
    expect(await harness.refused('duty.set', { place: 'room', duty: 'retired' })).toBe('bad-request')
    const early = { place: 'room', duty: 'defrost', fromMs: BUILT_MS - 1, reason } as const
    expect(await harness.refused('duty.set', early)).toBe('conflict')
  })
})

describe('retiring a place', () => {
  const retire = { id: 'box', reason }

  test('is for good, ends its duties and keeps its id', async () => {
    await harness.do('duty.set', { place: 'box', duty: 'on-trip', fromMs: START_MS - HOUR_MS, reason })
    await harness.do('duty.set', { place: 'box', duty: 'loading' })
    const atMs = START_MS - HOUR_MS / 2
    const retired = await harness.do('place.retire', { ...retire, atMs })
    expect(retired).toMatchObject({ state: 'retired', validFrom: atMs, validTo: null })
    expect(harness.rows('select duty, valid_from from live_duty order by valid_from')).toEqual([
      { duty: 'on-trip', valid_from: START_MS - HOUR_MS },
      { duty: 'retired', valid_from: atMs },
      { duty: 'retired', valid_from: START_MS },
    ])
    expect(await harness.refused('place.retire', retire)).toBe('already-revoked')
    const again = { id: 'box', site: 'depot', parent: null, kind: 'box', name: '新' } as const
    expect(await harness.refused('place.create', again)).toBe('already-exists')
    expect(await harness.refused('duty.set', { place: 'box', duty: 'empty' })).toBe('conflict')
    expect(await harness.refused('duty.set', { place: 'box', duty: 'empty', fromMs: atMs, reason })).toBe(
      'conflict',
    )
    expect(await harness.refused('point.create', { id: 'p', place: 'box', name: '点', role: 'air' })).toBe(
      'conflict',
    )
    expect(await harness.refused('custody.receive', { lot: 'l-1', place: 'box', quantity: 1 })).toBe(
      'conflict',
    )
    // what it did before can still be corrected
    const before = { place: 'box', duty: 'pre-cooling', fromMs: atMs - 1, reason } as const
    expect(await harness.do('duty.set', before)).toMatchObject({ validFrom: atMs - 1, validTo: atMs })
  })

  test('gives a place that never had a duty its last one', async () => {
    await harness.do('place.retire', retire)
    expect(harness.rows('select duty, valid_from, valid_to from live_duty')).toEqual([
      { duty: 'retired', valid_from: START_MS, valid_to: null },
    ])
  })

  test('needs a reason, a place and an instant after it was built', async () => {
    expect(await harness.refused('place.retire', { id: 'box', reason: '' })).toBe('bad-request')
    expect(await harness.refused('place.retire', { id: 'nowhere', reason })).toBe('not-found')
    expect(await harness.refused('place.retire', { ...retire, atMs: BUILT_MS })).toBe('conflict')
  })

  test('is refused while stock is in it, then or later, and says which', async () => {
    const atMs = START_MS - HOUR_MS
    await harness.do('custody.receive', { lot: 'l-1', place: 'box', quantity: 12, atMs, reason })
    await harness.do('custody.issue', { lot: 'l-1', place: 'box', quantity: 2 })
    expect(await harness.refused('place.retire', { ...retire, atMs: atMs - 1 })).toBe('conflict')
    expect(await wordsOf(harness.do('place.retire', retire))).toBe(
      'Place box still has 10 of lot l-1 then or later.',
    )
    await harness.do('custody.issue', { lot: 'l-1', place: 'box', quantity: 10 })
    expect(await harness.refused('place.retire', { ...retire, atMs: START_MS - 1 })).toBe('conflict')
    await harness.do('place.retire', retire)
  })

  test('is refused while a judged placement is open, and says which; a secondary one does not matter', async () => {
    const at = { sensor: 'main', point: 'fridge-1' }
    await harness.do('placement.start', { ...at, device: 'd-1' })
    await harness.do('placement.start', { ...at, device: 'd-2' })
    expect(await wordsOf(harness.do('place.retire', { id: 'fridge', reason }))).toBe(
      'Place fridge still has sensor d-1/main at point fridge-1 then or later.',
    )
    harness.clock.now += 1
    await harness.do('placement.end', { device: 'd-1', sensor: 'main' })
    await harness.do('place.retire', { id: 'fridge', reason })
  })

  test('is refused while places in it are active', async () => {
    expect(await wordsOf(harness.do('place.retire', { id: 'room', reason }))).toBe(
      'Place room still has place shelf then or later.',
    )
    await harness.do('place.retire', { id: 'shelf', reason })
    await harness.do('place.retire', { id: 'room', reason })
  })

  test('names five things and counts the others', async () => {
    for (let index = 0; index < 7; index += 1) {
      const lot = {
        id: `m-${index}`,
        product: 'bcg',
        number: `${index}`,
        maker: 'm',
        expiresOn: '2028-01-01',
      }
      await harness.do('lot.create', lot)
      await harness.do('custody.receive', { lot: lot.id, place: 'box', quantity: 1 })
    }
    expect(await wordsOf(harness.do('place.retire', retire))).toMatch(
      /1 of lot m-4 and 2 more then or later\.$/,
    )
  })
})
