import {
  type Cadence,
  type CadenceRule,
  directionOf,
  type EndReason,
  type Finding,
  isOut,
} from '../../domain/index.ts'
import { findingId } from './finding-id.ts'
import type { PointSubject, RuleInForce } from './input.ts'
import { judgedValue, type Sample } from './samples.ts'
import type { Term, TermsOfRule } from './terms.ts'

/** Records further apart than a rule allows, one interval after the other. Plain data, so that it can be continued. */
export interface CadenceRun extends Pick<Cadence, 'rule' | 'packVersion' | 'level' | 'startMs' | 'alarmMs'> {
  /** How many intervals were too long, the longest of them, and all of them together. */
  intervals: number
  longestMs: number
  observedMs: number
}

/** From a record on the rule applies without a break; too long from `alarmMs` on, unless that is null. */
interface Part {
  readonly first: RuleInForce<CadenceRule>
  readonly fromMs: number
  alarmMs: number | null
}

/** Up to when an interval goes, and what that means. `next`: the next record. `as-of`: it is not over. */
interface IntervalEnd {
  readonly toMs: number
  readonly by: 'next' | 'as-of'
}

/** Follows one rule about how often temperatures are recorded, from record to record. */
export class CadenceFollower {
  run: CadenceRun | null
  readonly #point: PointSubject
  readonly #terms: readonly Term<CadenceRule>[]
  readonly #found: Finding[]
  /** Of the interval that is passed. */
  #part: Part | null = null

  /** Findings that are over are appended to `found`. */
  constructor(
    point: PointSubject,
    { terms }: TermsOfRule<CadenceRule>,
    run: CadenceRun | null,
    found: Finding[],
  ) {
    this.#point = point
    this.#terms = terms
    this.run = run === null ? null : { ...run }
    this.#found = found
  }

  /** No other record came between this one and the instant. Intervals follow each other in time. */
  pass(record: Sample, { toMs, by }: IntervalEnd): void {
    // as-of itself counts: a duty or version that begins just now
    const lastMs = by === 'next' ? toMs - 1 : toMs
    for (let at = termIndexAt(this.#terms, record.tMs); at < this.#terms.length; at += 1) {
      const term = this.#terms[at]
      if (term === undefined || term.fromMs > lastMs) break
      const fromMs = Math.max(term.fromMs, record.tMs)
      const endMs = Math.min(this.#terms[at + 1]?.fromMs ?? Number.POSITIVE_INFINITY, toMs)
      if (term.inForce === null) this.#end(fromMs, term.reason)
      else if (counts(term.inForce.rule, record)) this.#wait(term.inForce, fromMs, endMs)
      else this.#end(fromMs, fromMs === record.tMs ? 'recovered' : 'rule-changed')
    }
    // short enough: what was too long ended where this interval began
    if (by === 'next' && this.#part !== null && this.#part.alarmMs === null)
      this.#close(record.tMs, 'recovered')
    this.#addPart(toMs)
  }

  /** The run as a finding that is still open at as-of. */
  open(asOfMs: number): Cadence[] {
    return this.run === null ? [] : [asFinding(this.#point, this.run, asOfMs, null)]
  }

  #wait(inForce: RuleInForce<CadenceRule>, fromMs: number, endMs: number): void {
    const part = (this.#part ??= { first: inForce, fromMs, alarmMs: null })
    const dueMs = Math.max(fromMs, part.fromMs + inForce.rule.mode.durationMs)
    if (part.alarmMs === null && dueMs < endMs) part.alarmMs = dueMs
  }

  /** The rule no longer applies; whether the interval would have been too long is not known. */
  #end(endMs: number, endReason: EndReason): void {
    this.#addPart(endMs)
    this.#close(endMs, endReason)
  }

  #addPart(toMs: number): void {
    const part = this.#part
    this.#part = null
    if (part === null || part.alarmMs === null) return
    const { rule, packVersion } = part.first
    const { fromMs, alarmMs } = part
    this.run ??= {
      rule: rule.id,
      packVersion,
      level: rule.level,
      startMs: fromMs,
      alarmMs,
      intervals: 0,
      longestMs: 0,
      observedMs: 0,
    }
    this.run.intervals += 1
    this.run.longestMs = Math.max(this.run.longestMs, toMs - fromMs)
    this.run.observedMs += toMs - fromMs
  }

  #close(endMs: number, endReason: EndReason): void {
    if (this.run !== null) this.#found.push(asFinding(this.#point, this.run, endMs, endReason))
    this.run = null
  }
}

/**
 * When after an instant the time since a record becomes too long if no other follows, by the terms that are known,
 * those that lie ahead too; null when it does not.
 */
export function nextTooLongMs(
  { terms }: TermsOfRule<CadenceRule>,
  record: Sample,
  afterMs: number,
): number | null {
  let sinceMs: number | null = null
  let isTooLong = false
  for (let at = termIndexAt(terms, record.tMs); at < terms.length; at += 1) {
    const term = terms[at]
    if (term?.inForce === undefined || term.inForce === null || !counts(term.inForce.rule, record)) {
      sinceMs = null
      isTooLong = false
      continue
    }
    const fromMs = Math.max(term.fromMs, record.tMs)
    sinceMs ??= fromMs
    const dueMs = Math.max(fromMs, sinceMs + term.inForce.rule.mode.durationMs)
    if (isTooLong || dueMs >= (terms[at + 1]?.fromMs ?? Number.POSITIVE_INFINITY)) continue
    if (dueMs >= afterMs) return dueMs + 1
    isTooLong = true
  }
  return null
}

/** Whether a finding of the rule passes a record, which the record before it alone decides. */
export function isPassed(
  point: PointSubject,
  terms: TermsOfRule<CadenceRule>,
  before: Sample,
  record: Sample,
): boolean {
  const follower = new CadenceFollower(point, terms, null, [])
  follower.pass(before, { toMs: record.tMs, by: 'next' })
  return follower.run !== null
}

/** True for a sample with a temperature: a probe at fault has recorded none. */
export function isRecord({ low }: Sample): boolean {
  return low !== null
}

/** Whether the rule asks how long it is from this record to the next. */
function counts({ out }: CadenceRule, record: Sample): boolean {
  if (out === null) return true
  const value = judgedValue(record, directionOf(out.operator))
  return value !== null && isOut(out, value)
}

/** The term that holds at an instant: terms cover all time. */
function termIndexAt(terms: readonly Term<CadenceRule>[], tMs: number): number {
  let low = 0
  let high = terms.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((terms[middle]?.fromMs ?? 0) <= tMs) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

function asFinding(
  { point, place }: PointSubject,
  run: CadenceRun,
  untilMs: number,
  endReason: EndReason | null,
): Cadence {
  const { rule, packVersion, level, startMs, alarmMs, intervals, longestMs, observedMs } = run
  return {
    kind: 'cadence',
    id: findingId(point, rule, packVersion, startMs),
    point,
    place,
    rule,
    packVersion,
    level,
    state: 'confirmed',
    open: endReason === null,
    startMs,
    alarmMs,
    endMs: endReason === null ? null : untilMs,
    endReason,
    observedMs,
    worstCaseMs: untilMs - startMs,
    intervals,
    longestMs,
  }
}
