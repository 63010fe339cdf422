import type { OrganisationKind } from './access.ts'
import type { Cause, RunCause } from './finding.ts'
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
export type RunMode =
  | { readonly kind: 'instant' }
  | { readonly kind: 'continuous'; readonly durationMs: number }
  | CumulativeMode

/**
 * For how long time out is added up. `day`: a calendar day of the site. `trip`: as long as the rule applies. `rolling`:
 * what is behind the latest instant by no more than `windowMs`, at any instant.
 */
export const sumWindows = ['day', 'trip', 'rolling'] as const
/** One window; see `sumWindows`. */
export type SumWindow = (typeof sumWindows)[number]

/** Out for `durationMs`, of observed time, in sum. */
export type CumulativeMode =
  | {
      readonly kind: 'cumulative'
      readonly durationMs: number
      readonly window: Exclude<SumWindow, 'rolling'>
    }
  | RollingMode

/** Out for `durationMs`, of observed time, in sum within any `windowMs`, which is longer. */
export interface RollingMode {
  readonly kind: 'cumulative'
  readonly durationMs: number
  readonly window: 'rolling'
  readonly windowMs: number
}

/** `silence`: no temperature came for `durationMs`, and for as long as the expected interval lets one wait. */
export interface SilenceMode {
  readonly kind: 'silence'
  readonly durationMs: number
}

/** `cadence`: temperatures are recorded more than `durationMs` apart. */
export interface CadenceMode {
  readonly kind: 'cadence'
  readonly durationMs: number
}

/** How a rule counts time; see `RunMode`, `SilenceMode` and `CadenceMode`. */
export type RuleMode = RunMode | SilenceMode | CadenceMode

/**
 * What unknown time does to a run. `pause`: it neither adds nor resets; only an in-range reading resets. `reset`: it
 * ends the run. `count`: it counts towards the duration like time seen out, but is no excursion.
 */
export const gapPolicies = ['pause', 'reset', 'count'] as const
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

/** What rules of every quantity say. A version of a rule never changes; a change is a new version of its pack. */
interface RuleBase {
  /** Unique among all packs: `<pack id>/<rule name>`. */
  readonly id: string
  readonly level: RuleLevel
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

/** What rules about values say: how time that is out is counted. */
interface RunRuleBase extends RuleBase {
  readonly mode: RunMode
  readonly gapPolicy: GapPolicy
}

/** A limit of temperature. */
export interface TemperatureRule extends RunRuleBase {
  readonly quantity: 'temperature'
  readonly operator: Operator
  readonly limitMilliC: number
  /** How quality may weigh an excursion of it; it decides nothing about the finding. */
  readonly mkt?: MktLimit
  /** True: its limit says something else than the required range, so that no label tightens it. */
  readonly ownLimit?: true
}

/** What mean kinetic temperature an excursion may have, and which excursions may be weighed by it at all. */
export interface MktLimit {
  readonly limitMilliC: number
  /** Length of the window that has the excursion in it. */
  readonly windowMs: number
  /** Nothing in the window may be colder, or warmer, than this. */
  readonly appliesFromMilliC: number
  readonly appliesToMilliC: number
  /** The excursion may last no longer than this. */
  readonly excursionMs: number
}

/**
 * What MKT says of an excursion; advice for quality, never a verdict. `no-limit`: the rule names none. `cold`: it was
 * too cold, which no mean excuses. `too-warm`, `too-cold`, `too-long`: beyond what MKT may be used for; the maker
 * decides. `unknown`: nothing in the window is known yet. `over`,
 * `within`: beside the limit.
 */
export const mktStatements = [
  'no-limit',
  'cold',
  'too-warm',
  'too-cold',
  'too-long',
  'unknown',
  'over',
  'within',
] as const
/** One statement; see `mktStatements`. */
export type MktStatement = (typeof mktStatements)[number]

/** How long a door may be open, or mains power be missing. */
export interface StateRule extends RunRuleBase {
  readonly quantity: 'door' | 'power'
}

/** How low the battery of a sensor may be, thousandths of a percent. */
export interface BatteryRule extends RunRuleBase {
  readonly quantity: 'battery'
  readonly operator: '<' | '<='
  readonly limitMilliPct: number
}

/** A rule about the values of a series. */
export type RunRule = TemperatureRule | StateRule | BatteryRule

/** How long nothing may be heard of a point. */
export interface ContactRule extends RuleBase {
  readonly quantity: 'contact'
  readonly mode: SilenceMode
}

/** How far apart the temperatures of a point may be recorded. */
export interface CadenceRule extends RuleBase {
  readonly quantity: 'recording'
  readonly mode: CadenceMode
  /** Only the time after a temperature that is out by this counts; null: all time does. */
  readonly out: Pick<TemperatureRule, 'operator' | 'limitMilliC'> | null
}

/** One rule of a rule pack. */
export type Rule = RunRule | ContactRule | CadenceRule

/** What is measured at a point and judged by its values; the door, and whether there is mains power, as 1 and 0. */
export const measuredQuantities = ['temperature', 'door', 'power', 'battery'] as const
/** One of them; see `measuredQuantities`. */
export type MeasuredQuantity = (typeof measuredQuantities)[number]

/** What a rule is about. `contact`: whether temperatures come at all. `recording`: how often they were recorded. */
export const ruleQuantities = [...measuredQuantities, 'contact', 'recording'] as const

/** A versioned set of limits (监测规则集), chosen by the kind of organisation and of place. */
export interface RulePack {
  readonly id: string
  /** 1, 2, 3, ...; findings name it. */
  readonly version: number
  readonly title: { readonly zh: string; readonly en: string }
  readonly for: { readonly organisations: readonly OrganisationKind[]; readonly places: readonly PlaceKind[] }
  /** True: it holds nowhere before somebody activates it, whatever its confidence: the rules of another country. */
  readonly onlyWhenActivated: boolean
  readonly rules: readonly Rule[]
}

/** The side on which a rule with this operator finds values out. */
export function directionOf(operator: Operator): Direction {
  return operator === '>' || operator === '>=' ? 'warm' : 'cold'
}

/** What findings of the rule are called for. */
export function causeOfRule(rule: RunRule): RunCause
export function causeOfRule(rule: Rule): Cause
export function causeOfRule(rule: Rule): Cause {
  if (rule.quantity === 'temperature') return directionOf(rule.operator)
  if (rule.quantity === 'contact') return 'silence'
  return rule.quantity === 'recording' ? 'cadence' : rule.quantity
}

/** True when a temperature violates the rule. Both are integers, so the comparison is exact. */
export function isOut(rule: Pick<TemperatureRule, 'operator' | 'limitMilliC'>, milliC: number): boolean {
  return compares(milliC, rule.operator, rule.limitMilliC)
}

/** True when a value of the rule's quantity violates it: milli-degC, thousandths of a percent, or 1 and 0. */
export function violates(rule: RunRule, value: number): boolean {
  if (rule.quantity === 'temperature') return isOut(rule, value)
  if (rule.quantity === 'battery') return compares(value, rule.operator, rule.limitMilliPct)
  return rule.quantity === 'door' ? value === 1 : value === 0
}

/** What a value is compared with: degC, or percent of a battery; nulls where there is no number. */
export function boundOf(rule: Rule): { readonly operator: Operator | null; readonly limit: number | null } {
  if (rule.quantity === 'temperature') return { operator: rule.operator, limit: rule.limitMilliC / 1_000 }
  if (rule.quantity === 'battery') return { operator: rule.operator, limit: rule.limitMilliPct / 1_000 }
  if (rule.quantity === 'recording' && rule.out !== null) {
    return { operator: rule.out.operator, limit: rule.out.limitMilliC / 1_000 }
  }
  return { operator: null, limit: null }
}

function compares(value: number, operator: Operator, limit: number): boolean {
  if (operator === '>') return value > limit
  if (operator === '>=') return value >= limit
  if (operator === '<') return value < limit
  return value <= limit
}

/** How long a value must be observed out, or nothing heard or recorded, to violate the rule, ms; 0 for `instant`. */
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
  const held = active ?? versions.find(({ onlyWhenActivated }) => !onlyWhenActivated)
  if (held === undefined || stateOf(held.version) === 'inactive') return []
  return held.rules
    .filter((rule) => active !== undefined || !needsApproval(rule))
    .map((rule) => ({ packVersion: held.version, rule }))
}

/** A silence shorter than this is kept nowhere, so no rule may ask for less. */
export const SILENCE_MS_MIN = 5 * 60_000

/** In the place of when a temperature came last: none ever did. From when on one should have come, the facts say. */
export const NEVER_HEARD_MS = 0

/** What travels is watched more closely: a shorter floor of the gap than `MAX_GAP_FLOOR_MS` (design section 6). */
export const TRANSPORT_MAX_GAP_FLOOR_MS = 5 * 60_000

/** The gap a sensor in a place of this kind may leave before the state is unknown is never shorter than this, ms. */
export function maxGapFloorMs(kind: PlaceKind): number {
  return kind === 'vehicle' || kind === 'box' ? TRANSPORT_MAX_GAP_FLOOR_MS : MAX_GAP_FLOOR_MS
}
