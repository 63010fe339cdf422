import {
  type CadenceRule,
  causeOfRule,
  type ContactRule,
  defaultDuty,
  type EndReason,
  type LabelLimit,
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
  return [...Map.groupBy(rules, ({ rule }) => keyOf(rule))].flatMap(([kind, group]) => {
    const versions = orderedSpans(group, `${kind} at ${point.point}`)
    return [...Map.groupBy(versions, ({ label }) => labelText(label))].map(([label, under]) => {
      return { key: `${kind}${label}`, terms: termsUnder(point, duties, under, versions) }
    })
  })
}

/** The terms of the versions of a rule under one label, which are among all its versions. */
function termsUnder<R extends Rule>(
  point: TermsInput,
  duties: TermsInput['duties'],
  under: readonly RuleInForce<R>[],
  versions: readonly RuleInForce<R>[],
): readonly Term<R>[] {
  const edges = [...under, ...duties, point.life].flatMap((span) => [span.fromMs, endOf(span)])
  // what is open ends nowhere
  const inTime = edges.filter((edge) => edge < Number.POSITIVE_INFINITY)
  const instants = [...new Set([Number.NEGATIVE_INFINITY, ...inTime])].toSorted((a, b) => a - b)
  const isFor = (version: RuleInForce<R> | undefined): version is RuleInForce<R> =>
    version?.rule.roles.includes(point.role) === true
  return instants.map((fromMs): Term<R> => {
    const duty = spanAt(duties, fromMs)?.duty ?? defaultDuty(point.placeKind)
    if (!isWithin(point.life, fromMs) || duty === 'retired')
      return { fromMs, inForce: null, reason: 'retired' }
    const inForce = spanAt(under, fromMs)
    if (!isFor(inForce)) {
      const reason = isFor(spanAt(versions, fromMs)) ? 'label-changed' : 'rule-ended'
      return { fromMs, inForce: null, reason }
    }
    return inForce.rule.duties.includes(duty)
      ? { fromMs, inForce }
      : { fromMs, inForce: null, reason: 'duty' }
  })
}

function keyOf(rule: Rule): string {
  return `${rule.id} ${causeOfRule(rule)} ${rule.level}${windowOf(rule)}`
}

function labelText(label: LabelLimit | undefined): string {
  return label === undefined ? '' : ` label ${label.limitMilliC} ${label.product}`
}

function windowOf({ mode }: Rule): string {
  if (mode.kind !== 'cumulative') return ''
  return mode.window === 'rolling' ? ` rolling ${mode.windowMs}` : ` ${mode.window}`
}
