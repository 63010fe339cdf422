import type { OrganisationKind } from './access.ts'
import type { Duty, PlaceKind, PointRole } from './places.ts'
import { MAX_GAP_FLOOR_MS } from './trust.ts'

/** How a value is compared with a limit: a value is out when `value operator limit` holds. Strictness is data. */
export const operators = ['>', '>=', '<', '<='] as const
/** One comparison; see `operators`. */
export type Operator = (typeof operators)[number]

/** The side a value is out on. `cold` is the dangerous one for freeze-sensitive vaccine. */
export type Direction = 'warm' | 'cold'

/** `critical` = pre-warning value (临界值) inside the range; `range` = the required range (规定范围) itself. */
export const ruleLevels = ['critical', 'range'] as const
/** One level; see `ruleLevels`. */
export type RuleLevel = (typeof ruleLevels)[number]

/** `instant`: one out-of-range value is enough. `continuous`: out for `durationMs`, of observed time, on end. */
export type RuleMode =
  | { readonly kind: 'instant' }
  | { readonly kind: 'continuous'; readonly durationMs: number }

/** What unknown time does to a run. `pause`: it neither adds nor resets; only an in-range reading resets. */
export const gapPolicies = ['pause'] as const
/** One gap policy; see `gapPolicies`. */
export type GapPolicy = (typeof gapPolicies)[number]

/** How loud a finding of the rule is: 预警 or 报警. */
export const severities = ['warning', 'alarm'] as const
/** One severity; see `severities`. */
export type Severity = (typeof severities)[number]

/** `seen`: read in the text itself. `seen-2`: read second-hand. `mem`: from memory; never claim compliance. */
export const confidences = ['seen', 'seen-2', 'mem'] as const
/** How sure we are of a rule; see `confidences`. */
export type Confidence = (typeof confidences)[number]

/** One limit of a rule pack. A version of a rule never changes; a change is a new version of its pack. */
export interface Rule {
  /** Unique among all packs: `<pack id>/<rule name>`. */
  readonly id: string
  readonly quantity: 'temperature'
  readonly operator: Operator
  readonly limitMilliC: number
  readonly level: RuleLevel
  readonly mode: RuleMode
  readonly gapPolicy: GapPolicy
  /** Points of these roles are judged. */
  readonly roles: readonly PointRole[]
  /** The rule applies while the place is on one of these duties. */
  readonly duties: readonly Duty[]
  readonly severity: Severity
  /** Which sentence of which regulation. */
  readonly clause: string
  /** Where the clause and the number were found. */
  readonly source: string
  readonly confidence: Confidence
}

/** A versioned set of limits (监测规则集), chosen by the kind of organisation and of place. */
export interface RulePack {
  readonly id: string
  /** 1, 2, 3, ...; findings name it. */
  readonly version: number
  readonly title: { readonly zh: string; readonly en: string }
  readonly for: { readonly organisations: readonly OrganisationKind[]; readonly places: readonly PlaceKind[] }
  readonly rules: readonly Rule[]
}

/** The side on which a rule with this operator finds values out. */
export function directionOf(operator: Operator): Direction {
  return operator === '>' || operator === '>=' ? 'warm' : 'cold'
}

/** True when a value violates the rule. Both are integers, so the comparison is exact. */
export function isOut(rule: Pick<Rule, 'operator' | 'limitMilliC'>, milliC: number): boolean {
  if (rule.operator === '>') return milliC > rule.limitMilliC
  if (rule.operator === '>=') return milliC >= rule.limitMilliC
  if (rule.operator === '<') return milliC < rule.limitMilliC
  return milliC <= rule.limitMilliC
}

/** How long a value must be observed out before the rule is violated, ms; 0 for `instant`. */
export function durationOf(mode: RuleMode): number {
  return mode.kind === 'instant' ? 0 : mode.durationMs
}

/** True when a pack is meant for places of this kind in organisations of this kind. */
export function isFor(pack: RulePack, organisation: OrganisationKind, place: PlaceKind): boolean {
  return pack.for.organisations.includes(organisation) && pack.for.places.includes(place)
}

/** A rule that nobody here has read in the text itself is active only by an act of approval (design section 6). */
export function needsApproval(rule: Rule): boolean {
  return rule.confidence !== 'seen'
}

/**
 * The rules of a pack that hold, given its versions in ascending order and what somebody said of each: those of the
 * highest active version; where none is, of the lowest version, unless it is inactive, those that need no approval.
 */
export function rulesThatHold(
  versions: readonly RulePack[],
  stateOf: (version: number) => 'active' | 'inactive' | undefined,
): readonly { readonly packVersion: number; readonly rule: Rule }[] {
  const active = versions.findLast(({ version }) => stateOf(version) === 'active')
  const held = active ?? versions[0]
  if (held === undefined || stateOf(held.version) === 'inactive') return []
  return held.rules
    .filter((rule) => active !== undefined || !needsApproval(rule))
    .map((rule) => ({ packVersion: held.version, rule }))
}

/** What travels is watched more closely: a shorter floor of the gap than `MAX_GAP_FLOOR_MS` (design section 6). */
export const TRANSPORT_MAX_GAP_FLOOR_MS = 5 * 60_000

/** The gap a sensor in a place of this kind may leave before the state is unknown is never shorter than this, ms. */
export function maxGapFloorMs(kind: PlaceKind): number {
  return kind === 'vehicle' || kind === 'box' ? TRANSPORT_MAX_GAP_FLOOR_MS : MAX_GAP_FLOOR_MS
}

/** The rule a finding was made by; undefined when no pack has it in that version. */
export function ruleOfFinding(
  packs: readonly RulePack[],
  { rule, packVersion }: { readonly rule: string; readonly packVersion: number },
): Rule | undefined {
  return packs
    .filter(({ version }) => version === packVersion)
    .flatMap(({ rules }) => rules)
    .find(({ id }) => id === rule)
}
