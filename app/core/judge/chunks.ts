import type { MeasuredQuantity } from '../../../domain/index.ts'
import type { FindingReads, ValueRow } from '../../../store/index.ts'
import type { PlacedSensor, PointFacts } from './point-facts.ts'

/** Some milliseconds of reading and judging. */
const ROWS_PER_CHUNK = 1_000
/** A clean reading is mostly among the last few. */
const ROWS_FIRST_BACK = 64

type Values = Pick<FindingReads, 'valuesFrom' | 'valuesBefore'>

/** The values of a quantity at a point from an instant on, over its placements, earliest first and chunk by chunk. */
export function* chunksFrom(
  reads: Values,
  facts: PointFacts,
  quantity: MeasuredQuantity,
  fromMs: number,
): Generator<readonly ValueRow[]> {
  for (const placement of inOrder(facts)) {
    const end = placement.toMs ?? Number.MAX_SAFE_INTEGER
    let next = Math.max(placement.fromMs, fromMs)
    while (next < end) {
      const { device, sensor } = placement
      const rows = reads.valuesFrom(quantity, { device, sensor, fromMs: next, toMs: end }, ROWS_PER_CHUNK)
      if (rows.length > 0) yield rows
      next = rows.length < ROWS_PER_CHUNK ? end : (rows.at(-1)?.tMs ?? end) + 1
    }
  }
}

/** The values of a quantity at a point before an instant: chunks further and further back, each earliest first. */
export function* chunksBefore(
  reads: Values,
  facts: PointFacts,
  quantity: MeasuredQuantity,
  beforeMs: number,
): Generator<readonly ValueRow[]> {
  let limit = ROWS_FIRST_BACK
  for (const placement of inOrder(facts).toReversed()) {
    let end = Math.min(placement.toMs ?? Number.MAX_SAFE_INTEGER, beforeMs)
    while (placement.fromMs < end) {
      const { device, sensor, fromMs } = placement
      const rows = reads.valuesBefore(quantity, { device, sensor, fromMs, toMs: end }, limit)
      if (rows.length > 0) yield rows
      end = rows.length < limit ? fromMs : (rows[0]?.tMs ?? fromMs)
      limit = Math.min(limit * 4, ROWS_PER_CHUNK)
    }
  }
}

function inOrder(facts: PointFacts): readonly PlacedSensor[] {
  return facts.placements.toSorted((a, b) => a.fromMs - b.fromMs)
}
