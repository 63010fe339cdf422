import {
  type Cadence,
  causeOf,
  type Condition,
  type Excursion,
  type RunRule,
  violates,
} from '../../domain/index.ts'
import type { PointInput, RuleInForce } from './input.ts'
import { judgedValue, type Sample, samplesOf } from './samples.ts'
import { endOf, isWithin, spanAt } from './spans.ts'

/** What was read at an instant, as it counts for the cause of the finding; null: the probe was at fault. */
export interface ExplainedReading {
  readonly tMs: number
  /** As in `PointReading`. */
  readonly value: number | null
}

/** Why nothing was known: no reading came, the probe was at fault, or its placement was over. */
export type UnknownCause = 'silence' | 'probe-fault' | 'hand-over'

/** Time within a finding that was not observed, epoch ms. */
export interface UnknownSpan {
  readonly fromMs: number
  readonly toMs: number
  readonly cause: UnknownCause
}

/** What a finding rests on. */
export interface Explanation {
  /** It began with a reading, or with a fact: a rule or duty began to apply to what was out already. */
  readonly begunBy: 'reading' | 'fact'
  /** The last reading before it; null when none is given. */
  readonly before: ExplainedReading | null
  readonly readings: readonly ExplainedReading[]
  /** The reading in range that ended it; null when it is open, or a fact ended it. */
  readonly endedBy: ExplainedReading | null
  /** Together as long as the worst case is longer than the observed time; none where records are too far apart. */
  readonly unknown: readonly UnknownSpan[]
}

/**
 * Tells what a finding rests on, from the readings of the point from the last one before it up to the one that ended
 * it, and the same facts and as-of it was judged with.
 */
export function explainFinding(
  point: PointInput,
  finding: Excursion | Condition | Cadence,
  asOfMs: number,
): Explanation {
  const samples = samplesOf(point)
  const { startMs, endMs } = finding
  const cause = causeOf(finding)
  const read = (sample: Sample): ExplainedReading => ({
    tMs: sample.tMs,
    value: judgedValue(sample, cause),
  })
  const horizonMs = Math.max(asOfMs, samples.all.at(-1)?.tMs ?? asOfMs)
  const untilMs = endMs ?? horizonMs
  const before = samples.all.findLast(({ tMs }) => tMs < startMs)
  const within = samples.all.filter(({ tMs }) => tMs >= startMs && (endMs === null || tMs < endMs))
  const ending = finding.endReason === 'recovered' ? samples.all.find(({ tMs }) => tMs === endMs) : undefined
  const speaking = before === undefined ? within : [before, ...within]
  const isOut = finding.kind === 'cadence' ? () => false : outReader(point, finding)
  const unknown = speaking.flatMap((sample, at): UnknownSpan[] => {
    const knownToMs = samples.knownUntilMs(sample)
    const nextMs = speaking[at + 1]?.tMs ?? untilMs
    if (!isOut(judgedValue(sample, cause), Math.min(knownToMs, nextMs))) return []
    const fromMs = Math.max(startMs, knownToMs)
    const toMs = Math.min(untilMs, nextMs)
    return fromMs < toMs ? [{ fromMs, toMs, cause: unknownCause(point, sample, fromMs) }] : []
  })
  return {
    begunBy: within[0]?.tMs === startMs ? 'reading' : 'fact',
    before: before === undefined ? null : read(before),
    readings: within.map(read),
    endedBy: ending === undefined ? null : read(ending),
    unknown,
  }
}

/**
 * Answers for one value after the other whether what follows it may be out, given until when it was known. Where time
 * is added up, what was unknown after a value in range was no part of it; a probe at fault changes nothing.
 */
function outReader(
  point: PointInput,
  finding: Excursion | Condition,
): (value: number | null, knownToMs: number) => boolean {
  const held = point.rules.filter(
    (each): each is RuleInForce<RunRule> =>
      each.rule.id === finding.rule && each.rule.quantity === point.quantity,
  )
  const began = held.find((each) => isWithin(each, finding.startMs))
  if (began?.rule.mode.kind !== 'cumulative') return () => true
  let isOut = false
  return (value, knownToMs) => {
    // by the limit that held last while it was known
    const rule = held.find((each) => isWithin(each, knownToMs - 1))?.rule ?? began.rule
    if (value !== null) isOut = violates(rule, value)
    return isOut
  }
}

function unknownCause(point: PointInput, sample: Sample, fromMs: number): UnknownCause {
  if (sample.low === null) return 'probe-fault'
  const ordered = point.placements.toSorted((a, b) => a.fromMs - b.fromMs)
  const placement = spanAt(ordered, sample.tMs)
  return placement !== undefined && endOf(placement) <= fromMs ? 'hand-over' : 'silence'
}
