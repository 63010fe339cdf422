import { join } from 'node:path'
import type { Clock, Log } from '../../domain/index.ts'
import {
  type Disk,
  type Journal,
  type JournalEntry,
  type JournalOptions,
  type JournalReader,
  openJournal,
} from '../../journal/index.ts'
import { segmentName } from '../../journal/format.ts'
import { SeededRandom } from '../support/seeded-random.ts'

/** Where the tests keep their log on a simulated disk. */
export const DIRECTORY = '/data/journal/readings'

/** A log that drops everything. */
export const silentLog: Log = { debug: drop, info: drop, warn: drop, error: drop }

/** A clock the test moves by hand; sleepers wake when it passes their time. */
export class ManualClock implements Clock {
  private timeMs = 0
  private sleepers: { readonly dueMs: number; readonly wake: () => void }[] = []

  nowMs(): number {
    return this.timeMs
  }

  monotonicMs(): number {
    return this.timeMs
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((wake) => {
      this.sleepers.push({ dueMs: this.timeMs + ms, wake })
      signal?.addEventListener('abort', () => wake())
    })
  }

  advance(ms: number): void {
    this.timeMs += ms
    const due = this.sleepers.filter((sleeper) => sleeper.dueMs <= this.timeMs)
    this.sleepers = this.sleepers.filter((sleeper) => !due.includes(sleeper))
    for (const sleeper of due) sleeper.wake()
  }
}

/** Opens a log with no reserve of free space; salts repeat from run to run. */
export function open(disk: Disk, options: Partial<JournalOptions> = {}): Promise<Journal> {
  return openJournal({
    directory: DIRECTORY,
    log: silentLog,
    disk,
    clock: new ManualClock(),
    random: new SeededRandom(1),
    spaceReserve: { share: 0, bytes: 0 },
    ...options,
  })
}

/** Appends texts at once and returns their indexes. */
export function appendAll(journal: Journal, texts: readonly string[]): Promise<number[]> {
  return Promise.all(texts.map((text) => journal.append(bytesOf(text))))
}

/** The first `count` records from `from` on. */
export async function take(reader: JournalReader, from: number, count: number): Promise<JournalEntry[]> {
  const taken: JournalEntry[] = []
  for await (const batch of reader.follow(from, new AbortController().signal)) {
    taken.push(...batch)
    if (taken.length >= count) break
  }
  return taken.slice(0, count)
}

/** All durable records as texts. */
export async function texts(journal: Journal): Promise<string[]> {
  const count = journal.durableEnd
  return count === 0 ? [] : (await take(journal, 0, count)).map((entry) => textOf(entry.bytes))
}

/** The bytes of the segment that begins with `firstIndex`. */
export async function segmentBytes(
  disk: Disk,
  firstIndex: number,
  directory = DIRECTORY,
): Promise<Uint8Array> {
  const file = await disk.open(join(directory, segmentName(firstIndex)), 'read')
  const bytes = new Uint8Array(await file.size())
  await file.read(bytes, 0)
  await file.close()
  return bytes
}

/** Puts a segment file there, durably. */
export async function putSegment(disk: Disk, firstIndex: number, bytes: Uint8Array): Promise<void> {
  await disk.makeDirectory(DIRECTORY)
  const path = join(DIRECTORY, segmentName(firstIndex))
  if ((await disk.list(DIRECTORY)).includes(segmentName(firstIndex))) await disk.remove(path)
  const file = await disk.open(path, 'create')
  await file.write(bytes, 0)
  await file.sync()
  await file.close()
  await disk.syncDirectory(DIRECTORY)
}

/** Names of the files of the log. */
export function segments(disk: Disk): Promise<readonly string[]> {
  return disk.list(DIRECTORY)
}

/** UTF-8 bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

/** The text of UTF-8 bytes. */
export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}

/** Texts `<prefix>0` to `<prefix>n-1`. */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, at) => `${prefix}${at}`)
}

/** Lets everything that can go on without time or devices go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  }
}

function drop(): void {
  // Tests judge by what the journal does.
}
