import type { Reach } from './decision.ts'
import type { Disk } from './disk.ts'
import { parseSegmentName, SEGMENT_HEADER_BYTES } from './format.ts'
import { TRIM_NOTE_NAME } from './trim-note.ts'

/** At least this much of a segment lies between two remembered places: what a follower may have to step over. */
const MARK_SPACING_BYTES = 1024 * 1024
/** Remembered places over all segments (some 64 GiB of log in about 4 MB of memory); then the oldest are forgotten. */
const MARKS_MAX = 65_536

/** Where a segment lies in the log; `nextFirstIndex` undefined = it is the last one we know. */
export interface SegmentSpan {
  readonly firstIndex: number
  readonly nextFirstIndex: number | undefined
}

/** How a place where record `index` is expected lies to the segment after its own. */
export function reachOf(span: SegmentSpan, index: number): Reach {
  const next = span.nextFirstIndex
  if (next === undefined) return 'last'
  if (index === next) return 'at'
  return index < next ? 'before' : 'after'
}

/** A place where a frame begins. */
export interface Mark {
  readonly index: number
  readonly offset: number
}

/** Which segments a log has, and some places inside them, so that nobody must read a segment from its start. */
export class Catalogue {
  readonly directory: string
  private readonly disk: Disk
  /** True when the directory had a note of what was removed, at the last reading of it. */
  hasNote = false
  private firstIndexes: number[] = []
  private readonly marks = new Map<number, Mark[]>()
  private markCount = 0

  constructor(disk: Disk, directory: string) {
    this.disk = disk
    this.directory = directory
  }

  /** Reads the directory again. Rejects with the disk's error. */
  async load(): Promise<void> {
    const names = await this.disk.list(this.directory)
    this.hasNote = names.includes(TRIM_NOTE_NAME)
    this.firstIndexes = names
      .map(parseSegmentName)
      .filter((index) => index !== undefined)
      .toSorted((a, b) => a - b)
  }

  /** The segment that holds or will hold record `index`; undefined when the log begins later or has none. */
  find(index: number): SegmentSpan | undefined {
    const at = this.firstIndexes.findLastIndex((each) => each <= index)
    const firstIndex = this.firstIndexes[at]
    return firstIndex === undefined ? undefined : { firstIndex, nextFirstIndex: this.firstIndexes[at + 1] }
  }

  /** The first record still here; undefined without segments. */
  get firstIndex(): number | undefined {
    return this.firstIndexes[0]
  }

  /** First indexes of the segments that begin before a record, the oldest first. */
  before(index: number): readonly number[] {
    return this.firstIndexes.filter((each) => each < index)
  }

  /** The newest segment. */
  get last(): SegmentSpan | undefined {
    return this.find(Number.MAX_SAFE_INTEGER)
  }

  /** A segment was begun behind all others; a reading of the directory may have seen it already. */
  add(firstIndex: number): void {
    if (this.firstIndexes.at(-1) !== firstIndex) this.firstIndexes.push(firstIndex)
  }

  /** The newest segment was removed. */
  removeLast(): void {
    const removed = this.firstIndexes.pop()
    if (removed !== undefined) this.forget(removed)
  }

  /** Remembers that the frame with record `index` begins at `offset`, if that is far enough from the last mark. */
  mark(firstIndex: number, index: number, offset: number): void {
    const known = this.marks.get(firstIndex) ?? []
    const newest = known.at(-1)?.offset ?? SEGMENT_HEADER_BYTES
    if (offset - newest < MARK_SPACING_BYTES) return
    known.push({ index, offset })
    this.marks.set(firstIndex, known)
    this.markCount += 1
    while (this.markCount > MARKS_MAX) {
      const [oldest] = this.marks.keys()
      if (oldest === undefined) return
      this.forget(oldest)
    }
  }

  /** The remembered place at or before record `index` of the segment; its first frame when none is. */
  markBefore(firstIndex: number, index: number): Mark {
    const known = this.marks.get(firstIndex)?.findLast((mark) => mark.index <= index)
    return known ?? { index: firstIndex, offset: SEGMENT_HEADER_BYTES }
  }

  private forget(firstIndex: number): void {
    this.markCount -= this.marks.get(firstIndex)?.length ?? 0
    this.marks.delete(firstIndex)
  }
}
