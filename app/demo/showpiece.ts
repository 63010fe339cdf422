import { scenarios } from '../../devices-sim/index.ts'
import type { Clock } from '../../domain/index.ts'
import type { FactsView } from '../../store/index.ts'
import type { DemoFleet } from './fleet.ts'
import { SHOWPIECE_PLACE } from './script.ts'

/** Time to open the page and look around before something happens. */
const BEGINS_AFTER_MS = 30_000
/** Whoever took the incident needs this long to get there and repair the fan. */
const REPAIR_MS = 3 * 60_000
const LOOK_MS = 1_000

/** What the showpiece works with. */
export interface ShowpieceParts {
  readonly fleet: Pick<DemoFleet, 'begin' | 'end'>
  readonly view: Pick<FactsView, 'unresolvedIncident'>
  readonly clock: Clock
  readonly signal: AbortSignal
}

/**
 * The fans of the distributor's room B fail in real time: within about a minute the room passes the critical value and
 * the required range, and people are called. Some minutes after somebody took the incident they run again; without
 * anybody, when the scenario is over by itself.
 */
export async function playShowpiece({ fleet, view, clock, signal }: ShowpieceParts): Promise<void> {
  const target = SHOWPIECE_PLACE
  const scenario = 'fan-failure'
  await clock.sleep(BEGINS_AFTER_MS, signal)
  if (signal.aborted) return
  const fromMs = clock.nowMs()
  const toMs = fromMs + scenarios[scenario].lastsMs
  await fleet.begin({ target, scenario, atMs: fromMs }, { scenario, fromMs, toMs })
  while (!signal.aborted && clock.nowMs() < toMs) {
    const incident = view.unresolvedIncident(target, 'warm')
    const takenMs = incident?.acknowledgedMs ?? null
    if (takenMs !== null && takenMs >= fromMs && clock.nowMs() >= takenMs + REPAIR_MS) {
      await fleet.end({ target, scenario, atMs: clock.nowMs() })
      return
    }
    await clock.sleep(LOOK_MS, signal)
  }
}
