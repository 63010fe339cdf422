import { type Clock, Problem } from '../../domain/index.ts'
import type { Balance } from '../../store/index.ts'
import type { LocalCore } from './local-core.ts'

/** What became of readings between two balances; a message held whole counts as one held. */
export interface Found {
  readonly stored: number
  readonly complement: number
  readonly duplicate: number
  readonly held: number
}

const LOOK_INTERVAL_MS = 100
/** Ingest takes thousands of records a second; none for this long means it has stopped. */
const STILL_MS_MAX = 30_000

/** The balance of a device now. */
export async function balanceOf(core: LocalCore, device: string): Promise<Balance> {
  return (await core.query('balance', { device })) as Balance
}

/**
 * Waits until both followers of the journal have reached its durable end, then answers the balance. Throws
 * `core-unavailable` when they stand still.
 */
export async function settledBalance(core: LocalCore, device: string, clock: Clock): Promise<Balance> {
  let best = -1
  let movedMs = clock.monotonicMs()
  for (;;) {
    const status = await core.status()
    const reached = Math.min(status?.ingest ?? 0, status?.census ?? 0)
    if (status?.durableEnd !== null && status?.durableEnd !== undefined && reached >= status.durableEnd) {
      return balanceOf(core, device)
    }
    const nowMs = clock.monotonicMs()
    if (reached > best) {
      best = reached
      movedMs = nowMs
    }
    if (nowMs - movedMs > STILL_MS_MAX) {
      throw new Problem('core-unavailable', {
        what: `Ingest has stood still at record ${reached} for ${STILL_MS_MAX / 1000} s.`,
        remedy: 'Run `isotherm doctor` and look at the log; what was acknowledged is in the journal.',
      })
    }
    await clock.sleep(LOOK_INTERVAL_MS)
  }
}

/** What was added from `before` to `after`. */
export function difference(before: Balance, after: Balance): Found {
  return {
    stored: after.readings.stored - before.readings.stored,
    complement: after.readings.complement - before.readings.complement,
    duplicate: after.readings.duplicate - before.readings.duplicate,
    held: after.readings.held - before.readings.held + (after.messages.held - before.messages.held),
  }
}
