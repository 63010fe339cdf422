import type { Kept } from '../../batches/index.ts'
import type { LogSegment } from './segments.ts'

/** What keeps a segment: nothing, so that it may go; or the first of these that does. */
export type KeptBy =
  | { readonly kind: 'nothing' | 'newest' | 'years' | 'older' }
  | { readonly kind: 'lot'; readonly lot: string }
  | { readonly kind: 'consumer'; readonly consumer: string }

/** A segment, and how long it stays. */
export interface SegmentOutlook extends LogSegment {
  /** By its records and lots it may go after this instant, epoch ms; null: not as things stand. */
  readonly mayGoAfterMs: number | null
  readonly keptBy: KeptBy
}

/** What decides how long segments stay. */
export interface OutlookParts {
  /** Until when records are kept that were received until an instant. */
  readonly kept: (receivedUntilMs: number) => Kept
  /** The record each consumer takes next. */
  readonly positions: Readonly<Record<string, number>>
  readonly nowMs: number
}

/**
 * Says of each segment, the oldest first, from when on it may go and what keeps it now. Only the oldest may go: one
 * that stays keeps all behind it. So does a consumer that has not passed the begin of the next one: by the record
 * before its position it knows the journal as its own.
 */
export function outlookOf(
  segments: readonly LogSegment[],
  { kept, positions, nowMs }: OutlookParts,
): readonly SegmentOutlook[] {
  let isOlderKept = false
  return segments.map((segment) => {
    const { next, receivedUntilMs } = segment
    const until = receivedUntilMs === null ? undefined : kept(receivedUntilMs)
    const mayGoAfterMs = until !== undefined && Number.isFinite(until.untilMs) ? until.untilMs : null
    const keptBy = ((): KeptBy => {
      if (next === null || until === undefined) return { kind: 'newest' }
      if (until.untilMs >= nowMs) {
        return until.lot === null ? { kind: 'years' } : { kind: 'lot', lot: until.lot }
      }
      const behind = Object.entries(positions).find(([, position]) => position <= next)
      if (behind !== undefined) return { kind: 'consumer', consumer: behind[0] }
      return { kind: isOlderKept ? 'older' : 'nothing' }
    })()
    isOlderKept ||= keptBy.kind !== 'nothing'
    return { ...segment, mayGoAfterMs, keptBy }
  })
}

/** What may go: the oldest segments that nothing keeps. */
export interface Goes {
  readonly firstKept: number
  readonly records: number
  readonly segments: number
  readonly bytes: number
  readonly receivedUntilMs: number
}

/** Adds up what may go; undefined when nothing may. */
export function whatGoes(outlook: readonly SegmentOutlook[]): Goes | undefined {
  const gone = outlook.filter(({ keptBy }) => keptBy.kind === 'nothing')
  const [oldest, newest] = [gone[0], gone.at(-1)]
  if (oldest === undefined || newest === undefined) return undefined
  const { next, receivedUntilMs } = newest
  if (next === null || receivedUntilMs === null) return undefined
  return {
    firstKept: next,
    records: next - oldest.first,
    segments: gone.length,
    bytes: gone.reduce((sum, { bytes }) => sum + bytes, 0),
    receivedUntilMs,
  }
}
