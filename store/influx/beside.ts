import type { Log } from '../../domain/index.ts'
import { Lines } from './lines.ts'
import type { InfluxPoint } from './point.ts'
import { pointLine } from './point.ts'
import type { DeletedPoints, InfluxWriter, Stopped } from './writer.ts'

/** Something that is written beside the readings, with cursors of its own. */
export interface BesideProjection {
  /**
   * Writes the next piece. `more`: there may be more at once. `later`: there is more, and it has time. `done`: nothing
   * waits. Anything else: nothing is lost, the piece is written again by the next step.
   */
  step(signal: AbortSignal): Promise<'more' | 'later' | 'done' | Stopped>
  /** The database is empty: all is to be written again. */
  rewind(): Promise<void>
}

/**
 * Writes points; those InfluxDB refuses are logged and left out, since what they tell is kept elsewhere. Undefined when
 * all others are written.
 */
export async function writePoints(
  { writer, log }: { readonly writer: InfluxWriter; readonly log: Log },
  points: readonly InfluxPoint[],
  signal: AbortSignal,
): Promise<Stopped | undefined> {
  const lines = new Lines()
  const refusals: string[] = []
  for (const point of points) {
    const made = pointLine(point)
    if ('line' in made) lines.add(made.line)
    else refusals.push(made.refused)
  }
  const verdict = await writer.write(lines, signal)
  if (verdict.kind !== 'written') return verdict
  refusals.push(...verdict.refused.map(({ reason }) => reason))
  if (refusals.length > 0) {
    const measurement = points[0]?.measurement ?? ''
    log.warn({ measurement, points: refusals.length, reason: refusals[0] }, 'InfluxDB refuses points')
  }
  return undefined
}

/** Deletes points, where this InfluxDB can; where it cannot, that is logged and they may stay. */
export async function takeAway(
  { writer, log }: { readonly writer: InfluxWriter; readonly log: Log },
  which: DeletedPoints,
  signal: AbortSignal,
): Promise<Stopped | undefined> {
  const deleted = await writer.deletePoints(which, signal)
  if (deleted.kind === 'deleted') return undefined
  if (deleted.kind === 'missing' || deleted.isRefused !== true) return deleted
  log.info({ measurement: which.measurement, reason: deleted.what }, 'points of before may stay in InfluxDB')
  return undefined
}
