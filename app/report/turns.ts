import { type Clock, Problem } from '../../domain/index.ts'

/** A report works for so long at a time; a rest each day of a point would take longer than all the work. */
export const TURN_MS = 15
/** Nobody waits for a report longer than this: the request has been answered by then. */
export const REPORT_MS_MAX = 60_000

/**
 * Makes a function to be called between pieces of work: it leaves the thread to others for a moment once a turn is
 * over. It rejects with `core-unavailable` when the whole has taken too long, so that nothing is made for nobody.
 */
export function takingTurns(clock: Pick<Clock, 'monotonicMs' | 'sleep'>): () => Promise<void> {
  const startMs = clock.monotonicMs()
  let turnMs = startMs
  return async () => {
    const nowMs = clock.monotonicMs()
    if (nowMs - startMs > REPORT_MS_MAX) throw tooSlow()
    if (nowMs - turnMs < TURN_MS) return
    await clock.sleep(0)
    turnMs = clock.monotonicMs()
  }
}

function tooSlow(): Problem {
  return new Problem('core-unavailable', {
    what: 'The report took too long.',
    remedy: 'Ask for a shorter period, or for a place with fewer points, or try again later.',
  })
}
