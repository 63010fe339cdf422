import type { ServerResponse } from 'node:http'

/** Bytes that may wait for one reader besides a snapshot; a minute of changes of a large organisation. */
export const UNSENT_BYTES_MAX = 256 * 1024
/** A reader that has taken nothing of what waits for this long is gone or stuck. */
export const STUCK_MS_MAX = 60_000

/** Where the bytes of a stream go. */
export interface LiveSink {
  /** Written and not yet taken. */
  readonly unsentBytes: number
  write(bytes: string | Uint8Array): void
  /** Calls back whenever all that was written has been taken, after something had to wait. */
  onDrained(listener: () => void): void
  /** Calls back once, when the other side or this one has closed. */
  onClosed(listener: () => void): void
  /** Ends the answer when all of it was taken; otherwise breaks it off, because its reader may never take it. */
  close(): void
}

/** A sink that writes an answer of HTTP. */
export function responseSink(response: ServerResponse): LiveSink {
  // what breaks ends in `close`
  response.on('error', () => undefined)
  let drained = (): void => undefined
  // not the event `drain`: it comes only after more has waited than a socket likes
  const written = (): void => {
    if (response.writableLength === 0) drained()
  }
  return {
    get unsentBytes() {
      return response.writableLength
    },
    write: (bytes) => void response.write(bytes, written),
    onDrained: (listener) => {
      drained = listener
    },
    onClosed: (listener) => void response.once('close', listener),
    close: () => {
      if (response.writableLength > 0) response.destroy()
      else response.end()
    },
  }
}

/** A snapshot as it is written; `body` is shared by all who see the same. */
export interface SnapshotParts {
  readonly head: string
  readonly body: Uint8Array
  readonly foot: string
}

/**
 * What waits for one reader, bounded: who falls behind misses events, and is given a snapshot instead once it has
 * taken what was there. So it is never wrong for longer than it is slow.
 */
export class BoundedStream {
  /** Events it has missed, and snapshots it was given. */
  droppedCount = 0
  snapshotCount = 0
  isClosed = false
  readonly #sink: LiveSink
  readonly #snapshot: () => SnapshotParts
  #isBehind = false
  /** Of the last snapshot, until all of it was taken. */
  #snapshotBytes = 0
  /** The large part of the last snapshot, and how much was written with the end of it. */
  #snapshotBody: Uint8Array | undefined
  #snapshotEnd = 0
  #writtenBytes = 0
  /** The most that was ever taken, and since when it is no more. */
  #takenBytes = 0
  #takenSinceMs: number

  constructor(sink: LiveSink, nowMs: number, snapshot: () => SnapshotParts) {
    this.#sink = sink
    this.#snapshot = snapshot
    this.#takenSinceMs = nowMs
    sink.onDrained(() => {
      this.#snapshotBytes = 0
      if (this.#isBehind) this.sendSnapshot()
    })
    sink.onClosed(() => {
      this.isClosed = true
    })
  }

  get unsentBytes(): number {
    return this.#sink.unsentBytes
  }

  /** The snapshot that is still kept for it; undefined once it was taken. */
  get heldSnapshot(): Uint8Array | undefined {
    if (this.#writtenBytes - this.#sink.unsentBytes >= this.#snapshotEnd) this.#snapshotBody = undefined
    return this.isClosed ? undefined : this.#snapshotBody
  }

  /** Everything anew, at once or as soon as the reader has taken what waits. */
  sendSnapshot(): void {
    if (this.isClosed) return
    this.#isBehind = this.#sink.unsentBytes > 0
    if (this.#isBehind) return
    this.snapshotCount += 1
    const before = this.#writtenBytes
    const { head, body, foot } = this.#snapshot()
    for (const part of [head, body, foot]) this.#write(part)
    this.#snapshotBytes = this.#writtenBytes - before
    this.#snapshotEnd = this.#writtenBytes
    this.#snapshotBody = body
  }

  /** So many events; dropped while the reader is behind. */
  sendEvents(bytes: Uint8Array, count: number): void {
    if (this.isClosed) return
    const unsent = this.#sink.unsentBytes
    if (unsent === 0) this.#snapshotBytes = 0
    // to a reader that has taken everything any piece is sent: it would have nothing to wait for
    if (unsent > 0 && unsent + bytes.length > this.#snapshotBytes + UNSENT_BYTES_MAX) this.#isBehind = true
    if (this.#isBehind) this.droppedCount += count
    else this.#write(bytes)
  }

  /** A sign of life; in its place a snapshot, for a reader that was behind. */
  sendBeat(bytes: Uint8Array): void {
    if (this.#isBehind) this.sendSnapshot()
    else if (!this.isClosed) this.#write(bytes)
  }

  /** True when it has taken nothing for too long; ask again and again. */
  isStuck(nowMs: number): boolean {
    const unsent = this.#sink.unsentBytes
    const taken = this.#writtenBytes - unsent
    if (unsent === 0 || taken > this.#takenBytes) {
      this.#takenBytes = Math.max(taken, this.#takenBytes)
      this.#takenSinceMs = nowMs
    }
    return nowMs - this.#takenSinceMs > STUCK_MS_MAX
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.#sink.close()
  }

  #write(bytes: string | Uint8Array): void {
    this.#writtenBytes += Buffer.byteLength(bytes)
    this.#sink.write(bytes)
  }
}
