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

type BySide<T> = Readonly<Record<Direction, T>>
type LabelEnds = Partial<BySide<LabelLimit>>

/** When which label is the tightest, of those that tighten one of some rules, by side; the earliest first. */
export type TightestLabels = BySide<readonly LabelSpan[]>

/** Tells the labels of what lies where a point speaks for it, as far as they tighten one of the rules. */
export type LabelsOf = (point: string, rules: readonly TemperatureRule[]) => TightestLabels

const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: Number.MAX_SAFE_INTEGER }

/**
 * The rules that hold at a point, with the label's limit in the place of their own while something lies where the
 * point speaks for it whose label is tighter. Periods of one limit by one label are one, however often stock moves.
 */
export function underLabels(
  labelsOf: LabelsOf,
  point: string,
  rules: readonly RuleInForce[],
): readonly RuleInForce[] {
  const taking = rules.flatMap(({ rule }) => (takesLabel(rule) ? [rule] : []))
  if (taking.length === 0) return rules
  const spans = labelsOf(point, taking)
  return rules.flatMap((each) => {
    const { rule } = each
    return takesLabel(rule) ? pieces(each, rule, spans[directionOf(rule.operator)]) : [each]
  })
}

/** Labels by the facts as they are; takes as long as all there ever lay there. */
export function labelsBy(facts: LinkFacts): LabelsOf {
  return (point, rules) => tightestLabels(facts, placesSpokenFor(facts, point), rules)
}

/** The labels of what lay in places. */
export function tightestLabels(
  facts: LinkFacts,
  places: readonly string[],
  rules: readonly TemperatureRule[],
): TightestLabels {
  const { warm, cold } = staysOfLabels(facts, places, rules)
  return { warm: swept(warm, 'warm'), cold: swept(cold, 'cold') }
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

/** When what has a tighter label than any of the rules lay in the places. */
function staysOfLabels(
  facts: LinkFacts,
  places: readonly string[],
  rules: readonly TemperatureRule[],
): BySide<readonly LabelSpan[]> {
  const stays: BySide<LabelSpan[]> = { warm: [], cold: [] }
  const known = new Map<string, LabelEnds>()
  const endsOf = (product: string): LabelEnds => {
    const ends = known.get(product) ?? tighterEnds(facts.product(product), rules)
    known.set(product, ends)
    return ends
  }
  for (const place of places) {
    const products = staysOfProducts(facts, place, (product) => {
      const { warm, cold } = endsOf(product)
      return warm !== undefined || cold !== undefined
    })
    for (const [product, spans] of products) {
      const { warm, cold } = endsOf(product)
      for (const span of spans) {
        if (warm !== undefined) stays.warm.push({ ...warm, ...span })
        if (cold !== undefined) stays.cold.push({ ...cold, ...span })
      }
    }
  }
  return stays
}

/** When any of a product lay in a place: there are many rows, and few gaps between them. */
function staysOfProducts(
  facts: LinkFacts,
  place: string,
  counts: (product: string) => boolean,
): ReadonlyMap<string, readonly Span[]> {
  const stays = new Map<string, Span[]>()
  for (const { lot, validFrom: fromMs, validTo: toMs } of facts.stockOf(place, always)) {
    const product = facts.lot(lot)?.product ?? ''
    if (!counts(product)) continue
    const spans = stays.get(product)
    if (spans === undefined) stays.set(product, [{ fromMs, toMs }])
    else lengthen(spans, { fromMs, toMs })
  }
  return stays
}

/** Adds a span, as one with the last where it touches it. */
function lengthen(spans: Span[], { fromMs, toMs }: Span): void {
  const last = spans.at(-1)
  if (last === undefined || isBefore(last.toMs, fromMs) || isBefore(toMs, last.fromMs)) {
    spans.push({ fromMs, toMs })
    return
  }
  const endMs = toMs === null || last.toMs === null ? null : Math.max(last.toMs, toMs)
  spans[spans.length - 1] = { fromMs: Math.min(last.fromMs, fromMs), toMs: endMs }
}

function isBefore(endMs: number | null, tMs: number): boolean {
  return endMs !== null && endMs < tMs
}

/** The ends of a label that tighten one of the rules. */
function tighterEnds(product: ProductFact | undefined, rules: readonly TemperatureRule[]): LabelEnds {
  if (product === undefined) return {}
  const warm = { product: product.id, limitMilliC: product.rangeMaxMilliC }
  const cold = { product: product.id, limitMilliC: product.rangeMinMilliC }
  const tightens = (label: LabelLimit, side: Direction): boolean =>
    rules.some((rule) => directionOf(rule.operator) === side && isTighter(label, rule))
  return { ...(tightens(warm, 'warm') ? { warm } : {}), ...(tightens(cold, 'cold') ? { cold } : {}) }
}

/** Which label is the tightest when; of equal ones the one that held before, so that others change nothing. */
function swept(stays: readonly LabelSpan[], side: Direction): readonly LabelSpan[] {
  const events = stays
    .flatMap(({ fromMs, toMs, ...label }) => [
      { atMs: fromMs, label, stays: 1 },
      ...(toMs === null ? [] : [{ atMs: toMs, label, stays: -1 }]),
    ])
    .toSorted((a, b) => a.atMs - b.atMs)
  const lying = new Map<string, { readonly label: LabelLimit; readonly stays: number }>()
  const spans: LabelSpan[] = []
  // the same products as at the instant before have the same label on top
  let isOther = false
  for (const [nth, { atMs, label, stays: change }] of events.entries()) {
    const left = (lying.get(label.product)?.stays ?? 0) + change
    isOther ||= left === 0 || !lying.has(label.product)
    if (left === 0) lying.delete(label.product)
    else lying.set(label.product, { label, stays: left })
    if (!isOther || events[nth + 1]?.atMs === atMs) continue
    isOther = false
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
