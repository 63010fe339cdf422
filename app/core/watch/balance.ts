import { type Clock, type Log, reasonOf, READINGS_LOG } from '../../../domain/index.ts'
import { type CommandPort, type Miscount, openRecount, type Recount } from '../../../store/index.ts'
import type { BalanceStatus } from '../../link/protocol.ts'
import { reportFound } from './report.ts'
import { type RunningWatch, runWatch } from './running.ts'

/**
 * A round over all devices begins no sooner than this after the one before, and after the start, which has enough to
 * do; so soon is one tried again that could not be ended.
 */
const ROUND_MS_MIN = 60_000
/** Between two steps it rests so many times as long as the step took: at most two percent of the thread. */
const REST_FACTOR = 50
/** The shortest rest, so that commands and readings come between. */
const REST_MS_MIN = 5
/** Devices asked for at once. */
const DEVICES_PER_PAGE = 500
/** Mismatches that are told apart; more are the same trouble. */
const MISMATCHES_MAX = 100

/** What it works with. */
export interface BalanceWatchParts {
  /** The file of readings. */
  readonly path: string
  readonly commands: CommandPort
  readonly clock: Clock
  readonly log: Log
}

/**
 * Counts the rows of one device after the other, round after round, and compares them with the counters of promise 2.
 * A sum that does not come out is logged, shown by `doctor` and entered in the audit trail, once as long as it stays
 * the same.
 */
export function startBalanceWatch(parts: BalanceWatchParts): RunningWatch<BalanceStatus> {
  return runWatch(new Watch(parts))
}

class Watch {
  readonly #parts: BalanceWatchParts
  /** By device (or the log, for all together) and sum. */
  readonly #wrong = new Map<string, { readonly subject: string; readonly miscount: Miscount }>()
  #comparedAtMs: number | null = null

  constructor(parts: BalanceWatchParts) {
    this.#parts = parts
  }

  get status(): BalanceStatus {
    const wrong = [...this.#wrong.values()].map(({ subject, miscount }) => ({ subject, ...miscount }))
    return { comparedAtMs: this.#comparedAtMs, mismatches: wrong }
  }

  async run(signal: AbortSignal): Promise<void> {
    const { path, clock, log } = this.#parts
    let dueMs = clock.monotonicMs() + ROUND_MS_MIN
    for (;;) {
      await clock.sleep(Math.max(REST_MS_MIN, dueMs - clock.monotonicMs()), signal)
      if (signal.aborted) return
      dueMs = clock.monotonicMs() + ROUND_MS_MIN
      let recount: Recount | undefined
      try {
        recount = openRecount(path)
        await this.#round(recount, signal)
        if (!signal.aborted) this.#comparedAtMs = clock.nowMs()
      } catch (thrown) {
        // Nothing is lost: nothing was compared, which the status shows by an old time.
        log.warn({ reason: reasonOf(thrown) }, 'the balance could not be compared; trying again')
      } finally {
        recount?.close()
      }
    }
  }

  async #round(recount: Recount, signal: AbortSignal): Promise<void> {
    let after: string | undefined
    for (;;) {
      const page = recount.devices(after, DEVICES_PER_PAGE)
      for (const id of page) {
        const found = await this.#compared(recount, id, signal)
        if (found === undefined) return
        await this.#tell(`device:${id}`, found)
        // as long as anybody reads of an instant, what is written since cannot be moved out of SQLite's log: it grows
        await this.#parts.clock.sleep(REST_MS_MIN, signal)
      }
      after = page.at(-1)
      if (page.length < DEVICES_PER_PAGE) break
    }
    await this.#tell(`log:${READINGS_LOG}`, recount.log())
  }

  /** Undefined when it was told to stop. */
  async #compared(
    recount: Recount,
    id: string,
    signal: AbortSignal,
  ): Promise<readonly Miscount[] | undefined> {
    const { clock } = this.#parts
    const steps = recount.device(id)
    for (;;) {
      const startedMs = clock.monotonicMs()
      const step = steps.next()
      if (step.done === true) return step.value
      await clock.sleep(Math.max(REST_MS_MIN, (clock.monotonicMs() - startedMs) * REST_FACTOR), signal)
      if (signal.aborted) {
        steps.return([])
        return undefined
      }
    }
  }

  async #tell(subject: string, found: readonly Miscount[]): Promise<void> {
    const { log } = this.#parts
    for (const [key, { subject: other, miscount }] of this.#wrong) {
      if (other !== subject || found.some(({ what }) => what === miscount.what)) continue
      this.#wrong.delete(key)
      log.info(
        { subject, sum: miscount.what, counted: miscount.counted, found: miscount.found },
        'a sum of the balance comes out again',
      )
    }
    for (const miscount of found) {
      const key = `${subject} ${miscount.what}`
      const known = this.#wrong.get(key)?.miscount
      if (known?.counted === miscount.counted && known.found === miscount.found) continue
      if (known === undefined && this.#wrong.size >= MISMATCHES_MAX) continue
      this.#wrong.set(key, { subject, miscount })
      log.error(
        { subject, sum: miscount.what, counted: miscount.counted, found: miscount.found },
        'a sum of the balance does not come out',
      )
      await reportFound(this.#parts, { kind: 'balance.mismatch', subject, found: { ...miscount } })
    }
  }
}
