import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CanonicalReads } from '../../store/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

const DAY_MS = 86_400_000

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

test('every road to a duplicate is counted at the reading it repeats', () => {
  // as stated, with a complement that arrives twice, and one that contradicts
  for (const seq of [1, 1, 1]) harness.receive({ at: START_MS, seq, temperature: 4.2 })
  for (const humidity of [40, 40, 41]) harness.receive({ at: START_MS, seq: 1, humidity })
  // without a time, and kept at arrival because its time is not believed
  for (const receivedAtMs of [START_MS + 1, START_MS + 2]) {
    harness.receive({ seq: 7, temperature: 4.2 }, { receivedAtMs })
  }
  const later = START_MS + 3 * DAY_MS
  const ahead = { at: later + DAY_MS, seq: 8, temperature: 4.2 }
  for (const delayMs of [0, 1, 2]) harness.receive(ahead, { receivedAtMs: later + delayMs })
  const { balanced, readings } = reads.balance('fridge-1')
  expect(balanced).toBe(true)
  expect(readings).toMatchObject({ stored: 3, complement: 1, duplicate: 6, held: 1 })
  const { duplicate } = readings
  const everything = { device: 'fridge-1', sensor: 'main', fromMs: 0, toMs: 2 * later }
  expect(reads.tally(everything)).toMatchObject({ stored: 3, duplicate })
  expect(reads.tally({ ...everything, toMs: START_MS + 1 }).duplicate).toBe(3)
  expect(reads.tally({ ...everything, fromMs: later }).duplicate).toBe(2)
})
