import { chance, seedFor } from './chance.ts'

/** A position on the map, degrees. */
export interface Position {
  readonly lat: number
  readonly lon: number
}

/** The middle of the demonstration's city, and how far a route strays from it, degrees. */
const CENTRE: Position = { lat: 31.57, lon: 120.3 }
const HOME_SPREAD = 0.04
const STOP_SPREAD = 0.12
/** Stops of one round; the waypoint after the last one is home again. */
const WAYPOINTS = 8

/** The round of a vehicle: home, seven stops, home; a function of its seed. */
export class Route {
  readonly #waypoints: readonly Position[]

  constructor(seed: number) {
    const own = seedFor(seed, 'route')
    this.#waypoints = Array.from({ length: WAYPOINTS }, (_, index) => {
      const spread = index === 0 ? HOME_SPREAD : STOP_SPREAD
      return {
        lat: CENTRE.lat + (chance(own, 2 * index) - 0.5) * 2 * spread,
        lon: CENTRE.lon + (chance(own, 2 * index + 1) - 0.5) * 2 * spread,
      }
    })
  }

  /** Where it is after this many waypoints, between two of them on the line from one to the next. */
  at(progress: number): Position {
    const from = this.#waypoint(Math.floor(progress))
    const to = this.#waypoint(Math.floor(progress) + 1)
    const part = progress - Math.floor(progress)
    return {
      lat: rounded(from.lat + (to.lat - from.lat) * part),
      lon: rounded(from.lon + (to.lon - from.lon) * part),
    }
  }

  #waypoint(nth: number): Position {
    return this.#waypoints[nth % WAYPOINTS] ?? CENTRE
  }
}

/** What receivers of vehicles show: about ten metres. */
function rounded(degrees: number): number {
  return Math.round(degrees * 10_000) / 10_000
}
