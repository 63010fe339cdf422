import type { LinkFacts, Period } from './facts.ts'
import { type Segment, segmentsOf } from './segments.ts'

/** When sensors were where, for stores that know readings and no facts. */
export interface Placed {
  /** The segments of a point during the period, judged and secondary. */
  at(point: string, period: Period): readonly Segment[]
  /** When the sensor was at any point, earliest first. */
  of(device: string, sensor: string): readonly Period[]
}

/** Where sensors were, as the facts say at each call. */
export function placedBy(facts: LinkFacts): Placed {
  return {
    at: (point, period) => segmentsOf(facts, { by: 'point', point }, period, { secondary: true }),
    of: (device, sensor) =>
      facts
        .placementHistory(device, sensor)
        .map(({ validFrom, validTo }) => ({ fromMs: validFrom, toMs: validTo ?? Number.MAX_SAFE_INTEGER })),
  }
}
