import type { Clock } from '../../../domain/index.ts'

/** Others run again after this much work at the latest, ms. */
const WORK_MS_MAX = 10

/** While others have work they run for so many times as long as we did, ms: a fifth of the thread is ours. */
const BUSY_REST = 4
/** No single pause is longer: what was waited for on the network would count as work. */
const PAUSE_MS_MAX = 1_000

/** A clock of somebody who does much work in small pieces. */
export interface RestingClock extends Clock {
  /** What was done since it last rested was not by us. */
  begin(): void
  /** How long we worked since the beginning of time, without what others did while we rested, ms. */
  workedMs(): number
}

/**
 * A clock whose `sleep(0)` lets others run only when there was work for 10 ms since they last did. While ingest and
 * judge are busy they take some 50 ms each time: who rests after each of thousands of points waits for minutes. While
 * `isBusy` says that others have work one turn for each of ours is too little for what they do in many turns, so they
 * get four times as long as we had.
 */
export function restingClock(clock: Clock, isBusy: () => boolean = () => false): RestingClock {
  let restedMs = clock.monotonicMs()
  let doneMs = 0
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    begin: () => {
      restedMs = clock.monotonicMs()
    },
    workedMs: () => doneMs + clock.monotonicMs() - restedMs,
    sleep: async (ms, signal) => {
      const workedMs = clock.monotonicMs() - restedMs
      if (ms === 0 && workedMs < WORK_MS_MAX) return
      doneMs += workedMs
      const pauseMs = ms === 0 && isBusy() ? Math.min(workedMs * BUSY_REST, PAUSE_MS_MAX) : ms
      await clock.sleep(pauseMs, signal)
      restedMs = clock.monotonicMs()
    },
  }
}
