import { type Clock, Problem } from '../../domain/index.ts'
import type { CommandPort, FactsView, QueryPort } from '../../store/index.ts'
import { DEMO_REASON, demoScript, freeze } from './script.ts'

/** How long after the hand-in incidents of the past may still appear, and how often they are looked for. */
const LOOK_FOR_MS = 120_000
const LOOK_MS = 1_000

/** Whoever is called in this city takes it so many minutes after it began, one sooner than another. */
const TAKEN_AFTER_MIN = 4
const TAKEN_WITHIN_MIN = 9
const MINUTE_MS = 60_000

/**
 * Takes the incidents that were over before the demonstration could show them, so that they are resolved. The freeze is
 * left to whoever looks: what was exposed has to be decided about. Each is claimed to have been taken some minutes
 * after it began.
 */
export async function takePastIncidents(parts: {
  readonly commands: CommandPort
  readonly view: Pick<FactsView, 'unresolvedIncidents'>
  readonly queries: QueryPort
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<void> {
  const { commands, queries, view, clock, signal } = parts
  const untilMs = clock.monotonicMs() + LOOK_FOR_MS
  const reason = `${DEMO_REASON}: 事后登记 entered afterwards`
  while (!signal.aborted && clock.monotonicMs() < untilMs) {
    const over = view
      .unresolvedIncidents()
      .filter(({ state, seenLate, open }) => state === 'raised' && seenLate === 1 && open === 0)
    for (const { id, place } of over) {
      if (place === freeze.place) continue
      const claimedAtMs = await claimedOf(queries, id, clock.nowMs())
      const claim = claimedAtMs === undefined ? {} : { claimedAtMs }
      try {
        await commands.command('incident.acknowledge', demoScript, { id, reason, ...claim })
      } catch (thrown) {
        // somebody was quicker
        if (!(thrown instanceof Problem && thrown.code === 'conflict')) throw thrown
      }
    }
    await clock.sleep(LOOK_MS, signal)
  }
}

/** When an incident is claimed to have been taken, epoch ms; undefined where that is still to come, or unknown. */
async function claimedOf(queries: QueryPort, id: string, nowMs: number): Promise<number | undefined> {
  const answer = await queries.query('incident', { id })
  const { since } = JSON.parse(Buffer.from(answer).toString('utf8')) as { readonly since: string | null }
  if (since === null) return undefined
  // ids are random, and the same incident is always taken as soon
  const laterMin = Number.parseInt(id.slice(-4), 16) % TAKEN_WITHIN_MIN
  const claimedAtMs = Date.parse(since) + (TAKEN_AFTER_MIN + laterMin) * MINUTE_MS
  return claimedAtMs < nowMs ? claimedAtMs : undefined
}
