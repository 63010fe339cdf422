import type { ChangedRow, ProjectionReads } from '../readings/canonical-port.ts'
import type { HeldPoint } from '../readings/port.ts'
import { readingLine } from './line.ts'
import type { ProjectedPlaces } from './reprojection.ts'
import type { InfluxWriter, Retry } from './writer.ts'

/** What one step came to. */
export type StepOutcome =
  | {
      readonly kind: 'projected'
      readonly next: number
      readonly rows: number
      readonly held: readonly HeldPoint[]
      readonly expired: number
    }
  | { readonly kind: 'missing' }
  | Retry

/** What a step works on: rows changed by records [from, to), about `limit` of them. */
export interface ProjectionStep {
  readonly reads: ProjectionReads
  readonly writer: InfluxWriter
  readonly places: Pick<ProjectedPlaces, 'of'>
  readonly from: number
  readonly to: number
  readonly limit: number
  readonly signal: AbortSignal
}

/**
 * Writes the next rows as they now stand. `next` is where the cursor may move once `held` is kept; the rows of
 * one record are never split by it.
 */
export async function projectionStep(step: ProjectionStep): Promise<StepOutcome> {
  const { rows, next } = step.reads.changedRows(step.from, step.to, step.limit)
  const held: HeldPoint[] = []
  const sent: ChangedRow[] = []
  const lines: string[] = []
  for (const row of rows) {
    const line = readingLine(row, step.places.of(row.device, row.sensor, row.tMs))
    if ('refused' in line) {
      held.push(heldPoint(row, line.refused))
      continue
    }
    sent.push(row)
    lines.push(line.line)
  }
  const verdict = await step.writer.write(lines, step.signal)
  if (verdict.kind !== 'written') return verdict
  for (const { at, reason } of verdict.refused) {
    const row = sent[at]
    if (row !== undefined) held.push(heldPoint(row, reason))
  }
  return { kind: 'projected', next, rows: rows.length, held, expired: verdict.expired }
}

function heldPoint({ series, tMs, sub }: ChangedRow, reason: string): HeldPoint {
  return { series, tMs, sub, reason }
}
