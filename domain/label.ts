import type { Excursion, Finding } from './finding.ts'
import {
  type Direction,
  directionOf,
  isOut,
  type Operator,
  type Rule,
  type RulePack,
  type TemperatureRule,
} from './rule.ts'

/** One end of what the label of a product allows; the end itself is allowed. */
export interface LabelLimit {
  /** Whose label. */
  readonly product: string
  readonly limitMilliC: number
}

/** True for a rule whose limit the label of what is stored tightens: one that says what the required range is. */
export function takesLabel(rule: Rule): rule is TemperatureRule {
  return rule.quantity === 'temperature' && rule.level === 'range' && rule.ownLimit !== true
}

/** True when a label, on the side of a rule, finds values out that the rule leaves in range. */
export function isTighter(
  { limitMilliC }: Pick<LabelLimit, 'limitMilliC'>,
  rule: Pick<TemperatureRule, 'operator' | 'limitMilliC'>,
): boolean {
  // values are whole numbers, so this is the first that the label does not allow
  const firstOut = directionOf(rule.operator) === 'warm' ? limitMilliC + 1 : limitMilliC - 1
  return !isOut(rule, firstOut)
}

/** The tighter of two ends of labels on a side; null is wider than any. */
export function tighterEnd(a: number | null, b: number | null, side: Direction): number | null {
  if (a === null || b === null) return a ?? b
  return side === 'warm' ? Math.min(a, b) : Math.max(a, b)
}

/** The rule with the end of a label in the place of its limit: only what is beyond it is out. */
export function withLabel(
  rule: TemperatureRule,
  { limitMilliC }: Pick<LabelLimit, 'limitMilliC'>,
): TemperatureRule {
  const operator: Operator = directionOf(rule.operator) === 'warm' ? '>' : '<'
  return { ...rule, operator, limitMilliC }
}

/** The label an excursion began under; null when the limit was the rule's own, and for findings of another kind. */
export function labelOfFinding(finding: LabelledFinding): LabelLimit | null {
  const { labelProduct: product, labelMilliC: limitMilliC } = finding
  return product === undefined || limitMilliC === undefined ? null : { product, limitMilliC }
}

/** What of a finding says which limit it began under. */
type LabelledFinding = Pick<Finding, 'rule' | 'packVersion'> &
  Partial<Pick<Excursion, 'labelProduct' | 'labelMilliC'>>

/**
 * The rule a finding was made by, with the limit it began under, which a label may have tightened; undefined when no
 * pack has it in that version.
 */
export function ruleOfFinding(packs: readonly RulePack[], finding: LabelledFinding): Rule | undefined {
  const rule = packs
    .filter(({ version }) => version === finding.packVersion)
    .flatMap(({ rules }) => rules)
    .find(({ id }) => id === finding.rule)
  const label = labelOfFinding(finding)
  return label === null || rule?.quantity !== 'temperature' ? rule : withLabel(rule, label)
}
