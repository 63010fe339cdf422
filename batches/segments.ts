import type { PlaceFact, PlacementFact, PointFact, Standing } from '../domain/index.ts'
import type { LinkFacts, Period } from './facts.ts'
import { coverOf, pointsWithin } from './places.ts'

/** What readings are asked for by. */
export type LinkSelection =
  | { readonly by: 'point'; readonly point: string }
  | { readonly by: 'place'; readonly place: string }
  | { readonly by: 'lot'; readonly lot: string }

/** The readings of one sensor in [fromMs, toMs), epoch ms, while it was at a point. */
export interface Segment extends Period {
  readonly device: string
  readonly sensor: string
  readonly point: string
  readonly place: string
  readonly standing: Standing
}

/** What else decides which segments there are. */
export interface SegmentOptions {
  /** Secondary placements too, which are not judged. Default false; a lot never has them. */
  readonly secondary?: boolean
  /** Which custody legs of a lot may be seen, by their place. Default all. */
  readonly isSeen?: (place: PlaceFact) => boolean
}

/**
 * The segments of a selection in a period, by time, sensor by sensor; no two of one sensor overlap. A place means
 * its points and those of places nested in it. A lot means the judged points that speak for the places it was in
 * (`coverOf`), while it was there. Empty for what is not known.
 */
export function segmentsOf(
  facts: LinkFacts,
  selection: LinkSelection,
  period: Period,
  options: SegmentOptions = {},
): readonly Segment[] {
  const { secondary = false } = options
  if (selection.by === 'point') {
    const point = facts.point(selection.point)
    return point === undefined ? [] : inOrder(segmentsAt(facts, point, period, secondary))
  }
  if (selection.by === 'place') {
    const points = pointsWithin(facts, selection.place)
    return inOrder(points.flatMap((point) => segmentsAt(facts, point, period, secondary)))
  }
  const segments = legsOf(facts, selection.lot, period, options).flatMap((leg) =>
    (coverOf(facts, leg.place)?.points ?? []).flatMap((point) => segmentsAt(facts, point, leg, false)),
  )
  return united(inOrder(segments))
}

/** A lot, or part of it, in a place during [fromMs, toMs), epoch ms. */
export interface Leg extends Period {
  readonly place: string
  /** Smallest package units. */
  readonly quantity: number
}

/** The custody legs of a lot that touch a period, cut to it, by time and place. */
export function legsOf(
  facts: LinkFacts,
  lot: string,
  period: Period,
  { isSeen = () => true }: SegmentOptions = {},
): readonly Leg[] {
  return facts
    .custodyOf(lot)
    .filter((row) => {
      const place = facts.place(row.place)
      return place !== undefined && isSeen(place)
    })
    .map(({ place, quantity, ...row }) => ({ place, quantity, ...cut(row, period) }))
    .filter(({ fromMs, toMs }) => fromMs < toMs)
    .toSorted((a, b) => a.fromMs - b.fromMs || (a.place < b.place ? -1 : 1))
}

/** The part of what a fact holds for that lies in the period; empty (from not before to) when there is none. */
export function cut(
  { validFrom, validTo }: Pick<PlacementFact, 'validFrom' | 'validTo'>,
  period: Period,
): Period {
  return {
    fromMs: Math.max(validFrom, period.fromMs),
    toMs: Math.min(validTo ?? period.toMs, period.toMs),
  }
}

function segmentsAt(facts: LinkFacts, point: PointFact, period: Period, secondary: boolean): Segment[] {
  return facts
    .placementsAt(point.id, period)
    .filter(({ standing }) => secondary || standing === 'judged')
    .map((row) => {
      const { device, sensor, standing } = row
      return { device, sensor, point: point.id, place: point.place, standing, ...cut(row, period) }
    })
    .filter(({ fromMs, toMs }) => fromMs < toMs)
}

function inOrder(segments: readonly Segment[]): readonly Segment[] {
  return segments.toSorted(
    (a, b) => a.fromMs - b.fromMs || compare(a.device, b.device) || compare(a.sensor, b.sensor),
  )
}

/** Joins what legs side by side ask for twice: a sensor is at one point at an instant, so overlaps are of one point. */
function united(ordered: readonly Segment[]): readonly Segment[] {
  const last = new Map<string, number>()
  const segments: Segment[] = []
  for (const segment of ordered) {
    const key = `${segment.device}/${segment.sensor}`
    const at = last.get(key)
    const previous = at === undefined ? undefined : segments[at]
    if (at !== undefined && previous?.point === segment.point && segment.fromMs <= previous.toMs) {
      segments[at] = { ...previous, toMs: Math.max(previous.toMs, segment.toMs) }
    } else {
      last.set(key, segments.length)
      segments.push(segment)
    }
  }
  return segments
}

function compare(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
