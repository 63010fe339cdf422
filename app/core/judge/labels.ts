import type { RuleInForce, Span } from '../../../alerts/index.ts'
import { coverOf, type LinkFacts, placesSpokenFor, pointsOfUnit } from '../../../batches/index.ts'
import {
  type Direction,
  directionOf,
  type FedRow,
  isTighter,
  type LabelLimit,
  type PointFact,
  type ProductFact,
  takesLabel,
  type TemperatureRule,
  withLabel,
} from '../../../domain/index.ts'
import type { FactsView } from '../../../store/index.ts'

/** A label that holds during a period. */
interface LabelSpan extends Span, LabelLimit {}

const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

/**
 * The rules that hold at a point, with the label's limit in the place of their own while something lies where the
 * point speaks for it whose label is tighter. Periods of one limit by one label are one, however often stock moves.
 */
export function underLabels(
  facts: LinkFacts,
  point: string,
  rules: readonly RuleInForce[],
): readonly RuleInForce[] {
  const taking = rules.flatMap(({ rule }) => (takesLabel(rule) ? [rule] : []))
  if (taking.length === 0) return rules
  const spans = tightestOf(staysOfLabels(facts, point, taking))
  return rules.flatMap((each) => {
    const { rule } = each
    return takesLabel(rule) ? pieces(each, rule, spans[directionOf(rule.operator)]) : [each]
  })
}

/** The points at which a row may change which labels hold, those of the row it supersedes included. */
export function pointsByLabels(
  facts: LinkFacts & Pick<FactsView, 'lotIds'>,
  { table, row }: FedRow,
): readonly string[] {
  // another point, or another part of the unit, may change which points speak for stock in it
  if (table === 'point') return idsOf(pointsOfUnit(facts, row.place))
  if (table === 'place') return idsOf(pointsOfUnit(facts, row.id))
  if (table === 'custody') return idsOf(coverOf(facts, row.place)?.points ?? [])
  const lots = table === 'lot' ? [row.id] : table === 'product' ? lotsOf(facts, row.id) : []
  const places = new Set(lots.flatMap((lot) => facts.custodyOf(lot).map(({ place }) => place)))
  return [...places].flatMap((place) => idsOf(coverOf(facts, place)?.points ?? []))
}

function lotsOf(facts: LinkFacts & Pick<FactsView, 'lotIds'>, product: string): readonly string[] {
  return facts.lotIds().filter((lot) => facts.lot(lot)?.product === product)
}

function idsOf(points: readonly PointFact[]): readonly string[] {
  return points.map(({ id }) => id)
}

type BySide<T> = Readonly<Record<Direction, T>>

/** When what has a tighter label than any of the rules lay where the point speaks for it. */
function staysOfLabels(
  facts: LinkFacts,
  point: string,
  rules: readonly TemperatureRule[],
): BySide<readonly LabelSpan[]> {
  const stays: BySide<LabelSpan[]> = { warm: [], cold: [] }
  const ofLots = new Map<string, Partial<BySide<LabelLimit>>>()
  for (const place of placesSpokenFor(facts, point)) {
    for (const { lot, validFrom: fromMs, validTo: toMs } of facts.stockOf(place, always)) {
      const label = ofLots.get(lot) ?? tighterEnds(facts.product(facts.lot(lot)?.product ?? ''), rules)
      ofLots.set(lot, label)
      if (label.warm !== undefined) stays.warm.push({ ...label.warm, fromMs, toMs })
      if (label.cold !== undefined) stays.cold.push({ ...label.cold, fromMs, toMs })
    }
  }
  return stays
}

/** The ends of a label that tighten one of the rules. */
function tighterEnds(
  product: ProductFact | undefined,
  rules: readonly TemperatureRule[],
): Partial<BySide<LabelLimit>> {
  if (product === undefined) return {}
  const warm = { product: product.id, limitMilliC: product.rangeMaxMilliC }
  const cold = { product: product.id, limitMilliC: product.rangeMinMilliC }
  const tightens = (label: LabelLimit, side: Direction): boolean =>
    rules.some((rule) => directionOf(rule.operator) === side && isTighter(label, rule))
  return { ...(tightens(warm, 'warm') ? { warm } : {}), ...(tightens(cold, 'cold') ? { cold } : {}) }
}

function tightestOf({ warm, cold }: BySide<readonly LabelSpan[]>): BySide<readonly LabelSpan[]> {
  return { warm: swept(warm, 'warm'), cold: swept(cold, 'cold') }
}

/** Which label is the tightest when; of equal ones the one that held before, so that others change nothing. */
function swept(stays: readonly LabelSpan[], side: Direction): readonly LabelSpan[] {
  const events = stays
    .flatMap(({ fromMs, toMs, ...label }) => [
      { atMs: fromMs, label, rows: 1 },
      ...(toMs === null ? [] : [{ atMs: toMs, label, rows: -1 }]),
    ])
    .toSorted((a, b) => a.atMs - b.atMs)
  const lying = new Map<string, { readonly label: LabelLimit; readonly rows: number }>()
  const spans: LabelSpan[] = []
  for (const [nth, { atMs, label, rows }] of events.entries()) {
    const left = (lying.get(label.product)?.rows ?? 0) + rows
    if (left === 0) lying.delete(label.product)
    else lying.set(label.product, { label, rows: left })
    if (events[nth + 1]?.atMs === atMs) continue
    const last = spans.at(-1)
    const held = last?.toMs === null ? last : undefined
    const now = tightest(
      [...lying.values()].map((each) => each.label),
      side,
      held?.product,
    )
    if (now?.product === held?.product) continue
    if (held !== undefined) spans[spans.length - 1] = { ...held, toMs: atMs }
    if (now !== undefined) spans.push({ ...now, fromMs: atMs, toMs: null })
  }
  return spans
}

function tightest(
  labels: readonly LabelLimit[],
  side: Direction,
  before: string | undefined,
): LabelLimit | undefined {
  const far = ({ limitMilliC }: LabelLimit): number => (side === 'warm' ? limitMilliC : -limitMilliC)
  const rank = ({ product }: LabelLimit): number => (product === before ? 0 : 1)
  return labels.toSorted(
    (a, b) => far(a) - far(b) || rank(a) - rank(b) || (a.product < b.product ? -1 : 1),
  )[0]
}

/** A rule in force, cut where a label that is tighter begins and ends to hold. */
function pieces(inForce: RuleInForce, rule: TemperatureRule, spans: readonly LabelSpan[]): RuleInForce[] {
  const untilMs = inForce.toMs ?? Number.POSITIVE_INFINITY
  const cut: RuleInForce[] = []
  let restMs = inForce.fromMs
  for (const { fromMs, toMs, ...label } of spans) {
    if (!isTighter(label, rule)) continue
    const startMs = Math.max(fromMs, inForce.fromMs)
    const endMs = Math.min(toMs ?? Number.POSITIVE_INFINITY, untilMs)
    if (startMs >= endMs) continue
    if (restMs < startMs) cut.push({ ...inForce, fromMs: restMs, toMs: startMs })
    const heldToMs = endMs === Number.POSITIVE_INFINITY ? null : endMs
    cut.push({ ...inForce, rule: withLabel(rule, label), label, fromMs: startMs, toMs: heldToMs })
    restMs = endMs
  }
  return restMs < untilMs ? [...cut, { ...inForce, fromMs: restMs }] : cut
}
