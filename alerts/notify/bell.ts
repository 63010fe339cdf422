import type { Clock } from '../../domain/index.ts'

/** Wakes one sleeper. A ring while nobody sleeps is kept for the next sleep, so none is missed. */
export interface Bell {
  ring(): void
  /** Resolves when it rings, or after `ms`. */
  wait(ms: number): Promise<void>
}

/** A bell that has not rung. */
export function createBell(clock: Clock): Bell {
  let hasRung = false
  let sleeper: AbortController | undefined
  return {
    ring: () => {
      hasRung = true
      sleeper?.abort()
    },
    wait: async (ms) => {
      if (!hasRung) {
        sleeper = new AbortController()
        await clock.sleep(ms, sleeper.signal)
        sleeper = undefined
      }
      hasRung = false
    },
  }
}
