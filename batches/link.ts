import { isJudgedRole, type Standing } from '../domain/index.ts'
import type { LinkFacts } from './facts.ts'
import { placesSpokenFor } from './stock.ts'

/** Where a sensor was at an instant. */
export interface Whereabouts {
  readonly site: string
  readonly place: string
  readonly point: string
  /** `secondary` readings are stored and never judged. */
  readonly standing: Standing
}

/** What a reading belongs to at its event time. */
export interface Link extends Whereabouts {
  /** Lots the reading speaks for, in order; none when it is not judged. */
  readonly lots: readonly string[]
}

/** Where a sensor was at an instant (epoch ms); undefined while it is placed nowhere. */
export function whereaboutsOf(
  facts: LinkFacts,
  device: string,
  sensor: string,
  tMs: number,
): Whereabouts | undefined {
  const placement = facts.placementOf(device, sensor, tMs)
  if (placement === undefined) return undefined
  const place = facts.place(facts.point(placement.point)?.place ?? '')
  if (place === undefined) return undefined
  return { site: place.site, place: place.id, point: placement.point, standing: placement.standing }
}

/** What a reading of a sensor at an instant (epoch ms) belongs to; undefined while the sensor is placed nowhere. */
export function linkOf(facts: LinkFacts, device: string, sensor: string, tMs: number): Link | undefined {
  const where = whereaboutsOf(facts, device, sensor, tMs)
  if (where === undefined) return undefined
  return { ...where, lots: where.standing === 'judged' ? lotsOfPoint(facts, where.point, tMs) : [] }
}

/** The lots a point speaks for at an instant (epoch ms), in order; none when it is not judged. */
export function lotsOfPoint(facts: LinkFacts, id: string, tMs: number): readonly string[] {
  const point = facts.point(id)
  if (point === undefined || !isJudgedRole(point.role)) return []
  const instant = { fromMs: tMs, toMs: tMs + 1 }
  const lots = placesSpokenFor(facts, id).flatMap((place) =>
    facts.stockOf(place, instant).map(({ lot }) => lot),
  )
  return [...new Set(lots)].toSorted()
}
