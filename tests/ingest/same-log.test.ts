import { afterEach, beforeEach, expect, test } from 'vitest'
import { DatabaseSync } from 'node:sqlite'
import { encodeRecord, Problem, publishTopic } from '../../domain/index.ts'
import { requireSameLog, runCensus, runIngest } from '../../ingest/index.ts'
import { type JournalEntry, type JournalReader, openJournal, openJournalReader } from '../../journal/index.ts'
import type { CanonicalReads } from '../../store/index.ts'
import { systemClock } from '../../app/doors/clock.ts'
import { systemRandom } from '../../app/doors/random.ts'
import { SimulatedDisk } from '../support/simulated-disk.ts'
import { IngestHarness, START_MS } from './harness.ts'

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }

let harness: IngestHarness
let reads: CanonicalReads
beforeEach(() => {
  harness = new IngestHarness()
  reads = harness.reads()
})
afterEach(() => {
  reads.close()
  harness.close()
})

/** A closed log of `count` records on a disk of its own; `word` tells logs apart. */
async function logOf(count: number, word: string): Promise<JournalReader> {
  const disk = new SimulatedDisk({ seed: 1 })
  const journal = await openJournal({
    directory: '/log',
    disk,
    clock: systemClock,
    random: systemRandom,
    log: quiet,
    spaceReserve: { share: 0, bytes: 0 },
  })
  for (let seq = 0; seq < count; seq += 1) {
    await journal.append(
      encodeRecord({
        receivedAtMs: START_MS + seq,
        deviceId: word,
        channel: 'mqtt',
        topic: publishTopic(word, 'readings'),
        qos: 1,
        payload: Buffer.from(`{"seq":${seq},"temperature":4}`),
      }),
    )
  }
  await journal.close()
  const reader = await openJournalReader({ directory: '/log', disk })
  reader.advance(count)
  return reader
}

/** Takes everything of a log into the store. */
async function takeAll(reader: JournalReader): Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  const ended: JournalReader = {
    durableEnd: reader.durableEnd,
    async *follow(from, given) {
      if (from === reader.durableEnd) return
      for await (const batch of reader.follow(from, given)) {
        yield batch
        if ((batch.at(-1)?.index ?? 0) + 1 === reader.durableEnd) return
      }
    },
  }
  const termsAt = () => ({ acceptFromMs: 0, expectedIntervalMs: 1_000 })
  const { store } = harness
  const following = { reader: ended, store, clock: systemClock, log: quiet, signal }
  const freeBytes = () => Promise.resolve(Number.MAX_SAFE_INTEGER)
  await runIngest({ ...following, termsAt, freeBytes, onProgress: () => {} })
  await runCensus(following)
}

async function codeOf(reader: JournalReader): Promise<string> {
  try {
    await requireSameLog(reader, reads)
    return 'same'
  } catch (thrown) {
    return thrown instanceof Problem ? thrown.code : String(thrown)
  }
}

test('an empty store goes with any log', async () => {
  expect(await codeOf(await logOf(0, 'own'))).toBe('same')
  expect(await codeOf(await logOf(3, 'own'))).toBe('same')
})

test('the log the cursors stand in goes on, also when it has grown', async () => {
  await takeAll(await logOf(5, 'own'))
  expect([reads.position('ingest').next, reads.position('census').next]).toEqual([5, 5])
  expect(reads.position('ingest').recordSha256).toHaveLength(32)
  expect(await codeOf(await logOf(5, 'own'))).toBe('same')
  expect(await codeOf(await logOf(9, 'own'))).toBe('same')
})

test('a log that is shorter by one, or empty, is refused', async () => {
  await takeAll(await logOf(5, 'own'))
  expect(await codeOf(await logOf(4, 'own'))).toBe('journal-cursor-beyond-end')
  expect(await codeOf(await logOf(0, 'own'))).toBe('journal-cursor-beyond-end')
})

test('another log of the same length or longer is refused, with a remedy', async () => {
  await takeAll(await logOf(5, 'own'))
  expect(await codeOf(await logOf(5, 'other'))).toBe('journal-mismatch')
  const longer = await logOf(700, 'other')
  await expect(requireSameLog(longer, reads)).rejects.toMatchObject({
    code: 'journal-mismatch',
    message: expect.stringContaining('Record 4 ') as string,
    remedy: expect.stringContaining('Put back the journal') as string,
  })
})

test('the census is compared on its own', async () => {
  await takeAll(await logOf(5, 'own'))
  harness.store.transact((tx) => {
    tx.setCursor('ingest', 0)
  })
  expect(await codeOf(await logOf(5, 'other'))).toBe('journal-mismatch')
})

test('a cursor that was never bound passes, and the next record binds it', async () => {
  await takeAll(await logOf(5, 'own'))
  const plain = new DatabaseSync(harness.path)
  plain.exec('update cursor set record_sha256 = null')
  plain.close()
  expect(await codeOf(await logOf(6, 'own'))).toBe('same')
  expect(reads.position('ingest')).toEqual({ next: 5, recordSha256: null })
  await takeAll(await logOf(6, 'own'))
  expect(await codeOf(await logOf(6, 'other'))).toBe('journal-mismatch')
})

test('a record that cannot be read is damage, not another log', async () => {
  await takeAll(await logOf(5, 'own'))
  const damaged = new Problem('journal-damaged', { what: 'a byte is wrong', remedy: 'restore' })
  const reader: JournalReader = {
    durableEnd: 5,
    follow: (): AsyncIterable<readonly JournalEntry[]> => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(damaged) }),
    }),
  }
  expect(await codeOf(reader)).toBe('journal-damaged')
})
