import { type PlaceFact, Problem } from '../domain/index.ts'
import type { LinkFacts, Period } from './facts.ts'
import { type Lane, laneOf, type SweptParts, windowsOf, withReadings } from './lanes.ts'
import { coverOf } from './places.ts'
import { type Leg, legsOf } from './segments.ts'
import { added, type Band, noTime, type TimeInBand, widest } from './sweep.ts'

/** Which exposure: of a lot, in a period, of what is known at `asOfMs` (epoch ms). Time after that is not counted. */
export interface ExposureQuery extends Period {
  readonly lot: string
  readonly asOfMs: number
  /** Which legs may be seen, by their place; the others are as if they had not been. */
  readonly isSeen: (place: PlaceFact) => boolean
}

/** What an exposure is made from. */
export interface ExposureParts extends SweptParts {
  /** Called between the days, so that others may be answered meanwhile. */
  readonly rest: () => Promise<void>
}

/** The point that was out of range longest, then furthest. */
export interface WorstPoint {
  readonly point: string
  /** Too warm and too cold together, ms. */
  readonly outMs: number
  readonly minMilliC: number | null
  readonly maxMilliC: number | null
}

/** How warm a lot was where it lay: in + warm + cold + unknown = toMs - fromMs, always. */
export interface ExposureLeg extends Leg, TimeInBand {
  /** The place whose points spoke for it; null when there was none, and all of it is unknown. */
  readonly measuredIn: string | null
  /** Null when no point was out of range. */
  readonly worst: WorstPoint | null
}

/** The exposure of a lot; `total` adds up its legs, also those side by side. */
export interface Exposure {
  readonly lot: string
  readonly product: string
  /** What the product's label allows, both ends included. */
  readonly band: Band
  readonly legs: readonly ExposureLeg[]
  readonly total: TimeInBand & { readonly worst: WorstPoint | null }
}

/** Days of points of one answer: ten points for a year; at one reading a minute some 4 ms of work each. */
export const POINT_DAYS_MAX = 4_000

/**
 * The exposure of a lot, by the facts as they are when it is asked for; undefined when there is no such lot. Rejects
 * with `bad-request` above 4,000 days of points.
 */
export async function exposureOf(parts: ExposureParts, query: ExposureQuery): Promise<Exposure | undefined> {
  const { facts } = parts
  const lot = facts.lot(query.lot)
  const product = lot === undefined ? undefined : facts.product(lot.product)
  if (lot === undefined || product === undefined) return undefined
  const band = { minMilliC: product.rangeMinMilliC, maxMilliC: product.rangeMaxMilliC }
  const period = { fromMs: query.fromMs, toMs: Math.min(query.toMs, query.asOfMs) }
  const legs = legsOf(facts, lot.id, period, query)
  checkSize(facts, legs)
  const measured = legs.map((leg) => ({ ...leg, ...lanesOf(facts, leg) }))
  const exposed: ExposureLeg[] = []
  for (const leg of measured) exposed.push(await legExposure(parts, leg, band, query.asOfMs))
  const worst = worstOf(
    exposed.flatMap((leg) => (leg.worst === null ? [] : [leg.worst])),
    band,
  )
  const total = { ...exposed.reduce<TimeInBand>(added, noTime), worst }
  return { lot: lot.id, product: product.id, band, legs: exposed, total }
}

/** A leg with the points that speak for it; `measuredIn` null when there are none. */
interface MeasuredLeg extends Leg {
  readonly measuredIn: string | null
  readonly lanes: readonly Lane[]
}

function lanesOf(facts: LinkFacts, leg: Leg): Pick<MeasuredLeg, 'measuredIn' | 'lanes'> {
  const cover = coverOf(facts, leg.place)
  const lanes = (cover?.points ?? []).map((point) => laneOf(facts, point, leg))
  return { measuredIn: cover?.place ?? null, lanes }
}

async function legExposure(
  parts: ExposureParts,
  { lanes, ...leg }: MeasuredLeg,
  band: Band,
  asOfMs: number,
): Promise<ExposureLeg> {
  if (lanes.length === 0) return { ...leg, ...noTime, unknownMs: leg.toMs - leg.fromMs, worst: null }
  let together = noTime
  const alone = lanes.map(() => noTime)
  for (const window of windowsOf(leg)) {
    const query = { ...window, band, asOfMs }
    const swept = lanes.map((lane) => withReadings(parts, lane, window))
    together = added(together, parts.sweep(swept, query))
    for (const [index, one] of swept.entries()) {
      alone[index] = added(alone[index] ?? noTime, parts.sweep([one], query))
    }
    await parts.rest()
  }
  const points = lanes.map(({ point }, index) => worstPoint(point, alone[index] ?? noTime))
  return { ...leg, ...together, worst: worstOf(points, band) }
}

function worstPoint(point: string, { warmMs, coldMs, minMilliC, maxMilliC }: TimeInBand): WorstPoint {
  return { point, outMs: warmMs + coldMs, minMilliC, maxMilliC }
}

function worstOf(points: readonly WorstPoint[], band: Band): WorstPoint | null {
  const excursion = (point: WorstPoint): number => widest({ ...noTime, ...point }, band)
  const [worst] = points
    .filter(({ outMs }) => outMs > 0)
    .toSorted((a, b) => b.outMs - a.outMs || excursion(b) - excursion(a))
  return worst ?? null
}

function checkSize(facts: LinkFacts, legs: readonly Leg[]): void {
  let pointDays = 0
  for (const leg of legs) {
    pointDays += windowsOf(leg).length * (coverOf(facts, leg.place)?.points.length ?? 0)
  }
  if (pointDays <= POINT_DAYS_MAX) return
  throw new Problem('bad-request', {
    what: `The exposure takes ${pointDays} days of points; one answer has ${POINT_DAYS_MAX} at most.`,
    remedy: 'Ask for a shorter period with from and to.',
  })
}
