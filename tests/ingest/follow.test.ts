import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeRecord, Problem, publishTopic } from '../../domain/index.ts'
import { runCensus, runIngest } from '../../ingest/index.ts'
import type { JournalEntry, JournalReader } from '../../journal/index.ts'
import type { CanonicalStore } from '../../store/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

const RECORDS = 40
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} }
const clock = {
  nowMs: () => START_MS,
  monotonicMs: () => performance.now(),
  sleep: () => new Promise<void>((resolve) => setImmediate(resolve)),
}

let harness: IngestHarness
beforeEach(() => {
  harness = new IngestHarness()
})
afterEach(() => {
  harness.close()
})

function entries(): JournalEntry[] {
  return Array.from({ length: RECORDS }, (_, index) => ({
    index,
    bytes: encodeRecord({
      receivedAtMs: START_MS + index,
      deviceId: 'fridge-1',
      channel: 'mqtt',
      topic: publishTopic('fridge-1', 'readings'),
      qos: 1,
      payload: Buffer.from(JSON.stringify({ at: START_MS + index, seq: index + 5, temperature: 4 })),
    }),
  }))
}

/** A journal that ends after these entries; batches of seven. */
function readerOf(all: readonly JournalEntry[]): JournalReader {
  return {
    durableEnd: all.length,
    async *follow(from) {
      for (let at = from; at < all.length; at += 7) yield all.slice(at, at + 7)
    },
  }
}

/** A store whose every third transaction fails as `failure`. */
function failing(store: CanonicalStore, failure: Problem): CanonicalStore {
  let calls = 0
  return {
    ...store,
    transact: (job) => {
      calls += 1
      if (calls % 3 !== 0) return store.transact(job)
      return store.transact((tx) => {
        job(tx)
        throw failure
      })
    },
  }
}

function following(store: CanonicalStore) {
  return { reader: readerOf(entries()), store, clock, log: quiet, signal: new AbortController().signal }
}

const termsAt = () => ({ acceptFromMs: 0, expectedIntervalMs: 1_000 })

test('a store that is full for a while is waited for, and nothing is counted twice', async () => {
  const full = new Problem('core-unavailable', { what: 'disk full', remedy: 'free space' })
  const store = failing(harness.store, full)
  let slices = 0
  await runIngest({ ...following(store), termsAt, onProgress: () => (slices += 1) })
  await runCensus(following(store))
  const reads = harness.reads()
  expect(reads.balance('fridge-1')).toMatchObject({
    balanced: true,
    messages: { journalled: RECORDS, decoded: RECORDS, held: 0, pending: 0 },
    readings: { decoded: RECORDS, stored: RECORDS, duplicate: 0, held: 0 },
    cursors: { ingest: RECORDS, census: RECORDS },
  })
  reads.close()
  expect(slices).toBeGreaterThan(5)
})

test('damage is not waited for: it stops the follower', async () => {
  const damaged = new Problem('store-damaged', { what: 'a page is wrong', remedy: 'restore' })
  const store = failing(harness.store, damaged)
  await expect(runIngest({ ...following(store), termsAt, onProgress: () => {} })).rejects.toBe(damaged)
})

test('restarted at any record, the rows and counters are the same', async () => {
  const all = entries()
  for (let cut = 0; cut <= RECORDS; cut += 8) {
    const part = { ...following(harness.store), reader: readerOf(all.slice(0, cut)) }
    await runIngest({ ...part, termsAt, onProgress: () => {} })
  }
  const reads = harness.reads()
  expect(reads.balance('fridge-1').readings).toMatchObject({ stored: RECORDS, duplicate: 0 })
  reads.close()
})
