import type { Doer } from './setup.ts'
import { DAY_MS, START_MS } from './setup.ts'

/** When the rooms were built: long enough before the test clock starts to enter things late. */
export const BUILT_MS = START_MS - 30 * DAY_MS
export const reason = 'because'

/**
 * Furnishes the city: in `depot` a cold room `room` with points `room-1` and `room-2`, in it a `shelf` with point
 * `shelf-1`, and a `box`; in `ward` a refrigerator `fridge` with point `fridge-1`; in the demonstration `toy` with
 * point `toy-1`. Devices `d-1`, `d-2`, `d-3` in `depot`, `sim-1` in the demonstration. A product `bcg`, a lot `l-1`.
 */
export async function furnish(harness: Doer): Promise<void> {
  const place = { parent: null, name: '储存单元', fromMs: BUILT_MS, reason }
  await harness.do('place.create', { ...place, id: 'room', site: 'depot', kind: 'cold-room' })
  await harness.do('place.create', {
    ...place,
    id: 'shelf',
    site: 'depot',
    kind: 'compartment',
    parent: 'room',
  })
  await harness.do('place.create', { ...place, id: 'box', site: 'depot', kind: 'box' })
  await harness.do('place.create', { ...place, id: 'fridge', site: 'ward', kind: 'refrigerator' })
  await harness.do('place.create', { ...place, id: 'toy', site: 'stage', kind: 'refrigerator' })
  for (const [id, at] of [
    ['room-1', 'room'],
    ['room-2', 'room'],
    ['shelf-1', 'shelf'],
    ['fridge-1', 'fridge'],
    ['toy-1', 'toy'],
  ] as const) {
    await harness.do('point.create', { id, place: at, name: '测点', role: 'product' })
  }
  for (const id of ['d-1', 'd-2', 'd-3']) {
    await harness.do('device.create', { id, site: 'depot', kind: 'real' })
  }
  await harness.do('device.create', { id: 'sim-1', site: 'stage', kind: 'simulated' })
  await harness.do('product.create', {
    id: 'bcg',
    name: '卡介苗',
    rangeMinMilliC: 2_000,
    rangeMaxMilliC: 8_000,
    freezeSensitive: false,
    lightSensitive: true,
  })
  await harness.do('lot.create', {
    id: 'l-1',
    product: 'bcg',
    number: '202611A',
    maker: '生物所',
    expiresOn: '2028-10-31',
  })
}
