import { computed } from '@preact/signals'
import type { LivePoint, Site } from './answers.ts'
import { catalogue, placeFacts } from './catalogue.ts'
import { board, serverNowMs } from './live.ts'
import { type PlaceStanding, placeStanding, type State, stateOrder, worseState } from './standing.ts'
import { sorted } from './sorted.ts'

/** A site with its places, the worst first. */
export interface SiteStanding {
  readonly site: Site
  readonly state: State
  readonly places: readonly PlaceStanding[]
}

/** The newest judged reading of every point: of several sensors the one with the newest time counts. */
export const newestByPoint = computed((): ReadonlyMap<string, LivePoint> => {
  const newest = new Map<string, LivePoint>()
  for (const reading of board.value?.points.values() ?? []) {
    if (reading.point === null || reading.standing !== 'judged') continue
    const other = newest.get(reading.point)
    if (other === undefined || Date.parse(other.t) < Date.parse(reading.t)) newest.set(reading.point, reading)
  }
  return newest
})

/** How every place stands now. */
export const placeStandings = computed((): ReadonlyMap<string, PlaceStanding> => {
  const findings = [...(board.value?.findings.values() ?? [])]
  const newest = newestByPoint.value
  return new Map(
    [...placeFacts.value].map(([id, facts]) => [
      id,
      placeStanding(
        facts,
        (point) => newest.get(point),
        findings.filter(({ place }) => place === id),
        serverNowMs.value,
      ),
    ]),
  )
})

/** The sites with their places, the worst first. */
export const siteStandings = computed((): readonly SiteStanding[] => {
  const standings = [...placeStandings.value.values()]
  const sites = [...(catalogue.value?.sites.values() ?? [])].map((site): SiteStanding => {
    const places = sorted(
      standings.filter(({ place }) => place.site === site.id),
      (a, b) => rank(a.state) - rank(b.state) || (a.place.id < b.place.id ? -1 : 1),
    )
    return { site, places, state: places.reduce<State>((state, each) => worseState(state, each.state), 'in') }
  })
  return sorted(
    sites.filter(({ places }) => places.length > 0),
    (a, b) => rank(a.state) - rank(b.state) || (a.site.id < b.site.id ? -1 : 1),
  )
})

function rank(state: State): number {
  return stateOrder.indexOf(state)
}
