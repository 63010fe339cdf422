import { afterEach, beforeEach, expect, test } from 'vitest'
import { createFactsView, type FactsView } from '../../../store/index.ts'
import { BUILT_MS, furnish, reason } from './rooms.ts'
import { DAY_MS, FactsHarness, HOUR_MS, START_MS } from './setup.ts'

let harness: FactsHarness
let view: FactsView
beforeEach(async () => {
  harness = await FactsHarness.open()
  view = createFactsView()
  harness.facts.onChange((change) => {
    view.apply(change)
  })
  view.load(await harness.facts.snapshot())
  await harness.city()
  await furnish(harness)
})
afterEach(() => harness.close())

const dayMs = START_MS - DAY_MS
const always = { fromMs: 0, toMs: START_MS + DAY_MS }
const idsOf = (rows: readonly { readonly id: string }[]) => rows.map((row) => row.id)

test('places by site and by what they lie in, as they were', async () => {
  expect(idsOf(view.placesOfSite('depot'))).toEqual(['room', 'shelf', 'box'])
  expect(idsOf(view.placesOfSite('depot', BUILT_MS - 1))).toEqual([])
  expect(idsOf(view.childrenOf('room'))).toEqual(['shelf'])
  expect(idsOf(view.childrenOf('shelf'))).toEqual([])
  expect(idsOf(view.pointsOf('room'))).toEqual(['room-1', 'room-2'])
  expect(view.point('room-1')?.place).toBe('room')
  await harness.do('place.retire', { id: 'shelf', atMs: dayMs, reason })
  expect(view.place('shelf')?.state).toBe('retired')
  expect(view.place('shelf', dayMs - 1)?.state).toBe('active')
  expect(view.place('shelf', BUILT_MS - 1)).toBeUndefined()
  expect(view.childrenOf('room', dayMs).map((row) => row.state)).toEqual(['retired'])
})

test('duties, with the one nobody has to enter', async () => {
  await harness.do('duty.set', { place: 'room', duty: 'defrost', fromMs: dayMs, reason })
  await harness.do('duty.set', { place: 'room', duty: 'in-service', fromMs: dayMs + HOUR_MS, reason })
  const at = [dayMs - 1, dayMs, dayMs + HOUR_MS - 1, dayMs + HOUR_MS]
  expect(at.map((atMs) => view.dutyOf('room', atMs))).toEqual([
    'in-service',
    'defrost',
    'defrost',
    'in-service',
  ])
  expect(view.dutyOf('box', START_MS)).toBe('empty')
  expect(view.dutyOf('nowhere', START_MS)).toBeUndefined()
  const during = (fromMs: number, toMs: number) =>
    view.dutiesOf('room', { fromMs, toMs }).map((row) => row.duty)
  expect(during(0, dayMs)).toEqual([])
  expect(during(0, dayMs + 1)).toEqual(['defrost'])
  expect(during(dayMs + HOUR_MS, START_MS)).toEqual(['in-service'])
  expect(during(0, START_MS)).toEqual(['defrost', 'in-service'])
})

test('placements by sensor and by point', async () => {
  const one = { device: 'd-1', sensor: 'main' }
  await harness.do('placement.start', { ...one, point: 'room-1', fromMs: dayMs, reason })
  await harness.do('placement.end', { ...one, atMs: dayMs + HOUR_MS, reason })
  await harness.do('placement.start', { ...one, point: 'room-2' })
  await harness.do('placement.start', {
    device: 'd-2',
    sensor: 'main',
    point: 'room-1',
    fromMs: dayMs + 1,
    reason,
  })
  const at = [dayMs - 1, dayMs, dayMs + HOUR_MS - 1, dayMs + HOUR_MS, START_MS]
  expect(at.map((atMs) => view.placementOf('d-1', 'main', atMs)?.point)).toEqual([
    undefined,
    'room-1',
    'room-1',
    undefined,
    'room-2',
  ])
  expect(view.placementHistory('d-1', 'main').map((row) => row.point)).toEqual(['room-1', 'room-2'])
  expect(view.placementsAt('room-1', always).map((row) => [row.device, row.standing])).toEqual([
    ['d-1', 'judged'],
    ['d-2', 'secondary'],
  ])
  expect(view.placementsAt('room-1', { fromMs: 0, toMs: dayMs + 1 })).toHaveLength(1)
  expect(
    view.placementsAt('room-1', { fromMs: dayMs + HOUR_MS, toMs: START_MS }).map((row) => row.device),
  ).toEqual(['d-2'])
  await harness.do('placement.correct', { ...one, atMs: dayMs, point: 'shelf-1', reason })
  expect(view.placementsAt('room-1', always).map((row) => row.device)).toEqual(['d-2'])
  expect(view.placementOf('d-1', 'main', dayMs)?.point).toBe('shelf-1')
})

test('lots, products and stock; where nothing is any more, nothing is shown', async () => {
  const lot = { lot: 'l-1', reason }
  await harness.do('custody.receive', { ...lot, place: 'room', quantity: 10, atMs: dayMs })
  await harness.do('custody.move', { ...lot, from: 'room', to: 'box', quantity: 10, atMs: dayMs + HOUR_MS })
  expect(view.product(view.lot('l-1')?.product ?? '')?.rangeMaxMilliC).toBe(8_000)
  expect(view.custodyOf('l-1').map((row) => [row.place, row.quantity, row.validTo])).toEqual([
    ['room', 10, dayMs + HOUR_MS],
    ['box', 10, null],
  ])
  expect(view.stockOf('room', { fromMs: dayMs + HOUR_MS, toMs: START_MS })).toEqual([])
  expect(view.stockOf('room', { fromMs: dayMs + HOUR_MS - 1, toMs: START_MS })).toHaveLength(1)
  expect(view.stockOf('box', { fromMs: 0, toMs: dayMs + HOUR_MS })).toEqual([])
})

test('who is supervised now', async () => {
  const city = { parent: null, kind: 'drug-regulator', demo: false, name: '药监' } as const
  await harness.do('organisation.create', { ...city, id: 'fda' })
  for (const supervised of ['cdc', 'clinic']) {
    await harness.do('supervision.start', { supervisor: 'fda', supervised, fromMs: dayMs, reason })
  }
  await harness.do('supervision.end', { supervisor: 'fda', supervised: 'cdc', reason })
  expect(view.supervisedBy('fda').map((row) => row.supervised)).toEqual(['clinic'])
  expect(view.supervisedBy('cdc')).toEqual([])
})
