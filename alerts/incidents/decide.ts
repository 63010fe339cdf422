import type { Cause, Finding, IncidentFact, IncidentStep, Severity } from '../../domain/index.ts'
import {
  directionOfCause,
  gradeOf,
  labelOfFinding,
  louder,
  PUT_OFF_MS_MAX,
  tighterEnd,
} from '../../domain/index.ts'

/** A late value that is out pages only after this long without a newer one that is in range (design section 6). */
export const LATE_WAIT_MS = 2 * 60_000
/** What was over and is back within this long of the last call is called for again only then: values may flap. */
export const AGAIN_WAIT_MS = 5 * 60_000

/** What the desk knows of an incident that is not resolved. */
export type UnresolvedIncident = Pick<
  IncidentFact,
  | 'state'
  | 'grade'
  | 'labelMilliC'
  | 'open'
  | 'told'
  | 'calledGrade'
  | 'calledLabelMilliC'
  | 'calledMs'
  | 'callDueMs'
>

/** A finding of a place and cause as it stands now. */
export interface Member {
  readonly id: string
  /** Undefined when it stands no more: moved or withdrawn. */
  readonly finding: Finding | undefined
  /** True while it does not belong to the incident yet. */
  readonly joins: boolean
  /** The newest value of its point arrived late: there may be a newer one on the way. */
  readonly late: boolean
}

/** One place and cause: its incident, if one is unresolved, and the findings of that or to come to it. */
export interface IncidentLine {
  readonly place: string
  readonly cause: Cause
  readonly incident: UnresolvedIncident | undefined
  readonly members: readonly Member[]
  readonly nowMs: number
}

/**
 * What the desk does next about a place and cause, in order (design section 6, "Who is called for what"): raises
 * or joins, calls at once or says when, notes that it is over, resolves. Pure: it decides from how the findings stand,
 * not from how they came there, so the same findings seen twice or in one go lead to the same incident.
 */
export function decide(line: IncidentLine): readonly IncidentStep[] {
  const { incident, members } = line
  const joining = members.filter(({ joins }) => joins)
  const open = members.filter(({ finding }) => finding?.open === true)
  if (incident === undefined) return joining.length === 0 ? [] : begin(line, joining, open)
  const steps: IncidentStep[] = []
  const grade = highest(members)
  const labelMilliC = tightest(line, incident.labelMilliC, members)
  // a finding that is in it may have become louder, as a suspicion that was confirmed, or have been given a label
  const isMore = louder(grade, incident.grade) !== incident.grade || labelMilliC !== incident.labelMilliC
  if (joining.length > 0 || isMore) {
    steps.push({ kind: 'join', grade, labelMilliC, findings: joining.map(({ id }) => id) })
  }
  if (open.length === 0) return [...steps, ...end(line, incident)]
  if (incident.open === 0) steps.push({ kind: 'reopen' })
  return [...steps, ...call(line, incident, open)]
}

/** An incident that begins. Over at first sight (`seenLate`): listed, and nobody is called. */
function begin(
  line: IncidentLine,
  joining: readonly Member[],
  open: readonly Member[],
): readonly IncidentStep[] {
  const { place, cause } = line
  const findings = joining.map(({ id }) => id)
  const isOpen = open.length > 0
  const grade = highest(isOpen ? open : joining)
  const labelMilliC = tightest(line, null, isOpen ? open : joining)
  const raised: IncidentStep = { kind: 'raise', place, cause, grade, labelMilliC, open: isOpen, findings }
  // that nothing was heard or recorded for a while, and is again, is in the lists and reports: there is nothing to take
  if (!isOpen) return cause === 'silence' || cause === 'cadence' ? [] : [raised]
  return [raised, ...call(line, { ...nobodyYet, state: 'raised', grade, labelMilliC, open: 1 }, open)]
}

const nobodyYet = {
  told: 0,
  calledGrade: null,
  calledLabelMilliC: null,
  calledMs: null,
  callDueMs: null,
} as const

/** Nothing is open: it is over, and resolved when it was taken or when none of it stands any more. */
function end({ members }: IncidentLine, incident: UnresolvedIncident): readonly IncidentStep[] {
  const steps: IncidentStep[] = []
  if (incident.open === 1) {
    const seenLate = incident.calledMs === null && incident.state === 'raised'
    steps.push({ kind: 'over', tell: incident.told === 1, seenLate })
  }
  if (members.every(({ finding }) => finding === undefined)) {
    return [...steps, { kind: 'resolve', resolution: 'withdrawn' }]
  }
  return incident.state === 'acknowledged' ? [...steps, { kind: 'resolve', resolution: 'recovered' }] : steps
}

/** Whom it concerns is called when they believe it over, or know of a lower grade or of wider limits only. */
function call(
  line: IncidentLine,
  incident: UnresolvedIncident,
  open: readonly Member[],
): readonly IncidentStep[] {
  const { nowMs } = line
  const { told, calledGrade, calledLabelMilliC, calledMs, callDueMs } = incident
  const grade = highest(open)
  const isLouder = calledGrade === null || louder(grade, calledGrade) !== calledGrade
  const labelMilliC = tightest(line, calledLabelMilliC, open)
  const isTighter = labelMilliC !== calledLabelMilliC
  const isWorse = isLouder || isTighter
  if (told === 1 && !isWorse) return callDueMs === null ? [] : [{ kind: 'wait', callDueMs: null }]
  const template = calledGrade === null ? 'incident-raised' : isWorse ? 'incident-worse' : 'incident-again'
  const isReason = (finding: Finding): boolean =>
    isTighter && !isLouder ? endOf(finding) === labelMilliC : gradeOf(finding) === grade
  const isLate = open
    .filter(({ finding }) => finding !== undefined && isReason(finding))
    .every(({ late }) => late)
  const lateUntilMs = isLate ? Math.min(callDueMs ?? Number.POSITIVE_INFINITY, nowMs + LATE_WAIT_MS) : nowMs
  // called for, and nobody was reached
  const isUnheard = calledGrade === null && calledMs !== null
  const echoUntilMs =
    calledMs === null || (isWorse && !isUnheard) ? nowMs : echoOf(calledMs, callDueMs, nowMs)
  const dueMs = Math.max(lateUntilMs, echoUntilMs)
  if (dueMs <= nowMs) return [{ kind: 'call', grade, labelMilliC, template }]
  return dueMs === callDueMs ? [] : [{ kind: 'wait', callDueMs: dueMs }]
}

/** Until when a call still echoes. A clock that was set back since is believed: the call does not wait for it. */
function echoOf(calledMs: number, callDueMs: number | null, nowMs: number): number {
  if (calledMs <= nowMs) return calledMs + AGAIN_WAIT_MS
  return Math.min(callDueMs ?? Number.POSITIVE_INFINITY, nowMs + AGAIN_WAIT_MS)
}

/** Whether a call that waits must be looked at: it is time, or the clock was set back. */
export function isCallDue(callDueMs: number | null, nowMs: number): boolean {
  return callDueMs !== null && (callDueMs <= nowMs || callDueMs > nowMs + PUT_OFF_MS_MAX)
}

function highest(members: readonly Member[]): Severity {
  const grades = members.flatMap(({ finding }) => (finding === undefined ? [] : [gradeOf(finding)]))
  return grades.includes('alarm') ? 'alarm' : 'warning'
}

/** The tightest end of a label that one of the findings is about, or that was known already; null: there is none. */
function tightest({ cause }: IncidentLine, known: number | null, members: readonly Member[]): number | null {
  const side = directionOfCause(cause)
  if (side === null) return null
  const ends = members.map(({ finding }) => (finding === undefined ? null : endOf(finding)))
  return ends.reduce((end, other) => tighterEnd(end, other, side), known)
}

/** The end of a label that a finding is about. */
function endOf(finding: Finding): number | null {
  return labelOfFinding(finding)?.limitMilliC ?? null
}
