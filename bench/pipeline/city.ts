import type { LocalCore } from '../../app/cli/local-core.ts'
import type { ReadingPlace } from '../../store/index.ts'
import type { Credentials } from '../load/device.ts'
import { inTurns } from '../servers/isotherm.ts'

/** Places with a lot each; every device stands at a point of its own in one of them. */
export const LOTS = 60
const SITE = 'hall'
const reason = 'a benchmark'

/**
 * Enters what makes the pipeline work in full: places, points, placements and lots since `fromMs`, and the rules of
 * the Chinese norm for storage in clinics, so that every reading is linked and judged.
 */
export async function furnish(
  core: LocalCore,
  devices: readonly Credentials[],
  fromMs: number,
  tell: (sentence: string) => void,
): Promise<void> {
  const since = { fromMs, reason }
  await core.command('rules.activate', {
    pack: 'cn-2017-cdc-clinic',
    version: 1,
    organisation: 'bench',
    ...since,
  })
  await core.command('product.create', {
    id: 'vaccine',
    name: '疫苗',
    rangeMinMilliC: 2_000,
    rangeMaxMilliC: 8_000,
    freezeSensitive: true,
    lightSensitive: true,
  })
  for (let nth = 0; nth < LOTS; nth += 1) {
    const [place, lot] = [placeOf(nth), `lot-${nth}`]
    const kind = 'refrigerator' as const
    await core.command('place.create', { id: place, site: SITE, parent: null, kind, name: place, ...since })
    const named = { number: lot, maker: 'maker', expiresOn: '2030-01-01' }
    await core.command('lot.create', { id: lot, product: 'vaccine', ...named })
    await core.command('custody.receive', { lot, place, quantity: 100, atMs: fromMs, reason })
  }
  await inTurns(devices.length, async (nth) => {
    const device = devices[nth]?.id ?? ''
    const { place, point } = whereIs(nth)
    const role = 'product' as const
    await core.command('point.create', { id: point, place, name: point, role, ...since })
    await core.command('placement.start', { device, sensor: 'main', point, ...since })
    if (nth % 1_000 === 999) tell(`${nth + 1} of ${devices.length} devices are placed`)
  })
}

/** Where the n-th device stands. */
export function whereIs(nth: number): ReadingPlace {
  return { site: SITE, place: placeOf(nth), point: `point-${nth}` }
}

function placeOf(nth: number): string {
  return `place-${nth % LOTS}`
}
