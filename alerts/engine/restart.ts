import { type Finding, violates } from '../../domain/index.ts'
import type { EngineInput, PointInput } from './input.ts'
import { judgePoint } from './judge.ts'
import { inCanonicalOrder } from './order.ts'
import { judgedValue, type Sample, samplesOf } from './samples.ts'
import { type Chain, chainsOf } from './terms.ts'

/**
 * The newest reading before `touchedFromMs` (the first instant at which a reading or fact has changed) that is in
 * range for every rule that applies to the point then. No run passes it, so judging the readings from that instant
 * on gives every finding that starts after it, and every finding that starts before it still holds. Null when none
 * of the readings given is like that: give earlier ones, or judge all.
 */
export function restartInstant(point: PointInput, touchedFromMs: number): number | null {
  const chains = chainsOf(point)
  const clean = samplesOf(point).all.findLast(
    // what a hot reading means depends on the one before, which is not judged again
    (sample) =>
      sample.tMs < touchedFromMs && !sample.isHot && chains.every((chain) => isReset(chain, sample)),
  )
  return clean?.tMs ?? null
}

/**
 * The findings after readings or facts have changed from `touchedFromMs` on: what `findings` would give, but judged
 * from the restart instant of each point only. `previous` are the findings before the change; `input` has the points
 * that are touched, each with its readings from some instant before the touched one. A point for which no restart
 * instant is found is judged whole, so it must have come with all its readings.
 */
export function rejudgeFrom(
  input: EngineInput,
  previous: readonly Finding[],
  touchedFromMs: number,
  asOfMs: number,
): readonly Finding[] {
  return inCanonicalOrder(
    input.points.flatMap((point) => {
      const fromMs = restartInstant(point, touchedFromMs) ?? Number.NEGATIVE_INFINITY
      const kept = previous.filter((finding) => finding.point === point.point && finding.startMs < fromMs)
      const readings = point.readings.filter(({ tMs }) => tMs >= fromMs)
      const { settled, tail } = judgePoint({ ...point, readings }, asOfMs)
      return [...kept, ...settled, ...tail]
    }),
  )
}

function isReset(chain: Chain, sample: Sample): boolean {
  const term = chain.terms.findLast(({ fromMs }) => fromMs <= sample.tMs)
  if (term === undefined || term.inForce === null) return true
  const value = judgedValue(sample, chain.cause)
  return value !== null && !violates(term.inForce.rule, value)
}
