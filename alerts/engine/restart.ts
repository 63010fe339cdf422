import { type CumulativeMode, type Finding, type RunRule, violates } from '../../domain/index.ts'
import { isCadenceClean } from './cadence.ts'
import { isClean, type PreparedPoint, prepared } from './follow.ts'
import type { EngineInput, PointReading } from './input.ts'
import { judgePoint } from './judge.ts'
import { inCanonicalOrder } from './order.ts'
import { judgedValue, type Sample, type Samples, samplesOf } from './samples.ts'
import type { Chain } from './terms.ts'
import { localDaysOf } from './windows.ts'

/**
 * The newest of some readings before `touchedFromMs` (the first instant at which a reading or fact has changed) that is
 * in range for every rule that applies to the point then, was recorded soon enough after the one before it, and where
 * nothing was added up before in the same window. No run passes it, so judging the readings from that instant
 * on gives every finding that starts after it, and every finding that starts before it still holds. Null when none
 * of the readings given is like that: give earlier ones, or judge all.
 */
export function restartInstant(
  point: PreparedPoint,
  readings: readonly PointReading[],
  touchedFromMs: number,
): number | null {
  const samples = samplesOf({ ...point.subject, readings })
  const at = samples.all.findLastIndex(
    (sample, nth) => sample.tMs < touchedFromMs && isRestart(point, samples, nth, sample),
  )
  return samples.all[at]?.tMs ?? null
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
      const ready = prepared(point)
      const fromMs = restartInstant(ready, point.readings, touchedFromMs) ?? Number.NEGATIVE_INFINITY
      const kept = previous.filter((finding) => finding.point === point.point && finding.startMs < fromMs)
      const readings = point.readings.filter(({ tMs }) => tMs >= fromMs)
      const { settled, tail } = judgePoint(ready, readings, asOfMs)
      return [...kept, ...settled, ...tail]
    }),
  )
}

function isRestart(point: PreparedPoint, samples: Samples, nth: number, sample: Sample): boolean {
  if (!isCadenceClean(point, samples.all, nth)) return false
  if (isClean(point, sample)) return true
  // what a hot reading means depends on the one before, which is not judged again
  return !sample.isHot && point.chains.every((chain) => isReset(chain, samples, nth, point.subject.zone))
}

function isReset(chain: Chain, { all }: Samples, at: number, zone: string): boolean {
  const sample = all[at]
  if (sample === undefined) return false
  const nthTerm = chain.terms.findLastIndex(({ fromMs }) => fromMs <= sample.tMs)
  const term = chain.terms[nthTerm]
  if (term === undefined || term.inForce === null) return true
  const { rule } = term.inForce
  if (rule.mode.kind !== 'cumulative') return isInRange(sample, chain, [rule])
  // nothing may have been added up in its window, and what spoke when that began must be known
  const sinceNth = chain.terms.findLastIndex(({ inForce }, nth) => nth < nthTerm && inForce === null) + 1
  const sinceMs = chain.terms[sinceNth]?.fromMs ?? Number.NEGATIVE_INFINITY
  const windowMs = Math.max(windowFromMs(rule.mode, sample.tMs, zone), sinceMs)
  // a value may have been out for the version that was in force then
  const versions = chain.terms
    .slice(sinceNth, nthTerm + 1)
    .flatMap(({ inForce }) => (inForce === null ? [] : [inForce.rule]))
  const rules = [...new Set(versions)]
  for (let nth = at; nth >= 0; nth -= 1) {
    const other = all[nth]
    if (other === undefined || !isInRange(other, chain, rules)) return false
    if (other.tMs < windowMs) return true
  }
  return false
}

function isInRange(sample: Sample, { cause }: Chain, rules: readonly RunRule[]): boolean {
  const value = judgedValue(sample, cause)
  return value !== null && rules.every((rule) => !violates(rule, value))
}

/** Where the window begins that an instant lies in or ends. */
function windowFromMs(mode: CumulativeMode, atMs: number, zone: string): number {
  if (mode.window === 'rolling') return atMs - mode.windowMs
  return mode.window === 'day' ? localDaysOf(zone).dayAt(atMs).fromMs : Number.NEGATIVE_INFINITY
}
