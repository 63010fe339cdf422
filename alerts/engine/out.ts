import {
  causeOfRule,
  type LabelLimit,
  type RuleLevel,
  type RunCause,
  type RunRule,
} from '../../domain/index.ts'
import type { RuleInForce } from './input.ts'

/**
 * A rule's run at one point: out of range since `startMs`, with no reading in range since; or, where time out is added
 * up, first out then within the window. Plain data, so that it can be kept and continued.
 */
export interface Run {
  readonly rule: string
  readonly packVersion: number
  readonly level: RuleLevel
  readonly cause: RunCause
  readonly startMs: number
  /** The label its limit was from when it began. */
  readonly label?: LabelLimit
  /** Whether the newest value is out; always but where time out is added up. */
  isOut: boolean
  alarmMs: number | null
  isSuspected: boolean
  /** The most extreme value, and the first instant it was seen. */
  peak: number
  peakMs: number
  observedMs: number
  unknownMs: number
  isBridged: boolean
  readings: number
}

/** A run that begins with a value that is out at an instant. */
export function newRun(inForce: RuleInForce<RunRule>, startMs: number, value: number): Run {
  return {
    rule: inForce.rule.id,
    packVersion: inForce.packVersion,
    level: inForce.rule.level,
    cause: causeOfRule(inForce.rule),
    startMs,
    ...(inForce.label === undefined ? {} : { label: inForce.label }),
    isOut: true,
    alarmMs: null,
    isSuspected: false,
    peak: value,
    peakMs: startMs,
    observedMs: 0,
    unknownMs: 0,
    isBridged: false,
    readings: 1,
  }
}

/** Another value that is out, or the same one when it is out again. */
export function addReading(run: Run, tMs: number, value: number): void {
  run.readings += 1
  run.isOut = true
  run.isBridged ||= run.unknownMs > 0
  if (run.cause === 'cold' || run.cause === 'battery' ? value < run.peak : value > run.peak) {
    run.peak = value
    run.peakMs = tMs
  }
}
