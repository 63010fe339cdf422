import { isJudgedRole } from '../domain/index.ts'
import type { LinkFacts, Period } from './facts.ts'
import { isMeasured, placesAround, placesWithin } from './places.ts'
import { cut } from './segments.ts'

/** A lot in a place during [fromMs, toMs), epoch ms, on end. */
export interface Stay extends Period {
  readonly lot: string
  readonly place: string
  /** Smallest package units at its beginning. */
  readonly quantity: number
}

/** The places of the whole unit for whose stock a point speaks; none for a point that is not judged. */
export function placesSpokenFor(facts: LinkFacts, point: string): readonly string[] {
  const fact = facts.point(point)
  if (fact === undefined || !isJudgedRole(fact.role)) return []
  const around = placesAround(facts, fact.place)
  return spokenForIn(facts, around.at(-1) ?? fact.place, new Set(around))
}

/**
 * Those in one of the places around a point, itself first. What lies beside the point takes it only where nothing is
 * measured nearer: a part with a judged point somewhere in it covers all that is in it, any other part nothing. So
 * each part of the unit is looked at once or twice, and `coverOf` asked for none of them.
 */
function spokenForIn(facts: LinkFacts, place: string, around: ReadonlySet<string>): readonly string[] {
  const inside = facts.childrenOf(place).flatMap(({ id }) => {
    if (around.has(id)) return spokenForIn(facts, id, around)
    return isMeasured(facts, id) ? [] : placesWithin(facts, id)
  })
  return [place, ...inside]
}

/**
 * The places whose stock a finding at a point is about: those it speaks for, or, of a point that is not judged and has
 * a door or power to tell of, its place with all that is in it.
 */
export function placesConcerned(facts: LinkFacts, point: string): readonly string[] {
  const fact = facts.point(point)
  if (fact === undefined || isJudgedRole(fact.role)) return placesSpokenFor(facts, point)
  return placesWithin(facts, fact.place)
}

/** What lay in places during a period, cut to it, by beginning, lot and place; a changed quantity ends no stay. */
export function staysIn(facts: LinkFacts, places: readonly string[], period: Period): readonly Stay[] {
  const stays: Stay[] = []
  const last = new Map<string, number>()
  for (const place of places) {
    for (const row of facts.stockOf(place, period).toSorted((a, b) => a.validFrom - b.validFrom)) {
      const { lot, quantity } = row
      const held = cut(row, period)
      const key = `${lot} ${place}`
      const at = last.get(key)
      const before = at === undefined ? undefined : stays[at]
      if (at !== undefined && before?.toMs === held.fromMs) {
        stays[at] = { ...before, toMs: held.toMs }
      } else {
        last.set(key, stays.length)
        stays.push({ lot, place, quantity, ...held })
      }
    }
  }
  return stays.toSorted((a, b) => a.fromMs - b.fromMs || compare(a.lot, b.lot) || compare(a.place, b.place))
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
