import { whyGone } from './beginning.ts'
import { type Catalogue, reachOf, type SegmentSpan } from './catalogue.ts'
import { decide } from './decision.ts'
import type { Disk } from './disk.ts'
import { FRAME_HEADER_BYTES, type FrameHeader } from './format.ts'
import type { JournalEntry } from './ports.ts'
import { codeOf, damageAt, diskFailed, refusal } from './problems.ts'
import { type Look, SegmentReader } from './segment-reader.ts'

/** A follower's place in the log: walks frame by frame, from segment to segment, with one file open at a time. */
export class FrameCursor {
  /** Index the next frame begins with. */
  index: number
  private readonly disk: Disk
  private readonly catalogue: Catalogue
  /** Frames that end at or before this record are stepped over without reading their payload. */
  private readonly from: number
  private offset = 0
  private reader: SegmentReader | undefined
  private span: SegmentSpan | undefined

  constructor(disk: Disk, catalogue: Catalogue, from: number) {
    this.disk = disk
    this.catalogue = catalogue
    this.from = from
    this.index = from
  }

  /**
   * Steps over the next frame and returns its records from `from` on; none when it was skipped or the segment
   * ended. The caller knows that `index` is durable, so anything but a whole frame here is damage and throws.
   */
  async next(): Promise<readonly JournalEntry[]> {
    try {
      const reader = this.reader ?? (await this.open())
      const look = await this.look(reader)
      const row = decide({
        header: reader.headerState,
        sight: look.sight,
        confirmed: true,
        reach: this.span === undefined ? 'last' : reachOf(this.span, this.index),
      })
      if (row.decision === 'keep' && look.header !== undefined) return this.step(reader, look.header, look)
      if (row.decision === 'go on') {
        await this.close()
        return []
      }
      const { directory } = this.catalogue
      const place = { directory, firstIndex: reader.firstIndex, offset: this.offset }
      throw refusal(place, reader.headerState, look.sight, row)
    } catch (thrown) {
      throw diskFailed(
        `The journal in ${this.catalogue.directory} cannot be read at record ${this.index}`,
        thrown,
      )
    }
  }

  /** To be called when more has become durable: what was read ahead may have changed since. */
  forget(): void {
    this.reader?.forget()
  }

  async close(): Promise<void> {
    const reader = this.reader
    this.reader = undefined
    await reader?.close()
  }

  private async open(): Promise<SegmentReader> {
    if (this.catalogue.find(this.index) === undefined) await this.catalogue.load()
    const span = this.catalogue.find(this.index)
    const firstIndex = span?.firstIndex ?? this.index
    await this.requireHere()
    try {
      this.reader = await SegmentReader.open(this.disk, this.catalogue.directory, firstIndex)
    } catch (thrown) {
      if (codeOf(thrown) !== 'ENOENT') throw thrown
      // it may have been removed since the directory was read
      await this.catalogue.load()
      await this.requireHere()
      const place = { directory: this.catalogue.directory, firstIndex, offset: 0 }
      throw damageAt(
        place,
        'the file is missing',
        `record ${this.index} is durable and should lie in it`,
        thrown,
      )
    }
    this.span = span
    const mark = this.catalogue.markBefore(firstIndex, this.index)
    this.index = mark.index
    this.offset = mark.offset
    return this.reader
  }

  /** Throws when the log has segments and all of them lie behind the record. */
  private async requireHere(): Promise<void> {
    const { catalogue, index } = this
    if (catalogue.find(index) !== undefined || catalogue.firstIndex === undefined) return
    throw await whyGone(this.disk, catalogue, index)
  }

  private async look(reader: SegmentReader): Promise<Look> {
    if (reader.headerState !== 'good') return { sight: 'nothing' }
    const skimmed = this.index < this.from ? await reader.look(this.offset, this.index, 'skim') : undefined
    const skip = skimmed?.header !== undefined && this.index + skimmed.header.count <= this.from
    const look = skip ? skimmed : await reader.look(this.offset, this.index, 'copy')
    const whole = look.sight === 'records' || look.sight === 'confirmation'
    if (this.span?.nextFirstIndex === undefined) {
      if (!whole) await this.catalogue.load()
      this.span = this.catalogue.find(reader.firstIndex)
    }
    return look
  }

  private step(reader: SegmentReader, header: FrameHeader, look: Look): readonly JournalEntry[] {
    const first = this.index
    this.index += header.count
    this.offset += FRAME_HEADER_BYTES + header.payloadBytes
    this.catalogue.mark(reader.firstIndex, this.index, this.offset)
    const { records = [] } = look
    const entries: JournalEntry[] = []
    for (let at = Math.max(0, this.from - first); at < records.length; at += 1) {
      const bytes = records[at]
      if (bytes !== undefined) entries.push(new Entry(first + at, bytes))
    }
    return entries
  }
}

/**
 * A record and its index. Not a literal: those of a large frame outlive a few collections of what is new, after which
 * V8 makes what that literal gives among the old, where each keeps its record alive until all is looked through.
 */
class Entry implements JournalEntry {
  readonly index: number
  readonly bytes: Uint8Array

  constructor(index: number, bytes: Uint8Array) {
    this.index = index
    this.bytes = bytes
  }
}
