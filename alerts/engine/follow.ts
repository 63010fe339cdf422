import assert from 'node:assert'
import type { CadenceRule, Finding } from '../../domain/index.ts'
import { CadenceFollower, type CadenceRun, isPassed, isRecord, nextTooLongMs } from './cadence.ts'
import { type Calm, calmAt, calmsOf } from './calm.ts'
import type { PointSubject } from './input.ts'
import type { Run } from './out.ts'
import type { RollingState } from './rolling.ts'
import { RunFollower } from './run.ts'
import { judgedValue, type Sample, SampleJoiner } from './samples.ts'
import { Speaking } from './speaking.ts'
import { cadenceTermsOf, type Chain, chainsOf, type TermsOfRule } from './terms.ts'

/**
 * Where the judgement of a quantity of a point stands after its newest reading: plain data. It stays valid as long as
 * nothing changes before `last.tMs`, neither a reading nor a fact.
 */
export interface PointState {
  readonly last: Sample
  /** By rule; a rule without a run, or with nothing out in its window, is absent. */
  readonly runs: Readonly<Record<string, Run | RollingState>>
  /** The newest sample before `last` that has a value: records are too far apart up to it, by rule. */
  readonly record: Sample | null
  readonly cadences: Readonly<Record<string, CadenceRun>>
}

/** What the readings of a quantity of a point are judged by, made ready once: facts change seldom. */
export interface PreparedPoint {
  readonly subject: PointSubject
  readonly chains: readonly Chain[]
  /** The rules about how often its temperatures are recorded. */
  readonly cadences: readonly TermsOfRule<CadenceRule>[]
  readonly calms: readonly Calm[]
  readonly speaking: Speaking
}

/** Throws an assertion error when facts contradict each other. */
export function prepared(subject: PointSubject): PreparedPoint {
  const chains = chainsOf(subject)
  const cadences = subject.quantity === 'temperature' ? cadenceTermsOf(subject) : []
  return { subject, chains, cadences, calms: calmsOf(chains), speaking: new Speaking(subject) }
}

/** Follows a quantity of a point through its readings in order of time, from the first one or from where it stood. */
export class PointFollower {
  readonly #point: PreparedPoint
  readonly #joiner: SampleJoiner
  readonly #runs: readonly RunFollower[]
  readonly #cadences: readonly CadenceFollower[]
  /** The newest sample with a value before `#last`. */
  #record: Sample | null
  #last: Sample | undefined
  /** Readings of the newest instant may still come. */
  #isOpen = false
  #calm: Calm | undefined
  /** Nothing goes on in any run; false also when nobody has looked since one was followed. */
  #isIdle = false

  /** Findings that are over are appended to `settled`. Readings must be later than `from.last`. */
  constructor(point: PreparedPoint, from: PointState | null, settled: Finding[]) {
    const { subject, chains, speaking } = point
    const isKept = Object.keys(from?.runs ?? {}).every((key) => chains.some((chain) => chain.key === key))
    assert(isKept, `${subject.point}: a rule with a run is not among the rules given`)
    this.#point = point
    this.#joiner = new SampleJoiner(subject, speaking)
    this.#runs = chains.map(
      (chain) => new RunFollower(subject, chain, from?.runs[chain.key] ?? null, settled),
    )
    this.#cadences = point.cadences.map(
      (terms) => new CadenceFollower(subject, terms, from?.cadences[terms.key] ?? null, settled),
    )
    this.#record = from?.record ?? null
    this.#last = from?.last
  }

  /** The newest sample; undefined before the first. */
  get last(): Sample | undefined {
    return this.#last
  }

  /** The next reading, or another one of the same instant. One that is not of the point changes nothing. */
  take(tMs: number, value: number | null): void {
    if (!this.#point.speaking.isPlaced(tMs)) return
    const last = this.#last
    const isAnother = last?.tMs === tMs && this.#isOpen
    if (last !== undefined && !isAnother) {
      if (last.tMs >= tMs) assert.fail(`${this.#point.subject.point}: a reading at ${tMs} was judged before`)
      this.#stretch(last, tMs)
      this.#follow(last)
    }
    this.#last = this.#joiner.joined(last, tMs, value)
    this.#isOpen = true
  }

  /** True when the newest sample ends all that was before: what follows does not depend on it. */
  isClean(): boolean {
    const last = this.#last
    if (last === undefined || !isClean(this.#point, last, this.#calm)) return false
    const before = this.#record
    if (before === null) return true
    return this.#point.cadences.every((terms) => !isPassed(this.#point.subject, terms, before, last))
  }

  /** Ends what the newest sample ends. No reading may follow. */
  settle(): void {
    if (this.#last === undefined) return
    this.#stretch(this.#last, this.#last.tMs)
    this.#follow(this.#last)
  }

  /** Where it stands; null before the first reading. */
  state(): PointState | null {
    if (this.#last === undefined) return null
    const runs: Record<string, Run | RollingState> = {}
    for (const [index, run] of this.#runs.entries()) {
      const key = this.#point.chains[index]?.key
      const kept = run.kept()
      if (kept !== null && key !== undefined) runs[key] = kept
    }
    const cadences: Record<string, CadenceRun> = {}
    for (const [index, { run }] of this.#cadences.entries()) {
      const key = this.#point.cadences[index]?.key
      if (run !== null && key !== undefined) cadences[key] = { ...run }
    }
    return { last: this.#last, runs, record: this.#record, cadences }
  }

  /**
   * What is open at as-of, or was ended by a fact since the newest reading. Changes nothing. `recordedToMs`: up to when
   * it is known that no other reading came, where that is not as-of; how far records are apart is measured up to there.
   */
  tail(asOfMs: number, recordedToMs: number = asOfMs): readonly Finding[] {
    const last = this.#last
    if (last === undefined) return []
    const horizonMs = Math.max(asOfMs, last.tMs)
    const tail: Finding[] = []
    const recordMs = Math.max(recordedToMs, last.tMs)
    const cadences = this.#recordsAhead(last, recordMs, tail)
    tail.push(...cadences.flatMap((each) => each.open(recordMs)))
    if (this.#isCalm(last, horizonMs + 1)) return tail
    const ahead = new PointFollower(this.#point, this.state(), tail)
    ahead.#stretch(last, horizonMs)
    // The instant itself: a duty or version that begins just now counts, as a reading just now does.
    const isKnown = horizonMs < this.#point.speaking.knownUntilMs(last)
    for (const run of ahead.#runs) {
      run.pass(horizonMs, horizonMs, isKnown ? judgedValue(last, run.cause) : null, false)
    }
    return [...tail, ...ahead.#runs.flatMap((run) => run.open())]
  }

  /** When after an instant time alone makes records too far apart, epoch ms; null where it never does. */
  cadenceDueMs(afterMs: number): number | null {
    const last = this.#last
    const newest = last === undefined || isRecord(last) ? last : this.#record
    if (newest === undefined || newest === null) return null
    const due = this.#point.cadences.flatMap((terms) => nextTooLongMs(terms, newest, afterMs) ?? [])
    return due.length === 0 ? null : Math.min(...due)
  }

  /** The rules about records as they stand at an instant, if no other follows; what is over is appended to `found`. */
  #recordsAhead(last: Sample, horizonMs: number, found: Finding[]): readonly CadenceFollower[] {
    const record = this.#record
    return this.#point.cadences.map((terms, index) => {
      const run = this.#cadences[index]?.run ?? null
      const ahead = new CadenceFollower(this.#point.subject, terms, run, found)
      if (record !== null && isRecord(last)) ahead.pass(record, { toMs: last.tMs, by: 'next' })
      const newest = isRecord(last) ? last : record
      if (newest !== null) ahead.pass(newest, { toMs: horizonMs, by: 'as-of' })
      return ahead
    })
  }

  /** No other reading of the instant of a sample follows. */
  #follow(sample: Sample): void {
    // also without a rule: one may begin later, and count from here
    if (!isRecord(sample)) return
    for (const each of this.#cadences) {
      if (this.#record !== null) each.pass(this.#record, { toMs: sample.tMs, by: 'next' })
    }
    this.#record = sample
  }

  /** From one reading to the next instant that matters: known as long as the reading speaks, then unknown. */
  #stretch(from: Sample, toMs: number): void {
    if (this.#isCalm(from, toMs)) return
    this.#isIdle = false
    const knownToMs = Math.min(toMs, this.#point.speaking.knownUntilMs(from))
    for (const run of this.#runs) {
      const value = judgedValue(from, run.cause)
      if (value !== null) run.pass(from.tMs, knownToMs, value, true)
      if (value === null || knownToMs < toMs) run.pass(knownToMs, toMs, null, false)
    }
  }

  /** Nothing goes on, and up to an instant the sample is in range for everything that applies: nothing begins. */
  #isCalm(from: Sample, toMs: number): boolean {
    const calm = (this.#calm = calmAt(this.#point.calms, from.tMs, this.#calm))
    if (calm === undefined || toMs > calm.toMs || !isInRange(from, calm)) return false
    return (this.#isIdle ||= this.#runs.every((run) => run.isIdle()))
  }
}

/** True when no run passes the sample, whatever was before. Where time is added up that cannot be told from it. */
export function isClean(point: PreparedPoint, sample: Sample, near?: Calm): boolean {
  const calm = calmAt(point.calms, sample.tMs, near)
  // what a hot reading means depends on the one before
  return calm !== undefined && !calm.hasSum && !sample.isHot && isInRange(sample, calm)
}

/** False also when the probe was at fault. */
function isInRange({ low, high }: Sample, { lowest, highest }: Calm): boolean {
  return low !== null && high !== null && low >= lowest && high <= highest
}
