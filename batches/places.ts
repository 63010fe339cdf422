import type { PlaceKind, PointFact } from '../domain/index.ts'
import { isJudgedRole } from '../domain/index.ts'
import type { LinkFacts } from './facts.ts'

/** The place and all places nested in it, itself first. Ends, because a place never changes its parent. */
export function placesWithin(facts: LinkFacts, place: string): readonly string[] {
  return [place, ...facts.childrenOf(place).flatMap(({ id }) => placesWithin(facts, id))]
}

/** The points of a place and of the places nested in it. */
export function pointsWithin(facts: LinkFacts, place: string): readonly PointFact[] {
  return placesWithin(facts, place).flatMap((id) => facts.pointsOf(id))
}

/** Which points speak for what lies in a place. */
export interface Cover {
  /** The place itself or the nearest one around it that has judged points. */
  readonly place: string
  /** Its judged points and those of places nested in it; at least one. */
  readonly points: readonly PointFact[]
}

/** What speaks for stock in a place; undefined when neither it nor any place around it has a judged point. */
export function coverOf(facts: LinkFacts, place: string): Cover | undefined {
  const points = pointsWithin(facts, place).filter(({ role }) => isJudgedRole(role))
  if (points.length > 0) return { place, points }
  const parent = facts.place(place)?.parent ?? null
  return parent === null ? undefined : coverOf(facts, parent)
}

/** True when the place or any place nested in it has a judged point. */
export function isMeasured(facts: LinkFacts, place: string): boolean {
  return (
    facts.pointsOf(place).some(({ role }) => isJudgedRole(role)) ||
    facts.childrenOf(place).some(({ id }) => isMeasured(facts, id))
  )
}

/** The place and those around it, itself first, the outermost last. */
export function placesAround(facts: LinkFacts, place: string): readonly string[] {
  const parent = facts.place(place)?.parent ?? null
  return parent === null ? [place] : [place, ...placesAround(facts, parent)]
}

/** All points of the whole unit a place belongs to: any of them may speak for stock in any part of it. */
export function pointsOfUnit(facts: LinkFacts, place: string): readonly PointFact[] {
  return pointsWithin(facts, placesAround(facts, place).at(-1) ?? place)
}

/** Kind of the place; of a compartment, the kind of what it is part of. Decides the floor of the gap. */
export function measuredKindOf(facts: Pick<LinkFacts, 'place'>, id: string): PlaceKind {
  const place = facts.place(id)
  if (place === undefined) return 'compartment'
  return place.kind === 'compartment' && place.parent !== null
    ? measuredKindOf(facts, place.parent)
    : place.kind
}
