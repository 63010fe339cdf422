import { type PreparedPoint, prepared, type RuleInForce } from '../../alerts/index.ts'
import { readRulePacks } from '../../app/doors/rule-packs.ts'

export const SENSORS = 1_000
/** Every sensor is placed at this many points, one after the other. */
export const PLACEMENTS = 3
export const STEP_MS = 300_000
/** 2026-01-01. */
export const FROM_MS = 1_767_225_600_000
/** What holds in a cold room of a distributor whose organisation has taken the alarm settings of WHO as well. */
const PACKS = ['cn-gsp-storage', 'who-pqs-storage']

/** Which point a sensor is at during which part of the time. */
export interface Placed {
  readonly point: number
  readonly fromMs: number
  readonly toMs: number
}

/** A thousand points and the sensors that come by: each is moved on to the next point twice. */
export interface Fleet {
  readonly points: readonly PreparedPoint[]
  /** By sensor, in order of time. */
  readonly placed: readonly (readonly Placed[])[]
}

/** The fleet over a period of so many steps. */
export async function fleetOf(steps: number): Promise<Fleet> {
  const rules = await rulesInForce()
  const partMs = Math.ceil(steps / PLACEMENTS) * STEP_MS
  const placed = Array.from({ length: SENSORS }, (_none, sensor) =>
    Array.from({ length: PLACEMENTS }, (_one, part): Placed => {
      const fromMs = FROM_MS + part * partMs
      return { point: (sensor + part) % SENSORS, fromMs, toMs: fromMs + partMs }
    }),
  )
  const byPoint = Map.groupBy(placed.flat(), ({ point }) => point)
  const points = Array.from({ length: SENSORS }, (_none, nth) => {
    const stays = byPoint.get(nth) ?? []
    return prepared({
      point: `point-${nth}`,
      quantity: 'temperature',
      place: `place-${nth}`,
      zone: 'Asia/Shanghai',
      placeKind: 'cold-room',
      role: 'product',
      life: { fromMs: FROM_MS, toMs: null },
      placements: stays,
      expectedIntervals: stays.map(({ fromMs, toMs }) => ({ fromMs, toMs, expectedIntervalMs: STEP_MS })),
      duties: [{ duty: 'in-service', fromMs: FROM_MS, toMs: null }],
      rules,
    })
  })
  return { points, placed }
}

async function rulesInForce(): Promise<readonly RuleInForce[]> {
  const packs = await readRulePacks()
  return packs
    .filter(({ id }) => PACKS.includes(id))
    .flatMap(({ version, rules }) =>
      rules.map((rule) => ({ packVersion: version, rule, fromMs: FROM_MS, toMs: null })),
    )
}
