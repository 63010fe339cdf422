import { nowMs, steadyMs } from './doors.ts'

/** An instant by both clocks of this computer. */
export interface Instant {
  readonly wallMs: number
  readonly steadyMs: number
}

/** This instant. */
export function instant(): Instant {
  return { wallMs: nowMs(), steadyMs: steadyMs() }
}

/**
 * What has passed since an instant, ms: the longer of what the two clocks say. One is set now and then, the other may
 * stand still while the computer sleeps, and nothing on the page may look younger than it is.
 */
export function elapsedMs(since: Instant): number {
  const now = instant()
  return Math.max(now.wallMs - since.wallMs, now.steadyMs - since.steadyMs)
}
