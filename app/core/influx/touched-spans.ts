import { sensorPath } from '../../../domain/index.ts'
import type { CanonicalReads, ChangedSpan } from '../../../store/index.ts'

/** Records of one look at what has changed, and about so many rows: some ten milliseconds. */
const RECORDS_PER_LOOK = 10_000
const ROWS_PER_LOOK = 20_000

/**
 * In which time readings before an instant lie that records [from, to) changed, or faults they told of: one span for
 * each sensor, however many records there are. Not of all of them once the signal aborts. Epoch ms.
 */
export async function touchedSpans(
  parts: {
    readonly reads: Pick<CanonicalReads, 'changedTo' | 'changedSpans' | 'changedFaults'>
    /** Lets others run. */
    readonly rest: () => Promise<void>
  },
  { from, to, beforeMs }: { readonly from: number; readonly to: number; readonly beforeMs: number },
  signal: AbortSignal,
): Promise<readonly ChangedSpan[]> {
  const { reads, rest } = parts
  const spans = new Map<string, ChangedSpan>()
  for (let first = from; first < to && !signal.aborted; ) {
    const end = reads.changedTo(first, Math.min(first + RECORDS_PER_LOOK, to), ROWS_PER_LOOK)
    for (const span of [...reads.changedSpans(first, end, beforeMs), ...reads.changedFaults(first, end)]) {
      const path = sensorPath(span.device, span.sensor)
      spans.set(path, united(span, spans.get(path) ?? span))
    }
    first = end
    await rest()
  }
  return [...spans.values()]
}

function united(one: ChangedSpan, other: ChangedSpan): ChangedSpan {
  const firstMs = Math.min(one.firstMs, other.firstMs)
  return { ...one, firstMs, lastMs: Math.max(one.lastMs, other.lastMs) }
}
