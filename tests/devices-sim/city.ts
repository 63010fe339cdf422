import type { CityPlan, Episode, PlannedPlace, PlannedSensor } from '../../devices-sim/index.ts'

/** 2026-11-20, a Friday, 00:00 in Asia/Shanghai. */
export const MIDNIGHT_MS = Date.UTC(2026, 10, 19, 16)
export const MINUTE_MS = 60_000
export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

const name = { zh: '试', en: 'test' }

/** A unit called `unit`; a medical refrigerator of a clinic unless told otherwise. */
export function place(own: Partial<PlannedPlace> = {}): PlannedPlace {
  return {
    id: 'unit',
    site: 'site',
    parent: null,
    kind: 'refrigerator',
    name,
    capacityLitres: 395,
    setpointC: 4.5,
    busyHours: ['08:00-11:30', '13:30-16:30'],
    ...own,
  }
}

/** A sensor `main` in `unit`: a buffered product probe unless told otherwise. */
export function sensor(own: Partial<PlannedSensor> = {}): PlannedSensor {
  return {
    name: 'main',
    place: 'unit',
    point: 'point',
    pointName: name,
    role: 'product',
    probe: 'buffered',
    offsetC: 0,
    ...own,
  }
}

/** A plan of one unit and one device, `vault-7`. */
export function plan(
  unit: PlannedPlace,
  sensors: readonly PlannedSensor[],
  expectedIntervalSeconds: number,
): CityPlan {
  return {
    zone: 'Asia/Shanghai',
    organisations: [],
    supervisions: [],
    sites: [],
    places: [unit],
    devices: [{ id: 'vault-7', site: 'site', expectedIntervalSeconds, sensors }],
  }
}

/** The same episodes for the unit, none for the device. */
export function onUnit(...episodes: readonly Episode[]): (target: string) => readonly Episode[] {
  return (target) => (target === 'unit' ? episodes : [])
}
