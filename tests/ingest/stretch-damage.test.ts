import { afterEach, beforeEach, expect, test } from 'vitest'
import { encodeRecord, publishTopic } from '../../domain/index.ts'
import { runIngest } from '../../ingest/index.ts'
import type { JournalEntry, JournalReader } from '../../journal/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

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

function entry(index: number): JournalEntry {
  const bytes = encodeRecord({
    receivedAtMs: START_MS + index,
    deviceId: `fridge-${index % 3}`,
    channel: 'mqtt',
    topic: publishTopic(`fridge-${index % 3}`, 'readings'),
    qos: 1,
    payload: Buffer.from(JSON.stringify({ at: START_MS + index, seq: index, temperature: 4 })),
  })
  return { index, bytes }
}

test('what lies before a record of an unknown channel is taken before ingest stops at it', async () => {
  const all = Array.from({ length: 40 }, (_, index) => entry(index))
  // whole, but of a channel that only a newer version knows
  if (all[30] !== undefined) all[30].bytes[1] = 250
  const reader: JournalReader = {
    durableEnd: all.length,
    async *follow(from) {
      for (let at = from; at < all.length; at += 7) yield all.slice(at, at + 7)
    },
  }
  const running = runIngest({
    reader,
    store: harness.store,
    clock,
    log: quiet,
    signal: new AbortController().signal,
    termsAt: () => ({ acceptFromMs: 0, expectedIntervalMs: 1_000 }),
    freeBytes: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
    onProgress: () => undefined,
  })
  await expect(running).rejects.toMatchObject({ code: 'journal-damaged' })
  const reads = harness.reads()
  expect(reads.cursor('ingest')).toBe(30)
  reads.close()
})

test('stopped in the middle of a stretch nothing of it is kept, and after a start all of it is taken', async () => {
  const all = Array.from({ length: 40 }, (_, index) => entry(index))
  const reader: JournalReader = {
    durableEnd: all.length,
    async *follow(from) {
      yield all.slice(from)
    },
  }
  const run = (stopAfterSleeps: number) => {
    const stopping = new AbortController()
    let nowMs = 0
    let sleeps = 0
    return runIngest({
      reader,
      store: harness.store,
      clock: {
        ...clock,
        // each look at the clock ends a turn
        monotonicMs: () => (nowMs += 20),
        sleep: async () => {
          sleeps += 1
          if (sleeps === stopAfterSleeps) stopping.abort()
        },
      },
      log: quiet,
      signal: stopping.signal,
      termsAt: () => ({ acceptFromMs: 0, expectedIntervalMs: 1_000 }),
      freeBytes: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
      onProgress: () => undefined,
    })
  }
  const stored = () => {
    const reads = harness.reads()
    const { readings } = reads.totals()
    const found = [reads.cursor('ingest'), readings.stored, readings.duplicate]
    reads.close()
    return found
  }
  for (const after of [1, 7, 40]) {
    await run(after)
    expect(stored()).toEqual([0, 0, 0])
  }
  await run(Number.POSITIVE_INFINITY)
  expect(stored()).toEqual([40, 40, 0])
})
