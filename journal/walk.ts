import type { Catalogue } from './catalogue.ts'
import { decide, type Reach } from './decision.ts'
import { FRAME_HEADER_BYTES, SEGMENT_HEADER_BYTES } from './format.ts'
import type { Look, SegmentReader } from './segment-reader.ts'

/** A whole frame and where it lies. */
export interface Frame {
  readonly firstIndex: number
  readonly count: number
  readonly offset: number
  readonly bytes: number
}

/** The whole frames of a segment and what lies behind them. */
export interface Walk {
  /** The place behind the whole frames, and what was seen there. */
  readonly index: number
  readonly offset: number
  readonly stop: Look
  readonly last: Frame | undefined
  readonly lastWithRecords: Frame | undefined
}

/**
 * Reads a segment from its first frame up to the first place that does not hold a whole frame where one may
 * be, and marks the places passed in the catalogue.
 */
export async function walkSegment(
  reader: SegmentReader,
  reachOf: (index: number) => Reach,
  catalogue: Catalogue,
): Promise<Walk> {
  let index = reader.firstIndex
  let offset = SEGMENT_HEADER_BYTES
  let last: Frame | undefined
  let lastWithRecords: Frame | undefined
  for (;;) {
    const look: Look = reader.headerState === 'good' ? await reader.look(offset, index) : { sight: 'nothing' }
    const place = { header: reader.headerState, sight: look.sight, confirmed: true, reach: reachOf(index) }
    // Whether the last frame is confirmed is known only after the walk; here it matters that it is whole.
    if (look.header === undefined || decide(place).decision !== 'keep') {
      return { index, offset, stop: look, last, lastWithRecords }
    }
    const { count, payloadBytes } = look.header
    last = { firstIndex: index, count, offset, bytes: FRAME_HEADER_BYTES + payloadBytes }
    if (count > 0) lastWithRecords = last
    index += count
    offset += last.bytes
    catalogue.mark(reader.firstIndex, index, offset)
  }
}
