import { Problem } from '../../domain/index.ts'
import type { Retry } from './writer.ts'

/** The first wait after a failure; it doubles with each further one. */
const BACK_OFF_MIN_MS = 1_000
/** No wait is longer, whatever the server asks: an operator who mends it should see it move. */
const BACK_OFF_MAX_MS = 60_000
/** So many rows may be refused. More would be a database that takes nothing while the status says all is well. */
export const HELD_POINTS_MAX = 10_000

/** The wait after so many failures on end, ms; `afterMs`: what the server asked for. */
export function backOffMs(failures: number, afterMs: number | null): number {
  const ownMs = BACK_OFF_MIN_MS * 2 ** Math.min(failures - 1, 10)
  return Math.min(Math.max(ownMs, afterMs ?? 0), BACK_OFF_MAX_MS)
}

/** The database was made while the projection ran. */
export const WAS_MISSING: Retry = {
  kind: 'retry',
  what: 'The InfluxDB database was missing.',
  remedy: 'It was made and everything is projected again; find out who dropped it.',
  afterMs: null,
}

/** InfluxDB refuses too much. */
export const TOO_MANY_HELD: Retry = {
  kind: 'retry',
  what: `InfluxDB refuses ${HELD_POINTS_MAX} rows (their reasons are in table influx_held).`,
  remedy: 'The database does not fit what is written: project into a new, empty database.',
  afterMs: null,
}

/** The store does not belong to itself. */
export function beyondIngest(cursor: number, ingested: number): Problem {
  return new Problem('store-damaged', {
    what: `The InfluxDB projection stands at record ${cursor}, beyond ingest's ${ingested}.`,
    remedy:
      'The canonical store does not belong to itself: restore it whole, or rebuild it from the journal.',
  })
}
