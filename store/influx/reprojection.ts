import { type PlacementChange, sensorPath } from '../../domain/index.ts'
import type { ChangedRow, ProjectionReads } from '../readings/canonical-port.ts'
import type { ReadingPlace, SensorPeriod } from '../readings/port.ts'
import { valueParameters } from '../readings/rows.ts'
import type { ChangedTuple } from '../readings/tuples.ts'
import { LINES_PER_WRITE } from './line.ts'
import { Lines } from './lines.ts'
import { TIME_MS_MAX } from './query.ts'
import { ReadingLines } from './reading-lines.ts'
import type { InfluxWriter, Stopped } from './writer.ts'

/** Where a sensor was in all of [fromMs, toMs), epoch ms, infinite where nothing bounds it; undefined = nowhere. */
export interface PlacedAround {
  readonly fromMs: number
  readonly toMs: number
  readonly where: ReadingPlace | undefined
}

/** Where readings belong, for the tags of their points, and which of them moved. */
export interface ProjectedPlaces {
  /** Where a sensor was at an instant, and how long around it. */
  around(device: string, sensor: string, tMs: number): PlacedAround
  /** Another number whenever `around` may answer otherwise than before. */
  version(): number
  /** Changes of placements behind number `after`, ascending; `around` knows of each that is answered. */
  changes(after: number): Promise<readonly PlacementChange[]>
  /** Keeps cursor `influx-places`, durably, when the change of this number is done. */
  saveCursor(seq: number): Promise<void>
}

/** What a reprojection works on. */
export interface Reprojection {
  readonly reads: ProjectionReads
  readonly writer: InfluxWriter
  readonly places: ProjectedPlaces
  readonly signal: AbortSignal
}

/**
 * Takes changes of placements not yet taken, up to the first that has rows to write again: what InfluxDB has of the
 * touched sensor and period is deleted, and the canonical rows are written again with the tags that hold now. A sensor
 * without rows has no points either. The cursor moves last, and doing a change twice changes nothing. Answers `more`
 * when there may be others, `done` when there are none.
 */
export async function reproject(work: Reprojection): Promise<Stopped | 'more' | 'done'> {
  const { reads, places } = work
  const changes = await places.changes(reads.cursor('influx-places'))
  let passed: number | undefined
  for (const change of changes) {
    if (reads.rowsOf(pieceOf(change), 1).length > 0) {
      // what was passed until here is kept first: the next may be stopped
      if (passed !== undefined) await places.saveCursor(passed)
      const stopped = await rewrite(work, pieceOf(change))
      if (stopped !== undefined) return stopped
      await places.saveCursor(change.seq)
      return 'more'
    }
    passed = change.seq
  }
  if (passed !== undefined) await places.saveCursor(passed)
  return changes.length > 0 ? 'more' : 'done'
}

function pieceOf({ device, sensor, fromMs, toMs }: PlacementChange): SensorPeriod {
  return { device, sensor, fromMs, toMs: toMs ?? TIME_MS_MAX }
}

async function rewrite(
  { reads, writer, places, signal }: Reprojection,
  piece: SensorPeriod,
): Promise<Stopped | undefined> {
  const { device, sensor, fromMs, toMs } = piece
  const tag = { name: 'sensor', value: sensorPath(device, sensor) }
  const deleted = await writer.deletePoints({ measurement: 'reading', tag, fromMs, toMs }, signal)
  if (deleted.kind !== 'deleted') return deleted
  const made = new ReadingLines(reads, places)
  const lines = new Lines()
  let last: ChangedRow | undefined
  do {
    const rows = reads.rowsOf(piece, LINES_PER_WRITE, last)
    // a row that cannot be a line is held already, by the projection that first met it
    for (const row of rows) made.add(lines, tupleOf(row))
    const verdict = await writer.write(lines, signal)
    if (verdict.kind !== 'written') return verdict
    lines.clear()
    last = rows.length < LINES_PER_WRITE ? undefined : rows.at(-1)
  } while (last !== undefined)
  return undefined
}

/** A row by its columns; by which record it was changed is not asked for. */
function tupleOf({ series, tMs, sub, seq, receivedAtMs, values }: ChangedRow): ChangedTuple {
  return [0, series, tMs, sub, seq, receivedAtMs, ...valueParameters(values)]
}
