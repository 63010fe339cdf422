import {
  durationOf,
  type EndReason,
  type Finding,
  type RunCause,
  type RunRule,
  violates,
} from '../../domain/index.ts'
import { findingId } from './finding-id.ts'
import type { PointSubject } from './input.ts'
import { addReading, newRun, type Run } from './out.ts'
import { RollingSum, type RollingState } from './rolling.ts'
import type { Chain } from './terms.ts'
import { localDaysOf } from './windows.ts'

/** Follows one rule through the states of a point, stretch by stretch, and names every run that is a finding. */
export class RunFollower {
  private run: Run | null
  private readonly sum: RollingSum
  readonly cause: RunCause
  private readonly point: PointSubject
  private readonly chain: Chain
  private readonly found: Finding[]
  private term = 0

  /** Closed findings are appended to `found`. */
  constructor(point: PointSubject, chain: Chain, kept: Run | RollingState | null, found: Finding[]) {
    this.point = point
    this.chain = chain
    // a run is changed while it is followed, so the one that was kept is not touched
    this.run = kept === null || 'breaches' in kept ? null : { ...kept }
    this.sum = new RollingSum(kept !== null && 'breaches' in kept ? kept : null)
    this.cause = chain.cause
    this.found = found
  }

  /**
   * The point's state was `value` (null = unknown) during [fromMs, toMs), which may be empty: then only what
   * holds at that instant counts. `isReading`: the value was read at fromMs. Stretches follow each other in time.
   */
  pass(fromMs: number, toMs: number, value: number | null, isReading: boolean): void {
    let atMs = fromMs
    do {
      const termEndMs = this.seek(atMs)
      const endMs = Math.min(toMs, termEndMs, this.windowEnd(atMs))
      this.step(atMs, endMs, value, isReading && atMs === fromMs)
      atMs = endMs
    } while (atMs < toMs)
  }

  /** True when nothing goes on: what was before does not matter any more. */
  isIdle(): boolean {
    return this.run === null && this.sum.isEmpty()
  }

  /** What goes on, to be continued from; null when nothing does. */
  kept(): Run | RollingState | null {
    return this.run === null ? this.sum.kept() : { ...this.run }
  }

  /** The run as a finding that is still open at `asOfMs`, if it is one. */
  open(): Finding[] {
    const run = this.run ?? this.sum.finding
    return run === null ? [] : asFinding(this.point, run, null)
  }

  /** Makes the term at an instant the current one; answers the instant at which it ends. */
  private seek(atMs: number): number {
    const { terms } = this.chain
    let next = terms[this.term + 1]
    while (next !== undefined && next.fromMs <= atMs) {
      this.term += 1
      next = terms[this.term + 1]
    }
    return next?.fromMs ?? Number.POSITIVE_INFINITY
  }

  /** Where the day of an instant ends, if the rule adds up by days; what was added up before it is over. */
  private windowEnd(atMs: number): number {
    const mode = this.chain.terms[this.term]?.inForce?.rule.mode
    if (mode?.kind !== 'cumulative' || mode.window !== 'day') return Number.POSITIVE_INFINITY
    const { fromMs, toMs } = localDaysOf(this.point.zone).dayAt(atMs)
    if (this.run !== null && this.run.startMs < fromMs) this.end(fromMs, 'window-ended')
    return toMs
  }

  private step(fromMs: number, toMs: number, value: number | null, isReading: boolean): void {
    const term = this.chain.terms[this.term]
    if (term === undefined) return
    if (term.inForce === null) return this.end(fromMs, term.reason)
    const { rule } = term.inForce
    const isIn = value !== null && !violates(rule, value)
    if (isIn && rule.mode.kind !== 'cumulative') {
      return this.end(fromMs, isReading ? 'recovered' : 'rule-changed')
    }
    if (rule.mode.kind === 'cumulative' && rule.mode.window === 'rolling') {
      const seen = { fromMs, toMs, value: isIn ? ('in' as const) : value, isReading }
      const ended = this.sum.pass(term.inForce, rule.mode, seen)
      const closed = ended.flatMap(({ run, endMs }) =>
        asFinding(this.point, run, { endMs, endReason: 'window-ended' }),
      )
      this.found.push(...closed)
      return
    }
    if (value === null && rule.gapPolicy === 'reset') return this.end(fromMs, 'gap')
    if (isIn) {
      if (this.run !== null) this.run.isOut = false
    } else if (value !== null) {
      if (this.run === null) this.run = newRun(term.inForce, fromMs, value)
      else if (isReading || !this.run.isOut) addReading(this.run, fromMs, value)
    }
    if (this.run === null) return
    // the version in force may ask for less than was added up before
    const untilMs = this.run.isOut ? toMs : fromMs
    addTime(this.run, rule, { fromMs, untilMs, isKnown: value !== null || !this.run.isOut })
  }

  private end(endMs: number, endReason: EndReason): void {
    const run = this.run ?? this.sum.finding
    if (run !== null) this.found.push(...asFinding(this.point, run, { endMs, endReason }))
    this.run = null
    this.sum.clear()
  }
}

/** Observed and unknown time are kept apart: both make suspect; unknown time confirms only where the rule counts it. */
function addTime(
  run: Run,
  { mode, gapPolicy }: RunRule,
  {
    fromMs,
    untilMs,
    isKnown,
  }: { readonly fromMs: number; readonly untilMs: number; readonly isKnown: boolean },
): void {
  const durationMs = durationOf(mode)
  const isCounted = gapPolicy === 'count'
  const missingMs = Math.max(0, durationMs - run.observedMs - (isCounted ? run.unknownMs : 0))
  const countsMs = isKnown || isCounted ? untilMs - fromMs : 0
  if (run.alarmMs === null && missingMs <= countsMs) run.alarmMs = fromMs + missingMs
  if (isKnown) run.observedMs += untilMs - fromMs
  else run.unknownMs += untilMs - fromMs
  run.isSuspected ||= run.observedMs + run.unknownMs >= durationMs
}

/** The run as a finding; none when it reached its duration neither in observed nor in unknown time. */
function asFinding(
  point: PointSubject,
  run: Run,
  end: { readonly endMs: number; readonly endReason: EndReason } | null,
): Finding[] {
  const isConfirmed = run.alarmMs !== null
  if (!isConfirmed && !run.isSuspected) return []
  const common = {
    id: findingId(point.point, run.rule, run.packVersion, run.startMs),
    point: point.point,
    place: point.place,
    rule: run.rule,
    packVersion: run.packVersion,
    level: run.level,
    state: isConfirmed ? ('confirmed' as const) : ('suspected' as const),
    open: end === null,
    startMs: run.startMs,
    alarmMs: run.alarmMs,
    endMs: end?.endMs ?? null,
    endReason: end?.endReason ?? null,
    observedMs: run.observedMs,
    worstCaseMs: run.observedMs + run.unknownMs,
    bridged: run.isBridged,
    readings: run.readings,
    confirmedBySingleReading: isConfirmed && run.readings === 1,
  }
  const { cause, peak, peakMs, label } = run
  if (cause !== 'warm' && cause !== 'cold') return [{ kind: cause, ...common }]
  const labelled = label === undefined ? {} : { labelProduct: label.product, labelMilliC: label.limitMilliC }
  return [{ kind: 'excursion', direction: cause, peakMilliC: peak, peakMs, ...labelled, ...common }]
}
