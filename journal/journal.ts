import {
  Problem,
  READINGS_LOG,
  RECORD_BYTES_MAX,
  reasonOf,
  recordText,
  type Waiter,
} from '../domain/index.ts'
import { AppendQueue, type Batch } from './append-queue.ts'
import { openBeginning } from './beginning.ts'
import { Catalogue } from './catalogue.ts'
import { DurableEnd } from './durable-end.ts'
import { type FollowSource, openFollow } from './follower.ts'
import { SEGMENT_ALIGNMENT } from './format.ts'
import { type JournalOptions, type JournalSettings, settle } from './options.ts'
import type { Journal, JournalEntry, JournalState } from './ports.ts'
import { diskFailed, journalFailed, journalFull, journalUnavailable } from './problems.ts'
import { recover } from './recovery.ts'
import { SegmentWriter } from './segment-writer.ts'
import { SPACE_CHECK_MS, type Space, SpaceWatch } from './space.ts'

/**
 * Opens a log for writing and recovers its end. The caller holds the lock on the data directory. Throws
 * `Problem('journal-damaged' | 'data-directory-version' | 'journal-unavailable')`.
 */
export async function openJournal(options: JournalOptions): Promise<Journal> {
  const { directory, disk, log } = options
  const catalogue = new Catalogue(disk, directory)
  try {
    await disk.makeDirectory(directory)
    await catalogue.load()
    await openBeginning(disk, catalogue, log, options.name ?? READINGS_LOG)
    const recovered = await recover(disk, catalogue, log)
    const writer = recovered.tail && (await SegmentWriter.resume(disk, directory, recovered.tail))
    return new SegmentedJournal(
      settle(options),
      catalogue,
      writer,
      recovered.durableEnd,
      recovered.lastRecord,
    )
  } catch (thrown) {
    throw diskFailed(`The journal in ${directory} cannot be opened`, thrown)
  }
}

/** The journal over segment files. One commit (write and sync) is under way at a time; the next collects meanwhile. */
class SegmentedJournal implements Journal {
  private readonly options: JournalSettings
  private readonly source: FollowSource
  private readonly queue: AppendQueue
  private readonly space: SpaceWatch
  private readonly listeners = new Set<(durableEnd: number) => void>()
  private readonly stopping = new AbortController()
  private condition: JournalState = { kind: 'open' }
  private writer: SegmentWriter | undefined
  private lastRecord: Uint8Array | undefined
  private draining: Promise<void> | undefined
  private closing: Promise<void> | undefined

  constructor(
    options: JournalSettings,
    catalogue: Catalogue,
    writer: SegmentWriter | undefined,
    durableEnd: number,
    lastRecord: Uint8Array | undefined,
  ) {
    const { disk, directory, clock, log, spaceReserve, queueRecordsMax, queueBytesMax } = options
    this.options = options
    this.source = { disk, catalogue, durable: new DurableEnd(durableEnd) }
    this.queue = new AppendQueue(queueRecordsMax, queueBytesMax)
    this.space = new SpaceWatch(disk, directory, clock, log, spaceReserve)
    this.writer = writer
    this.lastRecord = lastRecord
  }

  get durableEnd(): number {
    return this.source.durable.value ?? 0
  }

  state(): JournalState {
    return this.condition
  }

  last(): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.lastRecord)
  }

  onDurable(listener: (durableEnd: number) => void): () => void {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }

  follow(from: number, signal: AbortSignal): AsyncIterable<readonly JournalEntry[]> {
    return openFollow(this.source, from, signal)
  }

  append(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.appendFor(bytes, { durable: resolve, failed: reject })
    })
  }

  appendFor(bytes: Uint8Array, waiter: Waiter): void {
    const refusal = this.refusalOf(bytes)
    if (refusal === undefined) {
      this.queue.push(bytes, waiter)
      this.draining ??= this.drain()
    } else queueMicrotask(() => this.refuse(waiter, refusal))
  }

  close(): Promise<void> {
    this.closing ??= this.shutDown()
    return this.closing
  }

  private refusalOf(bytes: Uint8Array): Problem | undefined {
    const { directory } = this.options
    if (bytes.length > RECORD_BYTES_MAX) {
      return new Problem('payload-too-large', {
        what: `A record of ${bytes.length} bytes was to be journalled; ${RECORD_BYTES_MAX} is the most.`,
        remedy: 'Split the message.',
      })
    }
    if (this.closing !== undefined) {
      return journalUnavailable(
        `The journal in ${directory} is closed.`,
        'Wait until the service has restarted.',
      )
    }
    if (this.condition.kind === 'full') return journalFull(shortageText(directory, this.condition))
    if (this.condition.kind === 'failed') return journalFailed(directory, this.condition.reason)
    if (this.queue.hasRoomFor(bytes)) return undefined
    return journalUnavailable(
      `More records wait for the disk of ${directory} than may.`,
      'Wait and send again; if this lasts, look for a slow or failing disk.',
    )
  }

  /** Commits until nothing waits. Never rejects: whoever waits is told. */
  private async drain(): Promise<void> {
    while (!this.queue.empty) {
      let waiters: readonly Waiter[] = []
      try {
        // While this waits, the other appends of the same turn of the event loop join the first commit.
        const shortage = await this.space.shortage()
        if (shortage !== undefined) throw journalFull(shortageText(this.options.directory, shortage))
        const writer = await this.writerForNext()
        const batch = this.queue.take(this.recordsThatFit(writer))
        waiters = batch.waiters
        await this.commit(writer, batch)
      } catch (thrown) {
        await this.stopTaking(thrown, waiters)
      }
    }
    this.draining = undefined
  }

  private async writerForNext(): Promise<SegmentWriter> {
    const { disk, directory, random } = this.options
    const before = this.writer
    const next = this.durableEnd
    if (before !== undefined && !(this.isLong(before) && next % SEGMENT_ALIGNMENT === 0)) return before
    const writer = await SegmentWriter.create(disk, directory, next, random)
    this.writer = writer
    this.source.catalogue.add(next)
    await before?.close()
    return writer
  }

  private recordsThatFit(writer: SegmentWriter): number {
    const { commitRecordsMax } = this.options
    if (!this.isLong(writer)) return commitRecordsMax
    return Math.min(commitRecordsMax, SEGMENT_ALIGNMENT - (this.durableEnd % SEGMENT_ALIGNMENT))
  }

  private isLong(writer: SegmentWriter): boolean {
    return writer.end >= this.options.segmentBytesMax
  }

  private async commit(writer: SegmentWriter, { waiters, payload, lastAt }: Batch): Promise<void> {
    const first = this.durableEnd
    const lastRecord = payload.slice(lastAt)
    const { clock, onSync } = this.options
    const startMs = clock.monotonicMs()
    this.space.wrote(await writer.commit(first, payload, waiters.length))
    onSync(clock.monotonicMs() - startMs)
    const next = first + waiters.length
    this.source.catalogue.mark(writer.firstIndex, next, writer.end)
    this.lastRecord = lastRecord
    this.source.durable.advance(next)
    for (let at = 0; at < waiters.length; at += 1) this.confirm(waiters[at], first + at)
    for (const listener of this.listeners) this.tell(listener, next)
  }

  private confirm(waiter: Waiter | undefined, index: number): void {
    try {
      waiter?.durable(index)
    } catch (thrown) {
      // Nothing is lost: the record is durable, and a device that was not answered sends it again.
      const { log, name } = this.options
      log.error(
        { record: recordText(index, name), reason: reasonOf(thrown) },
        'who waited for a record failed',
      )
    }
  }

  private refuse(waiter: Waiter, refusal: Problem): void {
    try {
      waiter.failed(refusal)
    } catch (thrown) {
      // Nothing is lost: nobody was told that the record is durable.
      this.options.log.error({ reason: reasonOf(thrown) }, 'who waited for a record failed')
    }
  }

  private tell(listener: (durableEnd: number) => void, durableEnd: number): void {
    try {
      listener(durableEnd)
    } catch (thrown) {
      // Nothing is lost: the records are durable, and the next call carries the listener past this one.
      this.options.log.error({ reason: reasonOf(thrown) }, 'a listener of the journal failed')
    }
  }

  /** A commit did not succeed: everything that waits is refused, and the state says for how long. */
  private async stopTaking(thrown: unknown, waiters: readonly Waiter[]): Promise<void> {
    const { directory, log } = this.options
    const full = thrown instanceof Problem && thrown.code === 'journal-full'
    let refusal: Problem
    if (full) {
      refusal = thrown
      const space = await this.space.measure()
      this.condition = {
        kind: 'full',
        freeBytes: space?.freeBytes ?? 0,
        neededBytes: space?.neededBytes ?? 0,
      }
      log.warn({ path: directory, reason: thrown.message }, 'the journal is full and takes no records')
      if (this.closing === undefined) void this.waitForSpace()
    } else {
      const reason = reasonOf(thrown)
      refusal = journalFailed(directory, reason, thrown)
      this.condition = { kind: 'failed', reason }
      log.error({ path: directory, reason }, 'the journal failed and takes no records until a restart')
      this.options.onFailed(refusal)
    }
    for (const waiter of [...waiters, ...this.queue.takeAll()]) this.refuse(waiter, refusal)
  }

  /** Asks for space until there is enough again, or the journal is closed. */
  private async waitForSpace(): Promise<void> {
    const { clock, directory, log } = this.options
    const { signal } = this.stopping
    while (!signal.aborted) {
      await clock.sleep(SPACE_CHECK_MS, signal)
      const space = signal.aborted ? undefined : await this.space.measure()
      if (signal.aborted) return
      if (space === undefined || space.freeBytes < space.neededBytes) continue
      this.condition = { kind: 'open' }
      log.info({ path: directory, freeBytes: space.freeBytes }, 'the journal takes records again')
      return
    }
  }

  private async shutDown(): Promise<void> {
    this.stopping.abort()
    await this.draining
    const { writer } = this
    if (writer !== undefined && !writer.confirmed && this.condition.kind === 'open') {
      try {
        await writer.commit(this.durableEnd, new Uint8Array(), 0)
      } catch (thrown) {
        // Nothing is lost: without this frame the last one is written again at the next start.
        this.options.log.warn({ reason: reasonOf(thrown) }, 'the journal closed without a confirmation')
      }
    }
    await writer?.close()
    this.condition = { kind: 'closed' }
    this.source.durable.finish()
  }
}

function shortageText(directory: string, space: Space): string {
  return `The disk of ${directory} has ${space.freeBytes} bytes free; the journal needs ${space.neededBytes}`
}
