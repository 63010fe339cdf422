import type { PointOutcome } from '../../../store/index.ts'
import { hasContent } from './outcome.ts'
import type { PointJudgement } from './point-judge.ts'

/** Points written in one transaction. */
const POINTS_PER_COMMIT = 200
/** Who is called for what was found waits no longer than this for the points behind it, and for the one under way. */
const TOLD_WITHIN_MS = 250

/** What was found and is not written yet. */
export class Found {
  outcomes: PointOutcome[] = []
  /** One of them rests on how far it was known who was heard. */
  isByTime = false
  /** Since when a change of a finding waits. */
  #changedMs: number | undefined

  /** A point was judged, at an instant of the monotonic clock. */
  add({ outcome, silenceDueMs, isByRecordTime }: PointJudgement, nowMs: number): void {
    this.isByTime ||= silenceDueMs !== undefined || isByRecordTime
    if (hasContent(outcome)) this.outcomes.push(outcome)
    if (outcome.changes.length > 0) this.#changedMs ??= nowMs
  }

  /** True when it is to be written before more is judged. */
  isDue(nowMs: number): boolean {
    const isLate = this.#changedMs !== undefined && nowMs - this.#changedMs >= TOLD_WITHIN_MS
    return isLate || this.outcomes.length >= POINTS_PER_COMMIT
  }
}
