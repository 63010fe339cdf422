import type { LiveSink } from '../../api/index.ts'
import { LiveMemory, LiveParser, type LiveEvent } from './live-reader.ts'

/** A reader of a live stream in memory, which takes what is written only while it is not paused. */
export class MemorySink implements LiveSink {
  readonly events: LiveEvent[] = []
  readonly memory = new LiveMemory()
  isPaused = false
  isClosed = false
  unsentBytes = 0
  #waiting: Buffer[] = []
  readonly #parser = new LiveParser()
  #drained = (): void => undefined
  readonly #closed: (() => void)[] = []

  write(bytes: string | Uint8Array): void {
    const buffer = Buffer.from(bytes)
    this.#waiting.push(buffer)
    this.unsentBytes += buffer.length
    if (!this.isPaused) this.#takeAll()
  }

  onDrained(listener: () => void): void {
    this.#drained = listener
  }

  onClosed(listener: () => void): void {
    this.#closed.push(listener)
  }

  close(): void {
    this.isClosed = true
    for (const listener of this.#closed) listener()
  }

  named(event: string): Record<string, unknown>[] {
    return this.events.filter((each) => each.event === event).map(({ data }) => data)
  }

  /** Takes what waits, and whatever is written because of that, and everything from now on. */
  resume(): void {
    this.isPaused = false
    const waited = this.unsentBytes > 0
    this.#takeAll()
    if (waited) this.#drained()
  }

  /** Takes what waits and all from now on, and says nothing of it. */
  takeQuietly(): void {
    this.isPaused = false
    this.#takeAll()
  }

  #takeAll(): void {
    const bytes = Buffer.concat(this.#waiting)
    this.#waiting = []
    this.unsentBytes = 0
    for (const event of this.#parser.take(bytes.toString())) {
      this.events.push(event)
      this.memory.take(event)
    }
  }
}
