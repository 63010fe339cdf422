import type { FindingReads, TemperatureRow } from '../../../store/index.ts'
import type { PlacedSensor, PointFacts } from './point-facts.ts'

/** Some milliseconds of reading and judging. */
const ROWS_PER_CHUNK = 1_000
/** A clean reading is mostly among the last few. */
const ROWS_FIRST_BACK = 64

type Temperatures = Pick<FindingReads, 'temperaturesFrom' | 'temperaturesBefore'>

/** The temperatures of a point from an instant on, over its placements, earliest first and chunk by chunk. */
export function* chunksFrom(
  reads: Temperatures,
  facts: PointFacts,
  fromMs: number,
): Generator<readonly TemperatureRow[]> {
  for (const placement of inOrder(facts)) {
    const end = placement.toMs ?? Number.MAX_SAFE_INTEGER
    let next = Math.max(placement.fromMs, fromMs)
    while (next < end) {
      const { device, sensor } = placement
      const rows = reads.temperaturesFrom({ device, sensor, fromMs: next, toMs: end }, ROWS_PER_CHUNK)
      if (rows.length > 0) yield rows
      next = rows.length < ROWS_PER_CHUNK ? end : (rows.at(-1)?.tMs ?? end) + 1
    }
  }
}

/** The temperatures of a point before an instant: chunks further and further back, each earliest first. */
export function* chunksBefore(
  reads: Temperatures,
  facts: PointFacts,
  beforeMs: number,
): Generator<readonly TemperatureRow[]> {
  let limit = ROWS_FIRST_BACK
  for (const placement of inOrder(facts).toReversed()) {
    let end = Math.min(placement.toMs ?? Number.MAX_SAFE_INTEGER, beforeMs)
    while (placement.fromMs < end) {
      const { device, sensor, fromMs } = placement
      const rows = reads.temperaturesBefore({ device, sensor, fromMs, toMs: end }, limit)
      if (rows.length > 0) yield rows
      end = rows.length < limit ? fromMs : (rows[0]?.tMs ?? fromMs)
      limit = Math.min(limit * 4, ROWS_PER_CHUNK)
    }
  }
}

function inOrder(facts: PointFacts): readonly PlacedSensor[] {
  return facts.placements.toSorted((a, b) => a.fromMs - b.fromMs)
}
