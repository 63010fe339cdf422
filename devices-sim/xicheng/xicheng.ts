import type { CityPlan } from '../plan.ts'
import { devices } from './devices.ts'
import { organisations, supervisions } from './organisations.ts'
import { places, sites } from './places.ts'

/**
 * 锡城市 Xicheng: an invented city with twelve sites, three vehicles and 56 measuring points, from the distributor's
 * cold rooms to the carriers of a school session. No name in it is that of a real institution.
 */
export const xicheng: CityPlan = {
  zone: 'Asia/Shanghai',
  organisations,
  supervisions,
  sites,
  places,
  devices,
}
