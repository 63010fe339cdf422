import {
  type Direction,
  durationOf,
  type EndReason,
  type Finding,
  isOut,
  type RuleLevel,
} from '../../domain/index.ts'
import { findingId } from './finding-id.ts'
import type { PointInput, RuleInForce } from './input.ts'
import type { Chain } from './terms.ts'

/**
 * A rule's run at one point: out of range since `startMs`, with no reading in range since. Plain data, so that it
 * can be kept and continued.
 */
export interface Run {
  readonly rule: string
  readonly packVersion: number
  readonly level: RuleLevel
  readonly direction: Direction
  readonly startMs: number
  alarmMs: number | null
  isSuspected: boolean
  peakMilliC: number
  peakMs: number
  observedMs: number
  unknownMs: number
  isBridged: boolean
  readings: number
}

/** Follows one rule through the states of a point, stretch by stretch, and names every run that is a finding. */
export class RunFollower {
  run: Run | null
  readonly direction: Direction
  private readonly point: PointInput
  private readonly chain: Chain
  private readonly found: Finding[]
  private term = 0

  /** Closed findings are appended to `found`. */
  constructor(point: PointInput, chain: Chain, run: Run | null, found: Finding[]) {
    this.point = point
    this.chain = chain
    this.run = run
    this.direction = chain.direction
    this.found = found
  }

  /**
   * The point's state was `milliC` (null = unknown) during [fromMs, toMs), which may be empty: then only what
   * holds at that instant counts. `isReading`: the value was read at fromMs. Stretches follow each other in time.
   */
  pass(fromMs: number, toMs: number, milliC: number | null, isReading: boolean): void {
    let atMs = fromMs
    do {
      const endMs = Math.min(toMs, this.seek(atMs))
      this.step(atMs, endMs, milliC, isReading && atMs === fromMs)
      atMs = endMs
    } while (atMs < toMs)
  }

  /** The run as a finding that is still open at `asOfMs`, if it is one. */
  open(): Finding[] {
    return this.run === null ? [] : asFinding(this.point, this.run, null)
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

  private step(fromMs: number, toMs: number, milliC: number | null, isReading: boolean): void {
    const term = this.chain.terms[this.term]
    if (term === undefined) return
    if (term.inForce === null) return this.end(fromMs, term.reason)
    const { rule } = term.inForce
    if (milliC !== null && !isOut(rule, milliC)) {
      return this.end(fromMs, isReading ? 'recovered' : 'rule-changed')
    }
    if (milliC !== null) {
      if (this.run === null) this.run = newRun(term.inForce, this.direction, fromMs, milliC)
      else if (isReading) addReading(this.run, fromMs, milliC)
    }
    if (this.run !== null) addTime(this.run, durationOf(rule.mode), fromMs, toMs, milliC !== null)
  }

  private end(endMs: number, endReason: EndReason): void {
    if (this.run !== null) this.found.push(...asFinding(this.point, this.run, { endMs, endReason }))
    this.run = null
  }
}

function newRun(inForce: RuleInForce, direction: Direction, startMs: number, milliC: number): Run {
  return {
    rule: inForce.rule.id,
    packVersion: inForce.packVersion,
    level: inForce.rule.level,
    direction,
    startMs,
    alarmMs: null,
    isSuspected: false,
    peakMilliC: milliC,
    peakMs: startMs,
    observedMs: 0,
    unknownMs: 0,
    isBridged: false,
    readings: 1,
  }
}

function addReading(run: Run, tMs: number, milliC: number): void {
  run.readings += 1
  run.isBridged ||= run.unknownMs > 0
  if (run.direction === 'warm' ? milliC > run.peakMilliC : milliC < run.peakMilliC) {
    run.peakMilliC = milliC
    run.peakMs = tMs
  }
}

/** Observed and unknown time are kept apart: only the first confirms, both together make suspect. */
function addTime(run: Run, durationMs: number, fromMs: number, toMs: number, isKnown: boolean): void {
  const missingMs = Math.max(0, durationMs - run.observedMs)
  if (run.alarmMs === null && missingMs <= (isKnown ? toMs - fromMs : 0)) run.alarmMs = fromMs + missingMs
  if (isKnown) run.observedMs += toMs - fromMs
  else run.unknownMs += toMs - fromMs
  run.isSuspected ||= run.observedMs + run.unknownMs >= durationMs
}

/** The run as a finding; none when it reached its duration neither in observed nor in unknown time. */
function asFinding(
  point: PointInput,
  run: Run,
  end: { readonly endMs: number; readonly endReason: EndReason } | null,
): Finding[] {
  const isConfirmed = run.alarmMs !== null
  if (!isConfirmed && !run.isSuspected) return []
  return [
    {
      id: findingId(point.point, run.rule, run.packVersion, run.startMs),
      point: point.point,
      place: point.place,
      rule: run.rule,
      packVersion: run.packVersion,
      level: run.level,
      direction: run.direction,
      state: isConfirmed ? 'confirmed' : 'suspected',
      open: end === null,
      startMs: run.startMs,
      alarmMs: run.alarmMs,
      endMs: end?.endMs ?? null,
      endReason: end?.endReason ?? null,
      peakMilliC: run.peakMilliC,
      peakMs: run.peakMs,
      observedMs: run.observedMs,
      worstCaseMs: run.observedMs + run.unknownMs,
      bridged: run.isBridged,
      readings: run.readings,
      confirmedBySingleReading: isConfirmed && run.readings === 1,
    },
  ]
}
