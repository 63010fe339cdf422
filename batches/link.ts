import { isJudgedRole, type PlacementFact, type Standing } from '../domain/index.ts'
import type { LinkFacts, Period } from './facts.ts'
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
  return placement === undefined ? undefined : whereaboutsBy(facts, placement)
}

/** Where a sensor was in all of [fromMs, toMs), epoch ms, infinite where nothing bounds it. */
export interface WhereaboutsAround extends Period {
  readonly where: Whereabouts | undefined
}

/** Where a sensor was at an instant (epoch ms), and how long around it that is the answer of `whereaboutsOf`. */
export function whereaboutsAround(
  facts: LinkFacts,
  device: string,
  sensor: string,
  tMs: number,
): WhereaboutsAround {
  const rows = facts.placementHistory(device, sensor)
  const last = rows.findLast(({ validFrom }) => validFrom <= tMs)
  const nextMs = rows.find(({ validFrom }) => validFrom > tMs)?.validFrom ?? Number.POSITIVE_INFINITY
  if (last === undefined) return { fromMs: Number.NEGATIVE_INFINITY, toMs: nextMs, where: undefined }
  const endMs = last.validTo ?? Number.POSITIVE_INFINITY
  if (tMs >= endMs) return { fromMs: endMs, toMs: nextMs, where: undefined }
  return { fromMs: last.validFrom, toMs: Math.min(endMs, nextMs), where: whereaboutsBy(facts, last) }
}

function whereaboutsBy(facts: LinkFacts, { point, standing }: PlacementFact): Whereabouts | undefined {
  const place = facts.place(facts.point(point)?.place ?? '')
  return place === undefined ? undefined : { site: place.site, place: place.id, point, standing }
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
