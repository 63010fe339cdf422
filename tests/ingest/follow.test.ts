import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { encodeRecord, Problem, publishTopic } from '../../domain/index.ts'
import { runCensus, runIngest } from '../../ingest/index.ts'
import { storeBetween } from '../support/store-between.ts'
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

function entryOf(index: number): JournalEntry {
  const bytes = encodeRecord({
    receivedAtMs: START_MS + index,
    deviceId: 'fridge-1',
    channel: 'mqtt',
    topic: publishTopic('fridge-1', 'readings'),
    qos: 1,
    payload: Buffer.from(JSON.stringify({ at: START_MS + index, seq: index + 5, temperature: 4 })),
  })
  return { index, bytes }
}

function entries(): JournalEntry[] {
  return Array.from({ length: RECORDS }, (_, index) => entryOf(index))
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

/** A store in which a transaction that stores more than so many readings fails. */
function failing(store: CanonicalStore, most: number, failure: Problem): CanonicalStore {
  let stored = 0
  return storeBetween(store, {
    given: (tx) => {
      stored = 0
      const insert: typeof tx.insert = (...reading) => {
        tx.insert(...reading)
        stored += 1
      }
      return { ...tx, insert }
    },
    after: () => {
      if (stored > most) throw failure
    },
  })
}

function following(store: CanonicalStore) {
  return { reader: readerOf(entries()), store, clock, log: quiet, signal: new AbortController().signal }
}

const termsAt = () => ({ acceptFromMs: 0, expectedIntervalMs: 1_000 })
const freeBytes = () => Promise.resolve(Number.MAX_SAFE_INTEGER)

test('a store too full for much at once gets less at a time, and nothing is counted twice', async () => {
  const full = new Problem('core-unavailable', { what: 'disk full', remedy: 'free space' })
  const store = failing(harness.store, 5, full)
  let slices = 0
  await runIngest({ ...following(store), termsAt, freeBytes, onProgress: () => (slices += 1) })
  await runCensus(following(store))
  const reads = harness.reads()
  expect(reads.balance('fridge-1')).toMatchObject({
    balanced: true,
    messages: { journalled: RECORDS, decoded: RECORDS, held: 0, pending: 0 },
    readings: { decoded: RECORDS, stored: RECORDS, duplicate: 0, held: 0 },
    cursors: { ingest: RECORDS, census: RECORDS },
  })
  reads.close()
  expect(slices).toBeGreaterThanOrEqual(RECORDS / 5)
})

test('commits that hold the thread for long are followed by smaller ones', async () => {
  const records = 20_000
  const all = Array.from({ length: records }, (_, index) => entryOf(index))
  let [nowMs, stored] = [0, 0]
  const sizes: number[] = []
  const store = storeBetween(harness.store, {
    after: () => {
      // the first two commits take a second each
      if (sizes.length < 3) nowMs += 1_000
    },
  })
  const onProgress = (): void => {
    const next = harness.store.transact((tx) => tx.cursor('ingest'))
    sizes.push(next - stored)
    stored = next
  }
  const slow = { ...clock, monotonicMs: () => nowMs }
  const parts = { ...following(store), reader: readerOf(all), clock: slow }
  await runIngest({ ...parts, termsAt, freeBytes, onProgress })
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(records)
  const [first = 0, second = 0] = sizes
  expect(first).toBeGreaterThan(4_096)
  expect(second).toBeLessThanOrEqual(Math.ceil(first / 2))
}, 60_000)

test('damage is not waited for: it stops the follower', async () => {
  const damaged = new Problem('store-damaged', { what: 'a page is wrong', remedy: 'restore' })
  const store = failing(harness.store, 0, damaged)
  await expect(runIngest({ ...following(store), termsAt, freeBytes, onProgress: () => {} })).rejects.toBe(
    damaged,
  )
})

test('restarted at any record, the rows and counters are the same', async () => {
  const all = entries()
  for (let cut = 0; cut <= RECORDS; cut += 8) {
    const part = { ...following(harness.store), reader: readerOf(all.slice(0, cut)) }
    await runIngest({ ...part, termsAt, freeBytes, onProgress: () => {} })
  }
  const reads = harness.reads()
  expect(reads.balance('fridge-1').readings).toMatchObject({ stored: RECORDS, duplicate: 0 })
  reads.close()
})

describe('the census', () => {
  /** A store that counts its transactions, and fails those of these numbers. */
  function counting(store: CanonicalStore, failing: readonly number[] = []) {
    let calls = 0
    const counted = storeBetween(store, {
      after: () => {
        calls += 1
        if (failing.includes(calls))
          throw new Problem('core-unavailable', { what: 'disk full', remedy: 'free space' })
      },
    })
    return { store: counted, calls: () => calls }
  }

  function counted() {
    const reads = harness.reads()
    const { messages, cursors } = reads.balance('fridge-1')
    reads.close()
    return [messages.journalled, cursors.census]
  }

  test('saves what it has counted once while more of the log waits', async () => {
    const { store, calls } = counting(harness.store)
    await runCensus(following(store))
    expect(counted()).toEqual([RECORDS, RECORDS])
    // where it stood, and one for all
    expect(calls()).toBe(2)
  })

  test('saves at once where nothing waits', async () => {
    const { store, calls } = counting(harness.store)
    const all = entries()
    let durableEnd = 0
    const seen: unknown[] = []
    const reader: JournalReader = {
      get durableEnd() {
        return durableEnd
      },
      async *follow() {
        for (const entry of all.slice(0, 3)) {
          durableEnd = entry.index + 1
          yield [entry]
          seen.push(counted())
        }
      },
    }
    await runCensus({ ...following(store), reader })
    expect(seen).toEqual([
      [1, 1],
      [2, 2],
      [3, 3],
    ])
    expect(calls()).toBe(4)
  })

  test('counts nothing twice when the store is full for a while', async () => {
    const { store, calls } = counting(harness.store, [1, 3, 4])
    await runCensus(following(store))
    expect(counted()).toEqual([RECORDS, RECORDS])
    expect(calls()).toBe(5)
  })

  test('has what lies before damage', async () => {
    const damaged = new Problem('journal-damaged', { what: 'a frame is wrong', remedy: 'restore' })
    const all = entries()
    const reader: JournalReader = {
      durableEnd: all.length,
      async *follow() {
        yield all.slice(0, 5)
        throw damaged
      },
    }
    await expect(runCensus({ ...following(harness.store), reader })).rejects.toBe(damaged)
    expect(counted()).toEqual([5, 5])
  })

  test('has what lies before a record that is no envelope, and counts it once', async () => {
    const all = entries()
    const bad = { index: 7, bytes: Uint8Array.of(9) }
    const reader: JournalReader = {
      durableEnd: all.length,
      async *follow(from) {
        yield* [all.slice(0, 5), [...all.slice(5, 7), bad]].map((batch) =>
          batch.filter(({ index }) => index >= from),
        )
      },
    }
    for (const _ of [1, 2]) {
      const running = runCensus({ ...following(harness.store), reader })
      await expect(running).rejects.toMatchObject({ code: 'journal-damaged' })
      expect(counted()).toEqual([7, 7])
    }
  })
})
