import type { Facts, PlaceCommands } from '../../../store/index.ts'
import { type Doer, HOUR_MS, START_MS } from './setup.ts'
import { prepareIncidents } from './walk-incidents.ts'
import { prepareRules } from './walk-rules.ts'

const reason = 'because'

/** What the walk needs beside what it makes: a regulator, a place of somebody else, and incidents there. */
export async function prepareWalk(harness: Doer, facts: Facts): Promise<void> {
  const city = { parent: null, demo: false, name: '无锡' }
  await harness.do('organisation.create', { ...city, id: 'regulator', kind: 'drug-regulator' })
  await harness.do('organisation.create', { ...city, id: 'clinic', kind: 'clinic' })
  const zone = 'Asia/Shanghai'
  await harness.do('site.create', { id: 'ward', organisation: 'clinic', name: '接种室', zone })
  await harness.do('place.create', { id: 'box', site: 'ward', parent: null, kind: 'box', name: '冷藏箱' })
  await prepareIncidents(harness, facts)
  await prepareRules(harness)
}

/**
 * Every command about places with what it takes to be carried out, in an order in which all of them can be. It is
 * prepared, and there are an organisation `cdc`, its site `depot` and a device `d-1` there.
 */
export function walkPlaces(harness: Doer): {
  readonly [N in keyof PlaceCommands]: () => Promise<unknown>
} {
  const sensor = { device: 'd-1', sensor: 'main' }
  const stock = { lot: 'l-1', quantity: 10 }
  return {
    'device.expected-interval': () =>
      harness.do('device.expected-interval', { id: 'd-1', expectedIntervalMs: 60_000, reason }),
    'supervision.start': () =>
      harness.do('supervision.start', { supervisor: 'regulator', supervised: 'cdc' }),
    'supervision.end': () =>
      harness.do('supervision.end', { supervisor: 'regulator', supervised: 'cdc', reason }),
    'place.create': () =>
      harness.do('place.create', {
        id: 'room',
        site: 'depot',
        parent: null,
        kind: 'cold-room',
        name: '一号库',
        fromMs: START_MS - HOUR_MS,
        reason,
      }),
    'point.create': () =>
      harness.do('point.create', { id: 'room-1', place: 'room', name: '门口', role: 'air' }),
    'placement.start': () => harness.do('placement.start', { ...sensor, point: 'room-1' }),
    'placement.correct': () =>
      harness.do('placement.correct', { ...sensor, atMs: START_MS, fromMs: START_MS - 1, reason }),
    'placement.end': () => harness.do('placement.end', sensor),
    'duty.set': () => harness.do('duty.set', { place: 'room', duty: 'defrost' }),
    'place.check': () => harness.do('place.check', { place: 'room', note: '门关好了' }),
    'product.create': () =>
      harness.do('product.create', {
        id: 'bcg',
        name: '卡介苗',
        rangeMinMilliC: 2_000,
        rangeMaxMilliC: 8_000,
        freezeSensitive: false,
        lightSensitive: true,
      }),
    'lot.create': () =>
      harness.do('lot.create', {
        id: 'l-1',
        product: 'bcg',
        number: '202611A',
        maker: '上海',
        expiresOn: '2028-10-31',
      }),
    'custody.receive': () => harness.do('custody.receive', { ...stock, place: 'room' }),
    'custody.move': () => harness.do('custody.move', { ...stock, from: 'room', to: 'box', quantity: 4 }),
    'custody.issue': () => harness.do('custody.issue', { ...stock, place: 'room', quantity: 6 }),
    'place.retire': () => harness.do('place.retire', { id: 'room', reason }),
  }
}
