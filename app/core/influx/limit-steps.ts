import { defaultDuty, directionOf, type RulePack, type TemperatureRule } from '../../../domain/index.ts'
import type { FactsView, InfluxPoint } from '../../../store/index.ts'
import { type PointFacts, pointFactsOf } from '../judge/point-facts.ts'

/** The limits of temperature at a point from an instant on, until the next step. */
export interface LimitStep {
  /** Epoch ms. */
  readonly fromMs: number
  /** Degrees Celsius: the tightest of each level and side; undefined where no rule judges that side. */
  readonly limits: Readonly<Record<'low' | 'high' | 'critical_low' | 'critical_high', number | undefined>>
}

/** A time in which something differs: [fromMs, toMs), epoch ms, Infinity = open. */
export interface Differing {
  readonly fromMs: number
  readonly toMs: number
}

/**
 * The limits of temperature at a point since an instant (epoch ms), step by step, the earliest first, by the rules and
 * the duty of its place; those that are to come included. Empty when there is no such point.
 */
export function limitSteps(
  view: FactsView,
  packs: readonly RulePack[],
  point: string,
  sinceMs: number,
): readonly LimitStep[] {
  const facts = pointFactsOf(view, packs, point)
  if (facts === undefined) return []
  const { placeKind, life, duties, rules } = facts
  // limits are told from these spans and nothing else, so that none of their edges can be forgotten
  const spans = { life: [life], duties, rules }
  const edges = Object.values(spans).flatMap((each) =>
    each.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? fromMs]),
  )
  const instants = [...new Set([sinceMs, ...edges.filter((edge) => edge > sinceMs)])].toSorted(
    (a, b) => a - b,
  )
  const steps: LimitStep[] = []
  for (const fromMs of instants) {
    const limits = limitsAt(spans, placeKind, fromMs)
    if (!isSame(steps.at(-1)?.limits, limits)) steps.push({ fromMs, limits })
  }
  return steps
}

/** What limits are told from. */
type LimitSpans = Pick<PointFacts, 'duties' | 'rules'> & { readonly life: readonly PointFacts['life'][] }

function limitsAt(
  { life, duties, rules }: LimitSpans,
  placeKind: PointFacts['placeKind'],
  tMs: number,
): LimitStep['limits'] {
  const isAlive = life.some((span) => holdsAt(span, tMs))
  const duty = duties.find((span) => holdsAt(span, tMs))?.duty ?? defaultDuty(placeKind)
  const holding = rules
    .filter((each) => isAlive && holdsAt(each, tMs))
    .flatMap(({ rule }) => (rule.quantity === 'temperature' ? [rule] : []))
    .filter((rule) => rule.duties.includes(duty))
  return {
    low: tightest(holding, 'range', 'cold'),
    high: tightest(holding, 'range', 'warm'),
    critical_low: tightest(holding, 'critical', 'cold'),
    critical_high: tightest(holding, 'critical', 'warm'),
  }
}

/** Degrees Celsius; undefined when no rule of the level judges that side. */
function tightest(
  rules: readonly TemperatureRule[],
  level: TemperatureRule['level'],
  side: 'warm' | 'cold',
): number | undefined {
  const limits = rules
    .filter((rule) => rule.level === level && directionOf(rule.operator) === side)
    .map(({ limitMilliC }) => limitMilliC / 1_000)
  if (limits.length === 0) return undefined
  return side === 'warm' ? Math.min(...limits) : Math.max(...limits)
}

function holdsAt({ fromMs, toMs }: PointFacts['life'], tMs: number): boolean {
  return fromMs <= tMs && (toMs === null || tMs < toMs)
}

function isSame(one: LimitStep['limits'] | undefined, other: LimitStep['limits'] | undefined): boolean {
  return (
    one?.low === other?.low &&
    one?.high === other?.high &&
    one?.critical_low === other?.critical_low &&
    one?.critical_high === other?.critical_high
  )
}

/** The shortest time, not before an instant (epoch ms), outside of which two say the same; undefined: they do. */
export function differing(
  before: readonly LimitStep[],
  now: readonly LimitStep[],
  sinceMs: number,
): Differing | undefined {
  const edges = [...before, ...now].map(({ fromMs }) => Math.max(fromMs, sinceMs))
  const instants = [...new Set([sinceMs, ...edges])].toSorted((a, b) => a - b)
  const differs = instants.map((tMs) => !isSame(stepAt(before, tMs)?.limits, stepAt(now, tMs)?.limits))
  const fromMs = instants[differs.indexOf(true)]
  if (fromMs === undefined) return undefined
  return { fromMs, toMs: instants[differs.lastIndexOf(true) + 1] ?? Number.POSITIVE_INFINITY }
}

function stepAt(steps: readonly LimitStep[], tMs: number): LimitStep | undefined {
  return steps.findLast(({ fromMs }) => fromMs <= tMs)
}

/** Limits as points of measurement `point_limit`, one for each of the instants (epoch ms) at which one holds. */
export function limitPoints(
  view: FactsView,
  id: string,
  steps: readonly LimitStep[],
  instants: readonly number[],
): readonly InfluxPoint[] {
  const point = view.point(id)
  const site = point === undefined ? undefined : view.place(point.place)?.site
  if (point === undefined) return []
  const tags = { site, place: point.place, point: id }
  return instants.flatMap((tMs) => {
    const step = stepAt(steps, tMs)
    if (step === undefined || isSame(step.limits, undefined)) return []
    return [{ measurement: 'point_limit', tags, tMs, fields: step.limits }]
  })
}
