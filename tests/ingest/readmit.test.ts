import * as fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { decodeReadmission, encodeReadmission, encodeRecord, publishTopic } from '../../domain/index.ts'
import type { CanonicalReads } from '../../store/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

const MINUTE_MS = 60_000
const LATER_MS = START_MS + 1440 * MINUTE_MS
const EVER = { fromMs: 0, toMs: Date.UTC(2100, 0, 1) }

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

function acceptFrom(acceptFromMs: number): void {
  harness.terms = { ...harness.terms, acceptFromMs }
}

function rows(device = 'fridge-1'): unknown[] {
  return reads
    .page({ by: 'sensor', device, sensor: 'main' }, EVER, 1000)
    .items.map(({ tMs, temperature, seq, marks, receivedAtMs }) => ({
      tMs,
      temperature,
      seq,
      marks,
      receivedAtMs,
    }))
}

function held(device = 'fridge-1'): unknown[] {
  return reads.heldPage({ devices: [device] }, 1000).items.map(({ position, reason }) => {
    return [position.index, position.item, reason]
  })
}

function counts(device = 'fridge-1'): unknown {
  const { balanced, messages, readings } = reads.balance(device)
  expect({ balanced, pending: messages.pending }).toEqual({ balanced: true, pending: 0 })
  expect(reads.totals().balanced).toBe(true)
  return { messages: [messages.decoded, messages.held], readings: Object.values(readings) }
}

test('what lay before acceptFrom is stored once acceptFrom was moved, as it was received and sent', () => {
  acceptFrom(START_MS)
  harness.receive([
    { temperature: 4.2, at: START_MS - 10 * MINUTE_MS, seq: 1 },
    { temperature: 4.3, at: START_MS, seq: 2 },
    { temperature: 'warm', at: START_MS - 5 * MINUTE_MS, seq: 3 },
  ])
  expect(held()).toEqual([
    [0, 2, 'wrong-type'],
    [0, 0, 'before-accept-from'],
  ])
  harness.readmit(0, LATER_MS)
  expect(held()).toHaveLength(2)
  acceptFrom(START_MS - 60 * MINUTE_MS)
  harness.readmit(0, LATER_MS + 1)
  expect(held()).toEqual([[0, 2, 'wrong-type']])
  const stored = { receivedAtMs: START_MS, marks: [] }
  expect(rows()).toEqual([
    { tMs: START_MS - 10 * MINUTE_MS, temperature: 4.2, seq: 1, ...stored },
    { tMs: START_MS, temperature: 4.3, seq: 2, ...stored },
  ])
  // decoded, stored, complement, duplicate, held
  expect(counts()).toEqual({ messages: [3, 0], readings: [3, 2, 0, 0, 1] })
})

test('whoever follows changed rows is told by the record that re-admits', () => {
  acceptFrom(START_MS)
  harness.receive([
    { temperature: 4.2, at: START_MS - 10 * MINUTE_MS, seq: 1 },
    { temperature: 4.2, at: START_MS, seq: 2 },
  ])
  harness.receive({ temperature: 4.2, at: START_MS, seq: 2 })
  acceptFrom(0)
  harness.readmit(0, LATER_MS)
  expect(reads.changedRows(2, 3, 10).rows).toMatchObject([{ tMs: START_MS - 10 * MINUTE_MS }])
  const [first] = reads.page({ by: 'sensor', device: 'fridge-1', sensor: 'main' }, EVER, 1).items
  expect(first?.position).toEqual({ log: 'readings', index: 0, item: 0 })
})

test('of what is not held nothing changes, and nothing is counted twice', () => {
  harness.receive({ temperature: 4.2, at: START_MS, seq: 1 })
  const before = rows()
  harness.readmit(0, LATER_MS)
  harness.readmit(0, LATER_MS)
  expect(rows()).toEqual(before)
  expect(counts()).toEqual({ messages: [3, 0], readings: [1, 1, 0, 0, 0] })
})

test('a message that still cannot be read stays held as it is', () => {
  harness.receive('{"temperature":')
  harness.readmit(0, LATER_MS)
  expect(held()).toEqual([[0, null, 'malformed-json']])
  expect(counts()).toEqual({ messages: [1, 1], readings: [0, 0, 0, 0, 0] })
})

test('a reading that came again meanwhile is a duplicate then', () => {
  acceptFrom(START_MS)
  const reading = { temperature: 4.2, at: START_MS - 10 * MINUTE_MS, seq: 1 }
  const sent = [reading, { ...reading, seq: 2 }]
  harness.receive(sent)
  acceptFrom(0)
  harness.receive(sent, { receivedAtMs: START_MS + MINUTE_MS })
  harness.readmit(0, LATER_MS)
  expect(held()).toEqual([])
  expect(counts()).toEqual({ messages: [3, 0], readings: [4, 2, 0, 2, 0] })
})

test('a reading held long ago is not taken for a live one with a wrong clock', () => {
  harness.receive({ temperature: 4.2, at: START_MS, seq: 1 })
  const ahead = { temperature: 4.4, at: START_MS + 600 * MINUTE_MS, seq: 9 }
  harness.receive([ahead, { ...ahead, seq: 10 }], { receivedAtMs: START_MS + 10 * MINUTE_MS })
  expect(held()).toHaveLength(2)
  harness.readmit(1, LATER_MS)
  expect(held()).toHaveLength(2)
})

const anyMessages = fc.array(
  fc.record({
    minutesBefore: fc.integer({ min: -30, max: 30 }),
    temperature: fc.constantFrom<unknown>(4.1, 4.2, 9, 'warm', null, 327.67),
    // one alone would be live, and kept with its time distrusted
    readings: fc.integer({ min: 2, max: 4 }),
  }),
  { minLength: 1, maxLength: 8 },
)

test('re-admitted readings end as they would have if they had been accepted at once', () => {
  let run = 0
  fc.assert(
    fc.property(anyMessages, fc.infiniteStream(fc.nat(7)), (messages, order) => {
      run += 1
      const [late, atOnce] = [`late-${run}`, `once-${run}`]
      const send = (deviceId: string): void => {
        for (const [at, { minutesBefore, temperature, readings }] of messages.entries()) {
          const items = Array.from({ length: readings }, (_, nth) => {
            const minutes = at * 100 + nth * 7 - minutesBefore
            return { temperature, at: START_MS + minutes * MINUTE_MS, seq: at * 10 + nth }
          })
          harness.receive(items, { deviceId, receivedAtMs: START_MS + at * 100 * MINUTE_MS + 30 * MINUTE_MS })
        }
      }
      acceptFrom(START_MS + 150 * MINUTE_MS)
      const first = harness.received
      send(late)
      acceptFrom(0)
      send(atOnce)
      // some of them twice, in any order
      for (const [at] of messages.entries()) {
        for (const index of [first + (order.next().value % messages.length), first + at]) {
          harness.readmit(index, LATER_MS)
        }
      }
      expect(rows(late)).toEqual(rows(atOnce))
      expect(held(late).length).toBe(held(atOnce).length)
      expect(reads.balance(late).readings).toEqual(reads.balance(atOnce).readings)
      counts(late)
    }),
  )
})

test('the payload says which record it is and holds all of it', () => {
  const record = {
    receivedAtMs: START_MS,
    deviceId: 'fridge-1',
    channel: 'mqtt',
    topic: publishTopic('fridge-1', 'readings'),
    qos: 1,
    payload: Buffer.from('{"temperature":4.2}'),
  } as const
  const payload = encodeReadmission({ index: 2 ** 40 + 7, record })
  const decoded = decodeReadmission(payload)
  expect(decoded.index).toBe(2 ** 40 + 7)
  expect(Buffer.compare(encodeRecord(decoded.record), encodeRecord(record))).toBe(0)
})
