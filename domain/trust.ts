import type { HeldReason } from './reasons.ts'
import { marks } from './reading.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000

/** A device clock may run ahead by this much before its time is distrusted. */
export const FUTURE_TOLERANCE_MS = 5 * MINUTE_MS
/** A stated time within this of an unset-clock epoch is a clock that was never set. */
export const UNSET_CLOCK_RANGE_MS = 2 * DAY_MS
/** Without `acceptFrom`, a device's readings are accepted from this long before its registration. */
export const ACCEPT_BEFORE_REGISTRATION_MS = 60 * DAY_MS
/** The gap a storage sensor may leave before its state is unknown is never shorter than this. */
export const MAX_GAP_FLOOR_MS = 15 * MINUTE_MS

/** What clocks show before they are set: Unix, DOS/FAT, GPS week 0, and the common embedded year 2000. */
export const unsetClockEpochsMs: readonly number[] = [
  Date.UTC(1970, 0, 1),
  Date.UTC(1980, 0, 1),
  Date.UTC(1980, 0, 6),
  Date.UTC(2000, 0, 1),
]

/** After this no time is near one. */
const UNSET_CLOCK_END_MS = Math.max(...unsetClockEpochsMs) + UNSET_CLOCK_RANGE_MS

/** How long a reading speaks for its sensor: 3 x the expected interval, at least the floor (design section 6). */
export function maxGapMs(expectedIntervalMs: number, floorMs = MAX_GAP_FLOOR_MS): number {
  return Math.max(3 * expectedIntervalMs, floorMs)
}

/** What the judgement of a stated time needs; all of it from the record and the facts, none from "now". */
export interface StatedTime {
  readonly atMs: number | null
  readonly hasSeq: boolean
  readonly receivedAtMs: number
  readonly acceptFromMs: number
  readonly expectedIntervalMs: number
  /** One reading per sensor in its record, and the device's previous record long enough ago; see `isLivePace`. */
  readonly live: boolean
  /** True when its record holds another reading of the same sensor. */
  readonly crowded: boolean
}

/** Where a reading stands in time: `at` as stated, arrival with a mark, or held with a reason. */
export type TimeJudgement =
  | { readonly use: 'stated'; readonly marks: number }
  | { readonly use: 'arrival'; readonly marks: number }
  | { readonly use: 'none'; readonly reason: HeldReason }

/** Decides which time a reading is stored under (design section 5, "Distrusted time" and "Late data"). */
export function judgeTime(stated: StatedTime): TimeJudgement {
  const { atMs, receivedAtMs } = stated
  if (atMs === null) {
    return stated.crowded ? { use: 'none', reason: 'no-time' } : { use: 'arrival', marks: marks.arrivalTime }
  }
  const distrust = distrustOf(atMs, stated)
  if (distrust !== undefined) {
    return stated.live ? { use: 'arrival', marks: distrust.mark } : { use: 'none', reason: distrust.reason }
  }
  if (receivedAtMs - atMs <= maxGapMs(stated.expectedIntervalMs)) return { use: 'stated', marks: 0 }
  if (!stated.hasSeq) return { use: 'none', reason: 'backfill-not-allowed' }
  return { use: 'stated', marks: marks.storeAndForward }
}

/** A device's records follow each other at a live pace when at least half an expected interval lies between them. */
export function isLivePace(
  receivedAtMs: number,
  previousReceivedAtMs: number | null,
  expectedIntervalMs: number,
): boolean {
  return previousReceivedAtMs === null || receivedAtMs - previousReceivedAtMs >= expectedIntervalMs / 2
}

function distrustOf(
  atMs: number,
  stated: StatedTime,
): { readonly mark: number; readonly reason: HeldReason } | undefined {
  if (atMs > stated.receivedAtMs + FUTURE_TOLERANCE_MS) {
    return { mark: marks.distrustedFuture, reason: 'future-time' }
  }
  const isUnset =
    atMs <= UNSET_CLOCK_END_MS &&
    unsetClockEpochsMs.some((epochMs) => Math.abs(atMs - epochMs) <= UNSET_CLOCK_RANGE_MS)
  if (isUnset) {
    return { mark: marks.distrustedUnsetClock, reason: 'unset-clock' }
  }
  if (atMs < stated.acceptFromMs) {
    return { mark: marks.distrustedBeforeAcceptFrom, reason: 'before-accept-from' }
  }
  return undefined
}
