import type { Clock } from '../../../domain/index.ts'

/** Others run again after this much work at the latest, ms. */
const WORK_MS_MAX = 10

/**
 * A clock whose `sleep(0)` lets others run only when there was work for 10 ms since they last did. While ingest and
 * judge are busy they take some 50 ms each time: who rests after each of thousands of points waits for minutes.
 */
export function restingClock(clock: Clock): Clock {
  let restedMs = clock.monotonicMs()
  return {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => clock.monotonicMs(),
    sleep: async (ms, signal) => {
      if (ms === 0 && clock.monotonicMs() - restedMs < WORK_MS_MAX) return
      await clock.sleep(ms, signal)
      restedMs = clock.monotonicMs()
    },
  }
}
