import { defaultDuty, type Direction, directionOf, type EndReason } from '../../domain/index.ts'
import type { PointInput, RuleInForce } from './input.ts'
import { endOf, isWithin, orderedSpans, spanAt } from './spans.ts'

/** From `fromMs` to the next term, this version of a rule applies to the point, or none does for a reason. */
export type Term =
  | { readonly fromMs: number; readonly inForce: RuleInForce }
  | { readonly fromMs: number; readonly inForce: null; readonly reason: EndReason }

/** A rule through all its versions, as it applies to one point. The terms cover all time. */
export interface Chain {
  readonly key: string
  readonly direction: Direction
  readonly terms: readonly Term[]
}

/** The rules of a point. A version that changes side or level is another rule: nothing runs on from the old one. */
export function chainsOf(point: PointInput): readonly Chain[] {
  const duties = orderedSpans(point.duties, `duties of ${point.place}`)
  const dutyAt = (tMs: number) => spanAt(duties, tMs)?.duty ?? defaultDuty(point.placeKind)
  const groups = Map.groupBy(
    point.rules,
    ({ rule }) => `${rule.id} ${directionOf(rule.operator)} ${rule.level}`,
  )
  return [...groups].map(([key, group]): Chain => {
    const versions = orderedSpans(group, `${key} at ${point.point}`)
    const edges = [...versions, ...duties, point.life].flatMap((span) => [span.fromMs, endOf(span)])
    const instants = [...new Set([Number.NEGATIVE_INFINITY, ...edges])].toSorted((a, b) => a - b)
    const terms = instants.map((fromMs): Term => {
      if (!isWithin(point.life, fromMs)) return { fromMs, inForce: null, reason: 'retired' }
      const duty = dutyAt(fromMs)
      if (duty === 'retired') return { fromMs, inForce: null, reason: 'retired' }
      const inForce = spanAt(versions, fromMs)
      if (inForce === undefined || !inForce.rule.roles.includes(point.role)) {
        return { fromMs, inForce: null, reason: 'rule-ended' }
      }
      return inForce.rule.duties.includes(duty)
        ? { fromMs, inForce }
        : { fromMs, inForce: null, reason: 'duty' }
    })
    return { key, direction: key.includes(' warm ') ? 'warm' : 'cold', terms }
  })
}
