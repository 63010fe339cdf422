import type { PointInput, Span } from '../../../alerts/index.ts'
import { measuredKindOf } from '../../../batches/index.ts'
import {
  type FactColumns,
  type MeasuredQuantity,
  measuredQuantities,
  type Rule,
  type RulePack,
} from '../../../domain/index.ts'
import type { FactsView } from '../../../store/index.ts'
import { labelsBy, type LabelsOf, underLabels } from './labels.ts'
import { rulesInForce, type SaidOfRules } from './rules.ts'

/** A judged placement of a point. */
export interface PlacedSensor extends Span {
  readonly device: string
  readonly sensor: string
}

/** What the engine is told of a point, without its readings. Plain data: it is kept as JSON. */
export interface PointFacts extends Omit<PointInput, 'quantity' | 'readings' | 'placements'> {
  readonly placements: readonly PlacedSensor[]
}

const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

/**
 * The facts of a point as they are known now, or with other rules; undefined when there is no such point. Whoever asks
 * again and again gives labels that are kept (`KeptLabels`).
 */
export function pointFactsOf(
  view: FactsView,
  packs: readonly RulePack[],
  id: string,
  said: SaidOfRules = view,
  labelsOf: LabelsOf = labelsBy(view),
): PointFacts | undefined {
  const point = view.point(id)
  const place = point === undefined ? undefined : view.place(point.place)
  const site = place === undefined ? undefined : view.site(place.site)
  if (point === undefined || place === undefined || site === undefined) return undefined
  const { organisation } = site
  const organisationKind = view.organisation(organisation)?.kind
  if (organisationKind === undefined) return undefined
  const placements = view
    .placementsAt(id, always)
    .filter(({ standing }) => standing === 'judged')
    .map((row) => ({ device: row.device, sensor: row.sensor, ...spanOf(row) }))
  const placeKind = measuredKindOf(view, place.id)
  const subject = { organisation, organisationKind, placeKind, role: point.role, fromMs: point.validFrom }
  return {
    point: id,
    place: place.id,
    zone: site.zone,
    placeKind,
    role: point.role,
    life: { fromMs: point.validFrom, toMs: place.state === 'retired' ? place.validFrom : null },
    placements,
    expectedIntervals: placements.flatMap((placement) => intervalsOf(view, placement)),
    duties: view.dutiesOf(place.id, always).map((row) => ({ duty: row.duty, ...spanOf(row) })),
    rules: underLabels(labelsOf, id, rulesInForce(said, packs, subject)),
  }
}

function intervalsOf(view: FactsView, placement: PlacedSensor) {
  return view
    .deviceHistory(placement.device)
    .map((row) => ({
      expectedIntervalMs: row.expectedInterval,
      fromMs: Math.max(row.validFrom, placement.fromMs),
      toMs: earlier(row.validTo, placement.toMs),
    }))
    .filter(({ fromMs, toMs }) => toMs === null || fromMs < toMs)
}

function earlier(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b
  return Math.min(a, b)
}

function spanOf({ validFrom, validTo }: FactColumns): Span {
  return { fromMs: validFrom, toMs: validTo }
}

/**
 * The first instant at which two versions of a point's facts say different things; -Infinity when they differ
 * always, +Infinity when they are the same.
 */
export function firstDifferenceMs(a: PointFacts, b: PointFacts): number {
  if (a.place !== b.place || a.zone !== b.zone || a.placeKind !== b.placeKind || a.role !== b.role)
    return Number.NEGATIVE_INFINITY
  return Math.min(
    spansDiffer([a.life], [b.life]),
    spansDiffer(a.placements, b.placements),
    spansDiffer(a.expectedIntervals, b.expectedIntervals),
    spansDiffer(a.duties, b.duties),
    spansDiffer(a.rules, b.rules),
  )
}

/** A span that ends elsewhere differs where the earlier of its ends is; any other difference is at its begin. */
function spansDiffer(a: readonly Span[], b: readonly Span[]): number {
  const [ends, otherEnds] = [endsOf(a), endsOf(b)]
  let firstMs = Number.POSITIVE_INFINITY
  for (const [key, { fromMs, toMs }] of [...ends, ...otherEnds]) {
    const here = ends.get(key)
    const there = otherEnds.get(key)
    if (here === undefined || there === undefined) firstMs = Math.min(firstMs, fromMs)
    else if (here.toMs !== there.toMs) firstMs = Math.min(firstMs, toMs ?? Number.POSITIVE_INFINITY)
  }
  return firstMs
}

function endsOf(spans: readonly Span[]): ReadonlyMap<string, Span> {
  return new Map(spans.map((span) => [JSON.stringify({ ...span, toMs: null }), span]))
}

/** Quantities that a rule is about; all when facts have changed: a rule that is no more takes its findings with it. */
export function quantitiesOf({ rules }: PointFacts, isSame: boolean): readonly MeasuredQuantity[] {
  return measuredQuantities.filter(
    (quantity) => !isSame || rules.some(({ rule }) => judgedBy(rule) === quantity),
  )
}

/** Whose values a rule is judged by; those of silence come apart. */
function judgedBy({ quantity }: Rule): MeasuredQuantity | null {
  if (quantity === 'recording') return 'temperature'
  return quantity === 'contact' ? null : quantity
}
