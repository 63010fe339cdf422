import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { publishTopic } from '../../domain/index.ts'
import type { CanonicalReads } from '../../store/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
const EVER = { fromMs: 0, toMs: Date.UTC(2100, 0, 1) }
const MAIN = { by: 'sensor', device: 'fridge-1', sensor: 'main' } as const

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

/** Counters of the device, after checking that they balance and that every held row is there. */
function outcome(device = 'fridge-1'): Record<string, number> {
  const { balanced, messages, readings } = reads.balance(device)
  expect({ balanced, pending: messages.pending }).toEqual({ balanced: true, pending: 0 })
  expect(reads.totals().balanced).toBe(true)
  expect(reads.heldPage({ devices: [device] }, 1000).items).toHaveLength(messages.held + readings.held)
  const { decoded, ...counted } = readings
  return { messages: messages.decoded, heldMessages: messages.held, readings: decoded, ...counted }
}

function heldReasons(): string[] {
  return reads.heldPage({}, 1000).items.map((each) => each.reason)
}

function rows(): unknown[] {
  return reads
    .page(MAIN, EVER, 1000)
    .items.map(({ tMs, temperature, marks }) => [tMs - START_MS, temperature, marks])
}

describe('messages that cannot be read are held whole, and the next one is taken', () => {
  test.each([
    ['malformed-json', '{"temperature":'],
    ['malformed-json', '{"temperature":NaN}'],
    ['malformed-json', ''],
    ['nested-too-deep', '['.repeat(60_000)],
    ['nested-too-deep', `[${'['.repeat(30_000)}${']'.repeat(30_000)}]`],
    ['nested-too-deep', `{"temperature":4,"at":${'['.repeat(17)}${']'.repeat(17)}}`],
    ['too-many-readings', JSON.stringify(Array(4_401).fill(1))],
    ['not-utf8', new Uint8Array([0xff, 0xfe, 0x7b])],
    ['not-a-reading', '4.2'],
    ['not-a-reading', 'null'],
    ['empty-message', '[]'],
  ])('%s', (reason, payload) => {
    harness.receive(payload)
    harness.receive({ temperature: 4.2, at: START_MS })
    expect(heldReasons()).toEqual([reason])
    expect(outcome()).toEqual({
      messages: 1,
      heldMessages: 1,
      readings: 1,
      stored: 1,
      complement: 0,
      duplicate: 0,
      held: 0,
    })
  })

  test('a topic this version does not read', () => {
    harness.receive({ temperature: 4.2 }, { topic: 'isotherm/v2/fridge-1/readings' })
    expect(heldReasons()).toEqual(['unknown-topic'])
    expect(outcome()).toMatchObject({ heldMessages: 1, readings: 0 })
  })

  test('brackets inside of text do not nest', () => {
    harness.receive({ temperature: 4.2, at: START_MS, note: `\\"${'['.repeat(50)}` })
    expect(outcome()).toMatchObject({ stored: 1, heldMessages: 0 })
  })

  test('status and responses are decoded and carry no reading', () => {
    harness.receive({ online: true }, { topic: publishTopic('fridge-1', 'status') })
    harness.receive('oops', { topic: publishTopic('fridge-1', 'responses') })
    expect(outcome()).toMatchObject({ messages: 1, heldMessages: 1, readings: 0 })
    expect(reads.lastMessages('fridge-1')).toEqual([
      { kind: 'status', receivedAtMs: START_MS, json: '{"online":true}' },
    ])
  })
})

describe('one bad reading does not take the others of its message with it', () => {
  test('each is counted once', () => {
    harness.receive([
      { at: START_MS, temperature: 4.2 },
      { at: START_MS, temperature: 'warm', sensor: 'b' },
      { at: START_MS, temperature: 327.67, sensor: 'c' },
      { at: START_MS, temperature: 5, sensor: 'd' },
      { at: 'soon', temperature: 5 },
      7,
    ])
    expect(outcome()).toMatchObject({ readings: 6, stored: 2, held: 4 })
    expect(heldReasons().toSorted()).toEqual(['bad-time', 'impossible-value', 'not-a-reading', 'wrong-type'])
  })
})

describe('identity', () => {
  test('the same reading ten times is stored once', () => {
    for (let time = 0; time < 10; time += 1) harness.receive({ at: START_MS, seq: 1, temperature: 4.2 })
    expect(outcome()).toMatchObject({ readings: 10, stored: 1, duplicate: 9, held: 0 })
    expect(rows()).toEqual([[0, 4.2, []]])
  })

  test('the same identity with another value is held, and the stored one stands', () => {
    harness.receive({ at: START_MS, seq: 1, temperature: 4.2 })
    harness.receive({ at: START_MS, seq: 1, temperature: 4.3, humidity: 40 })
    expect(outcome()).toMatchObject({ stored: 1, held: 1, complement: 0 })
    expect(heldReasons()).toEqual(['conflict'])
    expect(rows()).toEqual([[0, 4.2, []]])
  })

  test('temperature and humidity of one instant in two messages become one reading', () => {
    harness.receive({ at: START_MS, temperature: 4.2 })
    harness.receive({ at: START_MS, humidity: 45.2 })
    expect(outcome()).toMatchObject({ stored: 1, complement: 1, held: 0 })
    expect(reads.page(MAIN, EVER, 10).items).toMatchObject([{ temperature: 4.2, humidity: 45.2 }])
  })

  test('two numbers at one instant are two readings', () => {
    harness.receive([
      { at: START_MS, seq: 1, temperature: 4.2 },
      { at: START_MS, seq: 2, temperature: 4.4 },
    ])
    expect(outcome()).toMatchObject({ stored: 2 })
  })

  test('without time, the same number and payload within a day is a duplicate, later it is not', () => {
    harness.receive({ seq: 7, temperature: 4.2 })
    harness.receive({ seq: 7, temperature: 4.2 }, { receivedAtMs: START_MS + DAY_MS })
    expect(outcome()).toMatchObject({ stored: 1, duplicate: 1 })
    harness.receive({ seq: 7, temperature: 4.2 }, { receivedAtMs: START_MS + DAY_MS + 1 })
    expect(outcome()).toMatchObject({ stored: 2, duplicate: 1 })
  })

  test('without time and number every message is a reading of its own, at an instant of its own', () => {
    for (let time = 0; time < 3; time += 1) harness.receive({ temperature: 4.2 })
    expect(rows()).toEqual([0, 1, 2].map((ms) => [ms, 4.2, ['arrivalTime']]))
  })

  test('without time, several of one sensor in one message are held: their order in time is unknown', () => {
    harness.receive([{ temperature: 4.2 }, { temperature: 4.3 }, { temperature: 9, sensor: 'door' }])
    expect(outcome()).toMatchObject({ stored: 1, held: 2 })
    expect(heldReasons()).toEqual(['no-time', 'no-time'])
  })
})

describe('time', () => {
  test.each([
    ['from 1970', 7_000, 'distrustedUnsetClock', 'unset-clock'],
    ['from tomorrow', START_MS + DAY_MS, 'distrustedFuture', 'future-time'],
    ['from before acceptFrom', START_MS - 61 * DAY_MS, 'distrustedBeforeAcceptFrom', 'before-accept-from'],
  ])('a reading %s: live is kept at arrival and marked, not live is held', (_, at, mark, reason) => {
    harness.receive({ at, temperature: 4.2 })
    harness.receive({ at: at + 1, temperature: 4.4 }, { receivedAtMs: START_MS + 1_000 })
    expect(rows()).toEqual([[0, 4.2, [mark]]])
    expect(heldReasons()).toEqual([reason])
    expect(outcome()).toMatchObject({ stored: 1, held: 1 })
  })

  test('a distrusted reading sent again is a duplicate although it is no longer live', () => {
    harness.receive({ at: 7_000, seq: 3, temperature: 4.2 })
    harness.receive({ at: 7_000, seq: 3, temperature: 4.2 }, { receivedAtMs: START_MS + 10 })
    expect(outcome()).toMatchObject({ stored: 1, duplicate: 1, held: 0 })
  })

  test('a batch with an unset clock is never collapsed onto one instant', () => {
    harness.receive([1, 2, 3].map((second) => ({ at: second * 1000, seq: second, temperature: second })))
    expect(outcome()).toMatchObject({ stored: 0, held: 3 })
    expect(heldReasons()).toEqual(['unset-clock', 'unset-clock', 'unset-clock'])
  })

  test('late with a number is store-and-forward, late without one is held', () => {
    const at = START_MS - 3 * DAY_MS
    harness.receive({ at, seq: 12, temperature: 4.2 })
    harness.receive({ at, temperature: 4.2, sensor: 'b' })
    expect(rows()).toEqual([[-3 * DAY_MS, 4.2, ['storeAndForward']]])
    expect(heldReasons()).toEqual(['backfill-not-allowed'])
  })

  test('a reading with time never moves onto an instant taken by one without', () => {
    harness.receive({ temperature: 4.2 })
    harness.receive({ at: START_MS, temperature: 4.3 })
    expect(heldReasons()).toEqual(['instant-taken'])
    expect(rows()).toEqual([[0, 4.2, ['arrivalTime']]])
  })
})

describe('the counter of a device', () => {
  const at = (minutes: number): number => START_MS - 10 * MINUTE_MS + minutes * 1000

  test('used again with another time it is held', () => {
    harness.receive({ at: at(1), seq: 5, temperature: 4 })
    harness.receive({ at: at(2), seq: 5, temperature: 5 })
    harness.receive({ at: at(1), seq: 5, temperature: 4, sensor: 'second' })
    expect(heldReasons()).toEqual(['seq-reused'])
    expect(outcome()).toMatchObject({ stored: 2, held: 1 })
  })

  test('a fall to 0 or 1 is a reboot: numbers begin anew', () => {
    for (const [index, seq] of [5, 6, 0, 1, 5, 6].entries()) {
      harness.receive({ at: at(index), seq, temperature: index })
    }
    expect(outcome()).toMatchObject({ stored: 6, held: 0 })
  })

  test('a device that forgets its number at every message is not held', () => {
    for (let index = 0; index < 4; index += 1) harness.receive({ at: at(index), seq: 1, temperature: index })
    expect(outcome()).toMatchObject({ stored: 4, held: 0 })
  })

  test('a reboot whose first numbers are lost is told by its time', () => {
    for (const seq of [40, 41, 42]) harness.receive({ at: at(seq), seq, temperature: 4 })
    for (const seq of [2, 3, 4, 41, 42]) harness.receive({ at: at(100 + seq), seq, temperature: 20 })
    expect(outcome()).toMatchObject({ stored: 8, held: 0 })
  })

  test('what comes late from before a reboot takes no number of the present boot', () => {
    const send = (seq: number, seconds: number): void =>
      harness.receive({ at: at(seconds), seq, temperature: seq / 10 })
    for (let seq = 0; seq <= 5; seq += 1) send(seq, seq)
    for (let seq = 0; seq <= 2; seq += 1) send(seq, 100 + seq)
    for (let seq = 6; seq <= 20; seq += 1) send(seq, seq)
    for (let seq = 3; seq <= 25; seq += 1) send(seq, 100 + seq)
    expect(outcome()).toMatchObject({ stored: 47, held: 0 })
  })

  test('files of other dates may be played one after the other, newest first or last', () => {
    for (const [base, step] of [
      [0, 1],
      [-500, 1],
      [500, -1],
      [-200, -1],
    ] as const) {
      for (let seq = 1; seq <= 20; seq += 1) {
        harness.receive({ at: at(base + step * seq), seq, temperature: seq / 10 })
      }
    }
    expect(outcome()).toMatchObject({ stored: 80, held: 0 })
  })

  test('what was sent before a reboot is still a duplicate after it', () => {
    harness.receive({ at: at(1), seq: 5, temperature: 4 })
    harness.receive({ at: at(2), seq: 0, temperature: 5 })
    harness.receive({ at: at(1), seq: 5, temperature: 4 })
    expect(outcome()).toMatchObject({ stored: 2, duplicate: 1 })
  })
})

describe('limits', () => {
  test('a device may name 64 sensors; the 65th is held, the others go on', () => {
    const sensors = Array.from({ length: 66 }, (_, index) => ({
      at: START_MS,
      temperature: 4,
      sensor: `s${index}`,
    }))
    harness.receive(sensors)
    harness.receive({ at: START_MS + 1, temperature: 4, sensor: 's1' })
    expect(outcome()).toMatchObject({ stored: 65, held: 2 })
    expect(heldReasons()).toEqual(['too-many-sensors', 'too-many-sensors'])
  })

  test('devices are counted apart', () => {
    harness.receive({ temperature: 4 })
    harness.receive('x', { deviceId: 'fridge-2' })
    expect(outcome('fridge-1')).toMatchObject({ stored: 1, heldMessages: 0 })
    expect(outcome('fridge-2')).toMatchObject({ stored: 0, heldMessages: 1 })
  })

  test('a slice that fails leaves nothing behind', () => {
    expect(() =>
      harness.store.transact((tx) => {
        tx.setCursor('ingest', 9)
        throw new RangeError('power cut')
      }),
    ).toThrow('power cut')
    expect(harness.store.transact((tx) => tx.cursor('ingest'))).toBe(0)
  })
})
