import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CanonicalReads } from '../../store/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
/** By a clock that is an hour ahead. */
const ahead = [60, 65].map((minutes, nth) => {
  return { at: START_MS + minutes * MINUTE_MS, seq: 10 + nth, temperature: 4.2 }
})

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

function held(): readonly string[] {
  return reads.heldPage({}, 100).items.map(({ reason }) => reason)
}

function readings(): object {
  const { balanced, readings: counted } = reads.balance('fridge-1')
  expect(balanced).toBe(true)
  return counted
}

test('a clock that was ahead becomes no truer by waiting: sent again in time, a reading is held again', () => {
  harness.receive(ahead)
  harness.restart()
  harness.receive(ahead, { receivedAtMs: START_MS + 65 * MINUTE_MS })
  // alone, and so long after that it would be live
  harness.receive(ahead[0], { receivedAtMs: START_MS + 90 * MINUTE_MS })
  expect(held()).toEqual(Array.from({ length: 5 }, () => 'future-time'))
  expect(readings()).toMatchObject({ stored: 0, duplicate: 0, held: 5 })
  const [newest] = reads.heldPage({}, 1).items
  expect(newest?.detail).toMatch(/; it came first in record 0$/)
})

test('nor does judging it again make it truer, and the others of the device go on', () => {
  harness.receive(ahead)
  harness.receive(ahead, { receivedAtMs: START_MS + 65 * MINUTE_MS })
  harness.readmit(0, START_MS + DAY_MS)
  harness.readmit(1, START_MS + DAY_MS)
  expect(readings()).toMatchObject({ stored: 0, held: 4 })
  const later = { at: START_MS + 61 * MINUTE_MS, seq: 12, temperature: 4.2 }
  harness.receive(later, { receivedAtMs: START_MS + 2 * DAY_MS })
  expect(readings()).toMatchObject({ stored: 1, held: 4 })
})

test('a clock that was set right meanwhile gives its instants to other readings: they are taken', () => {
  const unnumbered = ahead.map(({ at, temperature }) => ({ at, temperature }))
  harness.receive(unnumbered)
  harness.receive(unnumbered, { receivedAtMs: START_MS + 65 * MINUTE_MS })
  expect(readings()).toMatchObject({ stored: 2, held: 2 })
})

test('a number that begins anew gives another reading, as its values say', () => {
  harness.receive(ahead)
  const others = ahead.map((reading) => ({ ...reading, temperature: 9 }))
  harness.receive(others, { receivedAtMs: START_MS + 65 * MINUTE_MS })
  expect(readings()).toMatchObject({ stored: 2, held: 2 })
})

test('a clock that counts from each boot gives the same instants again: live readings are taken', () => {
  const sinceBoot = [5, 10].map((minutes) => ({ at: minutes * MINUTE_MS, seq: minutes, temperature: 4.2 }))
  harness.receive(sinceBoot)
  const live = [0, 1].map((nth) => ({ ...sinceBoot[nth], temperature: 15 }))
  for (const [nth, reading] of live.entries()) {
    harness.receive(reading, { receivedAtMs: START_MS + DAY_MS + nth * 5 * MINUTE_MS })
  }
  expect(readings()).toMatchObject({ stored: 2, held: 2 })
})

test('a reading that was stored stands, whatever comes later', () => {
  const [first] = ahead
  harness.receive(first)
  harness.receive(ahead, { receivedAtMs: START_MS + 1 })
  expect(readings()).toMatchObject({ stored: 1, duplicate: 1, held: 1 })
})
