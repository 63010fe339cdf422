import type { Clock, Log } from '../../../domain/index.ts'
import type { CommandPort } from '../../../store/index.ts'
import type { ClockSync } from '../../doors/clock-sync.ts'
import type { ClockStatus } from '../../link/protocol.ts'
import { reportFound } from './report.ts'
import { type RunningWatch, runWatch } from './running.ts'

/** The two clocks are compared this often. */
const LOOK_MS = 10_000
/** Whoever keeps the clock right is asked this often. */
const ASK_MS = 3_600_000
/**
 * Beyond it the clock did not run, it was set: in 10 s chrony moves it by 0.8 s at most unless told otherwise, and the
 * kernel by 5 ms.
 */
const STEP_MS = 1_000
const SUBJECT = 'clock:server'
/** Before the first answer. */
const nobodyAsked: ClockSync = { synchronised: 'unknown', toldBy: 'nobody' }

/** What it works with. */
export interface ClockWatchParts {
  readonly ask: () => Promise<ClockSync>
  readonly commands: CommandPort
  readonly clock: Clock
  readonly log: Log
}

/**
 * Watches the clock of this machine, by which records are received and silence is judged: compares it with the time
 * that really passed, and asks whether something keeps it right. A step, and another answer than before, are entered in
 * the audit trail: who reads a report years later can tell what its times are worth.
 */
export function startClockWatch(parts: ClockWatchParts): RunningWatch<ClockStatus> {
  return runWatch(new Watch(parts))
}

class Watch {
  readonly #parts: ClockWatchParts
  /** Wall clock minus monotonic clock: stands still as long as nobody sets the clock. */
  #offsetMs: number
  #askedAtMs = Number.NEGATIVE_INFINITY
  /** The answer that was entered last. */
  #told: ClockSync | undefined
  #steps = 0
  #lastStep: ClockStatus['lastStep'] = null

  constructor(parts: ClockWatchParts) {
    this.#parts = parts
    this.#offsetMs = offsetOf(parts.clock)
  }

  get status(): ClockStatus {
    return { ...(this.#told ?? nobodyAsked), steps: this.#steps, lastStep: this.#lastStep }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts
    while (!signal.aborted) {
      if (clock.monotonicMs() - this.#askedAtMs >= ASK_MS) {
        this.#askedAtMs = clock.monotonicMs()
        await this.#ask()
      }
      await clock.sleep(LOOK_MS, signal)
      if (!signal.aborted) await this.#compare()
    }
  }

  async #ask(): Promise<void> {
    const { ask, log } = this.#parts
    const found = await ask()
    const { synchronised, toldBy } = found
    if (synchronised === this.#told?.synchronised) return
    this.#told = found
    if (synchronised === 'no') log.warn({ toldBy }, 'nothing keeps the clock of this machine right')
    const input = { kind: 'clock.state', subject: SUBJECT, found: { synchronised, toldBy } } as const
    await reportFound(this.#parts, input)
  }

  async #compare(): Promise<void> {
    const { clock, log } = this.#parts
    const offsetMs = offsetOf(clock)
    const stepMs = Math.round(offsetMs - this.#offsetMs)
    // what runs a little fast or slow adds up, and is no step
    this.#offsetMs = offsetMs
    if (Math.abs(stepMs) < STEP_MS) return
    this.#steps += 1
    this.#lastStep = { atMs: clock.nowMs(), stepMs }
    log.error({ stepMs }, 'the clock of this machine was set, or the machine stood still')
    await reportFound(this.#parts, { kind: 'clock.step', subject: SUBJECT, found: { stepMs } })
  }
}

function offsetOf(clock: Clock): number {
  return clock.nowMs() - clock.monotonicMs()
}
