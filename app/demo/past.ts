import { type Clock, Problem } from '../../domain/index.ts'
import type { CommandPort, FactsView } from '../../store/index.ts'
import { DEMO_REASON, demoScript, freeze } from './script.ts'

/** How long after the hand-in incidents of the past may still appear, and how often they are looked for. */
const LOOK_FOR_MS = 120_000
const LOOK_MS = 1_000

/**
 * Takes the incidents that were over before the demonstration could show them, so that they are resolved. The freeze is
 * left to whoever looks: what was exposed has to be decided about.
 */
export async function takePastIncidents(parts: {
  readonly commands: CommandPort
  readonly view: Pick<FactsView, 'unresolvedIncidents'>
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<void> {
  const { commands, view, clock, signal } = parts
  const untilMs = clock.monotonicMs() + LOOK_FOR_MS
  const reason = `${DEMO_REASON}: 事后登记 entered afterwards`
  while (!signal.aborted && clock.monotonicMs() < untilMs) {
    const over = view
      .unresolvedIncidents()
      .filter(({ state, seenLate, open }) => state === 'raised' && seenLate === 1 && open === 0)
    for (const { id, place } of over) {
      if (place === freeze.place) continue
      try {
        await commands.command('incident.acknowledge', demoScript, { id, reason })
      } catch (thrown) {
        // somebody was quicker
        if (!(thrown instanceof Problem && thrown.code === 'conflict')) throw thrown
      }
    }
    await clock.sleep(LOOK_MS, signal)
  }
}
