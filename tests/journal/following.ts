import { type JournalEntry, type JournalReader } from '../../journal/index.ts'
import { textOf } from './stage.ts'

/** A follower that collects what it is given until it is stopped. */
export class Following {
  readonly batches: (readonly JournalEntry[])[] = []
  readonly ended: Promise<void>
  private readonly stopping = new AbortController()

  constructor(reader: JournalReader, from: number) {
    this.ended = this.run(reader.follow(from, this.stopping.signal))
  }

  get texts(): string[] {
    return this.batches.flat().map((entry) => textOf(entry.bytes))
  }

  async stop(): Promise<void> {
    this.stopping.abort()
    await this.ended
  }

  private async run(batches: AsyncIterable<readonly JournalEntry[]>): Promise<void> {
    for await (const batch of batches) this.batches.push(batch)
  }
}
