import type { LinkFacts, Period } from './facts.ts'
import { type Lane, laneOf, type SweptParts, within, withReadings } from './lanes.ts'
import { coverOf } from './places.ts'
import { type Leg, legsOf } from './segments.ts'
import { placesSpokenFor } from './stock.ts'
import { added, type Band, noTime, type TimeInBand } from './sweep.ts'

/** A lot in a place during an hour, or the part of it in which it was there. */
export interface LotHour extends TimeInBand {
  readonly place: string
  /** Begin of the hour, epoch ms; hours are those of UTC. */
  readonly hourMs: number
}

/** Hours of one lot: what its label allows, and the hours by time and place. */
export interface LotHours {
  readonly lot: string
  readonly product: string
  readonly band: Band
  readonly hours: readonly LotHour[]
}

interface RestingParts extends SweptParts {
  /** Called after each point that was read and each hour that was swept, so that others run meanwhile. */
  readonly rest: () => Promise<void>
}

/** Milliseconds of an hour. */
export const HOUR_MS = 3_600_000

/**
 * How warm a lot was, hour by hour, in a period of whole hours that the caller keeps short (a day), of what is known
 * at `asOfMs`: each hour is the exposure of the lot in it (`exposureOf`), place by place. In + warm + cold + unknown is
 * the time the lot was there. Undefined when there is no such lot.
 */
export async function lotHoursOf(
  parts: RestingParts,
  { lot: id, fromMs, toMs, asOfMs }: Period & { readonly lot: string; readonly asOfMs: number },
): Promise<LotHours | undefined> {
  const { facts } = parts
  const lot = facts.lot(id)
  const product = lot === undefined ? undefined : facts.product(lot.product)
  if (lot === undefined || product === undefined) return undefined
  const band = { minMilliC: product.rangeMinMilliC, maxMilliC: product.rangeMaxMilliC }
  const hours = new Map<string, LotHour>()
  for (const leg of legsOf(facts, id, { fromMs, toMs: Math.min(toMs, asOfMs) })) {
    for (const hour of await hoursOfLeg(parts, leg, { band, asOfMs })) {
      // a lot may leave a place and come back within an hour, or be there in two parts
      const key = `${hour.hourMs} ${hour.place}`
      hours.set(key, { ...hour, ...added(hours.get(key) ?? noTime, hour) })
    }
  }
  const inOrder = [...hours.values()].toSorted((a, b) => a.hourMs - b.hourMs || (a.place < b.place ? -1 : 1))
  return { lot: id, product: product.id, band, hours: inOrder }
}

async function hoursOfLeg(
  parts: RestingParts,
  leg: Leg,
  query: { readonly band: Band; readonly asOfMs: number },
): Promise<readonly LotHour[]> {
  const points = coverOf(parts.facts, leg.place)?.points ?? []
  const lanes: Lane[] = []
  for (const point of points) {
    const lane = withReadings(parts, laneOf(parts.facts, point, leg), leg)
    lanes.push({ ...lane, readings: lane.readings.toSorted((a, b) => a.tMs - b.tMs) })
    await parts.rest()
  }
  const hours: LotHour[] = []
  for (let hourMs = hourOf(leg.fromMs); hourMs < leg.toMs; hourMs += HOUR_MS) {
    const stay = { fromMs: Math.max(hourMs, leg.fromMs), toMs: Math.min(hourMs + HOUR_MS, leg.toMs) }
    const time =
      lanes.length === 0
        ? { ...noTime, unknownMs: stay.toMs - stay.fromMs }
        : parts.sweep(
            lanes.map((lane) => within(lane, stay)),
            { ...stay, ...query },
          )
    hours.push({ place: leg.place, hourMs, ...time })
    await parts.rest()
  }
  return hours
}

/** Begin of the hour of an instant, epoch ms. */
export function hourOf(tMs: number): number {
  return Math.floor(tMs / HOUR_MS) * HOUR_MS
}

/** The lots for which a point spoke at any time of a period. */
export function lotsSpokenFor(facts: LinkFacts, point: string, period: Period): readonly string[] {
  const stays = placesSpokenFor(facts, point).flatMap((place) => facts.stockOf(place, period))
  return [...new Set(stays.map(({ lot }) => lot))]
}
