import { type CumulativeMode, type RunCause, type RunRule, violates } from '../../domain/index.ts'
import { isPassed, isRecord } from './cadence.ts'
import { type Calm, calmAt } from './calm.ts'
import type { PreparedPoint } from './follow.ts'
import type { PointReading } from './input.ts'
import { judgedValue, type Sample, samplesOf } from './samples.ts'
import type { Chain } from './terms.ts'
import { localDaysOf } from './windows.ts'

/** What a sample must keep to for a rule that applies, so that the rule has nothing that goes on. */
interface Demand {
  readonly cause: RunCause
  /** The one in force; where time is added up also its versions before, for which something may have been out then. */
  readonly rules: readonly RunRule[]
  /** How time is added up; null where it is not: then the sample alone tells. */
  readonly mode: CumulativeMode | null
  /** Since when the rule applies without a break, epoch ms. */
  readonly sinceMs: number
}

/** A sample in range for every rule, behind which nothing goes on if nothing was added up in its windows. */
interface Candidate {
  readonly sample: Sample
  /** Where the window of each sum begins, epoch ms, in the order of the sums. */
  readonly windowsMs: readonly number[]
  /** It is known that it was recorded soon enough after the record before it. */
  isSoon: boolean
}

/** While the same rules apply: those that may still turn out to be one, the newest first. */
interface Period {
  readonly calm: Calm | undefined
  readonly demands: readonly Demand[]
  readonly sums: readonly Demand[]
  readonly candidates: Candidate[]
}

/**
 * Looks for a restart instant (see `restartInstant`) from an instant back in time, piece by piece: each reading is
 * looked at once, whatever the length of the windows and of the pieces. It ends with the first one found.
 */
export class RestartSearch {
  readonly #point: PreparedPoint
  readonly #beforeMs: number
  /** The readings of the earliest instant so far: what they mean may depend on the one before. */
  #held: readonly PointReading[] = []
  #laterMs = Number.POSITIVE_INFINITY
  /** The newest first. */
  #periods: Period[] = []
  /** The record before it has not been seen. */
  #waiting: Candidate | null = null

  /** Looks for one before an instant, epoch ms. */
  constructor(point: PreparedPoint, beforeMs: number) {
    this.#point = point
    this.#beforeMs = beforeMs
  }

  /** The readings before those given so far, in any order. Null when none was found yet: give earlier ones. */
  back(readings: readonly PointReading[]): number | null {
    const given = [...readings, ...this.#held].filter(({ tMs }) => tMs < this.#beforeMs)
    const { all } = samplesOf({ ...this.#point.subject, readings: given })
    const firstMs = all[0]?.tMs
    this.#held = given.filter(({ tMs }) => tMs === firstMs)
    for (let at = all.length - 1; at > 0; at -= 1) {
      const sample = all[at]
      const found = sample === undefined ? null : this.#pass(sample)
      if (found !== null) return found
    }
    return null
  }

  /** There are no earlier readings than those given. */
  end(): number | null {
    const [sample] = samplesOf({ ...this.#point.subject, readings: this.#held }).all
    return sample === undefined ? null : this.#pass(sample)
  }

  #pass(sample: Sample): number | null {
    this.#resolve(sample)
    this.#drop(sample)
    this.#add(sample)
    this.#laterMs = sample.tMs
    for (const { candidates } of this.#periods) {
      const newest = candidates[0]
      // windows of later samples begin later, so that no other one of the period is before it
      if (newest?.isSoon === true && newest.windowsMs.every((windowMs) => sample.tMs < windowMs)) {
        return newest.sample.tMs
      }
    }
    return null
  }

  /** Finds out whether the sample that waits for the record before it was recorded soon enough after this one. */
  #resolve(sample: Sample): void {
    const waiting = this.#waiting
    if (waiting === null || (!isRecord(sample) && !sample.isHot)) return
    this.#waiting = null
    const { subject, cadences } = this.#point
    // what a hot reading means depends on the one before, which is not judged again
    waiting.isSoon =
      !sample.isHot && cadences.every((terms) => !isPassed(subject, terms, sample, waiting.sample))
    const candidates = this.#periods.at(-1)?.candidates
    if (!waiting.isSoon && candidates?.at(-1) === waiting) candidates.pop()
  }

  /** What is out, or not known, in a window that goes on up to the next sample: none with such a window is one. */
  #drop(sample: Sample): void {
    let isEmptied = false
    for (const { sums, candidates } of this.#periods) {
      for (const [nth, sum] of sums.entries()) {
        if (candidates.length === 0 || isInRange(sample, sum)) continue
        while ((candidates.at(-1)?.windowsMs[nth] ?? Number.POSITIVE_INFINITY) <= this.#laterMs) {
          candidates.pop()
        }
        isEmptied ||= candidates.length === 0
      }
    }
    if (!isEmptied) return
    const last = this.#periods.at(-1)
    this.#periods = this.#periods.filter((period) => period === last || period.candidates.length > 0)
  }

  #add(sample: Sample): void {
    const { cadences, subject } = this.#point
    if (sample.isHot || (cadences.length > 0 && !isRecord(sample))) return
    const { demands, sums, candidates } = this.#periodAt(sample.tMs)
    if (!demands.every((demand) => isInRange(sample, demand))) return
    const windowsMs = sums.map((sum) => windowFromMs(sum, sample.tMs, subject.zone))
    const later = candidates.at(-1)
    // what is in the same windows makes no difference between the two
    if (later?.isSoon === true && windowsMs.every((windowMs, nth) => windowMs === later.windowsMs[nth]))
      return
    const candidate = { sample, windowsMs, isSoon: cadences.length === 0 }
    candidates.push(candidate)
    if (!candidate.isSoon) this.#waiting = candidate
  }

  #periodAt(tMs: number): Period {
    const last = this.#periods.at(-1)
    const calm = calmAt(this.#point.calms, tMs, last?.calm)
    if (last !== undefined && last.calm === calm) return last
    const demands = this.#point.chains.flatMap((chain) => demandOf(chain, tMs) ?? [])
    const sums = demands.filter(({ mode }) => mode !== null)
    const period = { calm, demands, sums, candidates: [] }
    this.#periods.push(period)
    return period
  }
}

function demandOf({ cause, terms }: Chain, tMs: number): Demand | null {
  const nthTerm = terms.findLastIndex(({ fromMs }) => fromMs <= tMs)
  const term = terms[nthTerm]
  if (term === undefined || term.inForce === null) return null
  const { rule } = term.inForce
  if (rule.mode.kind !== 'cumulative') return { cause, rules: [rule], mode: null, sinceMs: term.fromMs }
  const sinceNth = terms.findLastIndex(({ inForce }, nth) => nth < nthTerm && inForce === null) + 1
  const versions = terms
    .slice(sinceNth, nthTerm + 1)
    .flatMap(({ inForce }) => (inForce === null ? [] : [inForce.rule]))
  const sinceMs = terms[sinceNth]?.fromMs ?? Number.NEGATIVE_INFINITY
  return { cause, rules: [...new Set(versions)], mode: rule.mode, sinceMs }
}

function isInRange(sample: Sample, { cause, rules }: Demand): boolean {
  const value = judgedValue(sample, cause)
  return value !== null && rules.every((rule) => !violates(rule, value))
}

/** Where the window of an instant begins, or what is added up if that is later; what speaks then must be known. */
function windowFromMs({ mode, sinceMs }: Demand, atMs: number, zone: string): number {
  if (mode?.window === 'rolling') return Math.max(atMs - mode.windowMs, sinceMs)
  return mode?.window === 'day' ? Math.max(localDaysOf(zone).dayAt(atMs).fromMs, sinceMs) : sinceMs
}
