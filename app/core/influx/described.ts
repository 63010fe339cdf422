import type { RuleInForce } from '../../../alerts/index.ts'
import { directionOf, type PlaceFact, type RulePack, type TemperatureRule } from '../../../domain/index.ts'
import type { FactsView, InfluxPoint } from '../../../store/index.ts'
import { type PointFacts, pointFactsOf } from '../judge/point-facts.ts'

/**
 * The limits of temperature at a point as points of measurement `point_limit`, one for each of the instants (epoch ms)
 * at which a limit holds: the tightest of each level and side, by the rules and the duty of its place then.
 */
export function limitPoints(
  view: FactsView,
  packs: readonly RulePack[],
  point: string,
  instants: readonly number[],
): readonly InfluxPoint[] {
  const facts = pointFactsOf(view, packs, point)
  const site = facts === undefined ? undefined : view.place(facts.place)?.site
  if (facts === undefined) return []
  return instants.flatMap((tMs) => {
    const fields = limitsAt(view, facts, tMs)
    if (Object.values(fields).every((limit) => limit === undefined)) return []
    return [{ measurement: 'point_limit', tags: { site, place: facts.place, point }, tMs, fields }]
  })
}

function limitsAt(view: FactsView, { place, life, rules }: PointFacts, tMs: number) {
  const isAlive = holdsAt(life, tMs)
  const duty = view.dutyOf(place, tMs)
  const holding = rules
    .filter((each) => isAlive && holdsAt(each, tMs))
    .flatMap(({ rule }) => (rule.quantity === 'temperature' ? [rule] : []))
    .filter(({ duties }) => duty !== undefined && duties.includes(duty))
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

function holdsAt({ fromMs, toMs }: Pick<RuleInForce, 'fromMs' | 'toMs'>, tMs: number): boolean {
  return fromMs <= tMs && (toMs === null || tMs < toMs)
}

/** What a place is, as a point of measurement `place` at an instant; undefined when it is retired. */
export function placePoint(view: FactsView, id: string, tMs: number): InfluxPoint | undefined {
  const place: PlaceFact | undefined = view.place(id)
  const site = place === undefined ? undefined : view.site(place.site)
  if (place === undefined || site === undefined || place.state === 'retired') return undefined
  return {
    measurement: 'place',
    tags: { site: site.id, place: id },
    tMs,
    fields: {
      name: place.name,
      kind: place.kind,
      label: `${place.name} · ${id}`,
      site_name: site.name,
      site_label: `${site.name} · ${site.id}`,
      organisation: site.organisation,
    },
  }
}
