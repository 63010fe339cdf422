import {
  type CadenceRule,
  causeOfRule,
  type ContactRule,
  defaultDuty,
  type EndReason,
  type Rule,
  type RunCause,
  type RunRule,
} from '../../domain/index.ts'
import type { PointInput, PointSubject, RuleInForce } from './input.ts'
import { endOf, isWithin, orderedSpans, spanAt } from './spans.ts'

/** From `fromMs` to the next term, this version of a rule applies to the point, or none does for a reason. */
export type Term<R extends Rule = RunRule> =
  | { readonly fromMs: number; readonly inForce: RuleInForce<R> }
  | { readonly fromMs: number; readonly inForce: null; readonly reason: EndReason }

/** A rule through all its versions, as it applies to one point. The terms cover all time. */
export interface TermsOfRule<R extends Rule> {
  readonly key: string
  readonly terms: readonly Term<R>[]
}

/** A rule about values, and on account of what its findings are. */
export interface Chain extends TermsOfRule<RunRule> {
  readonly cause: RunCause
}

/** What decides which terms a rule has at a point. */
export type TermsInput = Pick<
  PointInput,
  'point' | 'place' | 'placeKind' | 'role' | 'life' | 'duties' | 'rules'
>

/** The rules about the point's quantity. */
export function chainsOf(point: PointSubject): readonly Chain[] {
  const rules = point.rules.filter(
    (each): each is RuleInForce<RunRule> => each.rule.quantity === point.quantity,
  )
  return [...Map.groupBy(rules, ({ rule }) => causeOfRule(rule))].flatMap(([cause, ofCause]) =>
    termsOf(point, ofCause).map((each) => ({ ...each, cause })),
  )
}

/** The rules about how long nothing may be heard of the point. */
export function contactTermsOf(point: TermsInput): readonly TermsOfRule<ContactRule>[] {
  return termsOf(
    point,
    point.rules.filter((each): each is RuleInForce<ContactRule> => each.rule.quantity === 'contact'),
  )
}

/** The rules about how far apart temperatures of the point may be recorded. */
export function cadenceTermsOf(point: TermsInput): readonly TermsOfRule<CadenceRule>[] {
  return termsOf(
    point,
    point.rules.filter((each): each is RuleInForce<CadenceRule> => each.rule.quantity === 'recording'),
  )
}

/**
 * A version that changes side, level or window is another rule, and so is one under the limit of another label: nothing
 * runs on from the old one, so that each finding is about one limit.
 */
function termsOf<R extends Rule>(
  point: TermsInput,
  rules: readonly RuleInForce<R>[],
): readonly TermsOfRule<R>[] {
  const duties = orderedSpans(point.duties, `duties of ${point.place}`)
  const dutyAt = (tMs: number) => spanAt(duties, tMs)?.duty ?? defaultDuty(point.placeKind)
  const groups = Map.groupBy(rules, keyOf)
  const siblings = Map.groupBy(rules, ({ rule }) => kindOf(rule))
  return [...groups].map(([key, group]): TermsOfRule<R> => {
    const versions = orderedSpans(group, `${key} at ${point.point}`)
    const [first] = group
    const all = first === undefined ? [] : (siblings.get(kindOf(first.rule)) ?? [])
    const orderedByLabel = orderedSpans(all, `${key} at ${point.point}`)
    const edges = [...versions, ...duties, point.life].flatMap((span) => [span.fromMs, endOf(span)])
    // what is open ends nowhere
    const inTime = edges.filter((edge) => edge < Number.POSITIVE_INFINITY)
    const instants = [...new Set([Number.NEGATIVE_INFINITY, ...inTime])].toSorted((a, b) => a - b)
    const terms = instants.map((fromMs): Term<R> => {
      if (!isWithin(point.life, fromMs)) return { fromMs, inForce: null, reason: 'retired' }
      const duty = dutyAt(fromMs)
      if (duty === 'retired') return { fromMs, inForce: null, reason: 'retired' }
      const inForce = spanAt(versions, fromMs)
      if (inForce === undefined || !inForce.rule.roles.includes(point.role)) {
        const goesOn = spanAt(orderedByLabel, fromMs)?.rule.roles.includes(point.role) === true
        return { fromMs, inForce: null, reason: goesOn ? 'label-changed' : 'rule-ended' }
      }
      return inForce.rule.duties.includes(duty)
        ? { fromMs, inForce }
        : { fromMs, inForce: null, reason: 'duty' }
    })
    return { key, terms }
  })
}

function keyOf({ rule, label }: RuleInForce): string {
  const by = label === undefined ? '' : ` label ${label.limitMilliC} ${label.product}`
  return `${kindOf(rule)}${by}`
}

function kindOf(rule: Rule): string {
  return `${rule.id} ${causeOfRule(rule)} ${rule.level}${windowOf(rule)}`
}

function windowOf({ mode }: Rule): string {
  if (mode.kind !== 'cumulative') return ''
  return mode.window === 'rolling' ? ` rolling ${mode.windowMs}` : ` ${mode.window}`
}
