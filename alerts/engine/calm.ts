import { directionOf, type Operator, type RunRule } from '../../domain/index.ts'
import { spanAt } from './spans.ts'
import type { Chain } from './terms.ts'

/** While nothing changes about what applies to a point: the values that no rule finds out of range. */
export interface Calm {
  readonly fromMs: number
  readonly toMs: number
  readonly lowest: number
  readonly highest: number
  /** A rule adds time up, so that a value in range does not undo what was before. */
  readonly hasSum: boolean
}

/** From the first to the last instant there is, one after the other. Values are whole numbers, so both ends are in. */
export function calmsOf(chains: readonly Chain[]): readonly Calm[] {
  const edges = chains.flatMap(({ terms }) => terms.map(({ fromMs }) => fromMs))
  const instants = [...new Set([Number.NEGATIVE_INFINITY, ...edges])].toSorted((a, b) => a - b)
  const next = chains.map(() => 0)
  return instants.map((fromMs, at) => {
    const rules = chains.flatMap(({ terms }, nth): RunRule[] => {
      let term = next[nth] ?? 0
      while ((terms[term + 1]?.fromMs ?? Number.POSITIVE_INFINITY) <= fromMs) term += 1
      next[nth] = term
      const rule = terms[term]?.inForce?.rule
      return rule === undefined ? [] : [rule]
    })
    return {
      fromMs,
      toMs: instants[at + 1] ?? Number.POSITIVE_INFINITY,
      lowest: Math.max(...rules.map((rule) => rangeOf(rule).lowest)),
      highest: Math.min(...rules.map((rule) => rangeOf(rule).highest)),
      hasSum: rules.some(({ mode }) => mode.kind === 'cumulative'),
    }
  })
}

/** The one that holds at an instant; `near` is tried first. */
export function calmAt(calms: readonly Calm[], tMs: number, near?: Calm): Calm | undefined {
  // not `isWithin`, which reads spans of every shape and is slow on that account
  return near !== undefined && near.fromMs <= tMs && tMs < near.toMs ? near : spanAt(calms, tMs)
}

interface Range {
  readonly lowest: number
  readonly highest: number
}

function rangeOf(rule: RunRule): Range {
  if (rule.quantity === 'temperature') return rangeWithin(rule.operator, rule.limitMilliC)
  if (rule.quantity === 'battery') return rangeWithin(rule.operator, rule.limitMilliPct)
  // a door that is open, and power that is missing, are out
  return rule.quantity === 'door'
    ? { lowest: Number.NEGATIVE_INFINITY, highest: 0 }
    : { lowest: 1, highest: Number.POSITIVE_INFINITY }
}

function rangeWithin(operator: Operator, limit: number): Range {
  const isStrict = operator === '>' || operator === '<'
  return directionOf(operator) === 'warm'
    ? { lowest: Number.NEGATIVE_INFINITY, highest: isStrict ? limit : limit - 1 }
    : { lowest: isStrict ? limit : limit + 1, highest: Number.POSITIVE_INFINITY }
}
