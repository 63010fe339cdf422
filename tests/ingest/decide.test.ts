import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CanonicalReads } from '../../store/index.ts'
import { openRecount } from '../../store/index.ts'
import { IngestHarness, START_MS } from './harness.ts'

const MINUTE_MS = 60_000
const LATER_MS = START_MS + 1440 * MINUTE_MS
const EVER = { fromMs: 0, toMs: Date.UTC(2100, 0, 1) }
const main = { by: 'sensor', device: 'fridge-1', sensor: 'main' } as const
const same = { at: START_MS, seq: 1 }

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

/** Sends one reading of the same identity, a minute later each time; answers its index. */
function send(values: object, minutes = harness.received): number {
  harness.receive({ ...same, ...values }, { receivedAtMs: START_MS + minutes * MINUTE_MS })
  return harness.received - 1
}

function decide(index: number, stands: 'held' | 'stored'): number {
  harness.decide(index, 0, stands, LATER_MS + harness.received)
  return harness.received - 1
}

/** The one row: its values, and the record it is stored as. */
function row(): unknown {
  const { items } = reads.page(main, EVER, 10)
  expect(items).toHaveLength(1)
  return items.map(({ temperature, humidity, battery, doorOpen, position }) => {
    const told = { temperature, humidity, battery, doorOpen }
    return {
      ...Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined)),
      position: position.index,
    }
  })[0]
}

/** Index, what decided it, and excerpt of what is held, the oldest first. */
function held(): unknown[] {
  return reads
    .heldPage({}, 100)
    .items.map(({ position, decidedBy, excerpt, reason }) => {
      expect(reason).toBe('conflict')
      return [position.index, decidedBy?.index ?? null, JSON.parse(excerpt) as unknown]
    })
    .toReversed()
}

/** Stored, complement, duplicate, held; whatever was decided, all sums come out. */
function counts(): unknown {
  const { balanced, messages, readings } = reads.balance('fridge-1')
  expect({ balanced, pending: messages.pending }).toEqual({ balanced: true, pending: 0 })
  expect(reads.totals().balanced).toBe(true)
  const recount = openRecount(harness.path)
  const miscounts = recount.device('fridge-1')
  let step = miscounts.next()
  while (step.done !== true) step = miscounts.next()
  recount.close()
  expect(step.value).toEqual([])
  const { stored, complement, duplicate, held: heldReadings } = readings
  return [stored, complement, duplicate, heldReadings]
}

describe('the held one', () => {
  test('stands, and the one that stood is held in its place with what it had told', () => {
    const first = send({ temperature: 4 })
    const second = send({ temperature: 9 })
    const by = decide(second, 'held')
    expect(row()).toEqual({ temperature: 9, position: second })
    expect(held()).toEqual([[first, by, { ...same, sensor: 'main', temperature: 4 }]])
    const [{ detail, receivedAtMs } = {}] = reads.heldPage({}, 1).items
    expect([detail, receivedAtMs]).toEqual([
      `temperatureMilliC: stored 9000, arrived 4000; decided by record ${by}`,
      START_MS,
    ])
    expect(counts()).toEqual([1, 0, 0, 1])
  })

  test('can be decided back, as often as one likes', () => {
    const first = send({ temperature: 4 })
    const second = send({ temperature: 9 })
    for (let time = 0; time < 3; time += 1) {
      const there = decide(second, 'held')
      expect([row(), held()]).toMatchObject([{ temperature: 9, position: second }, [[first, there, {}]]])
      const back = decide(first, 'held')
      expect([row(), held()]).toMatchObject([{ temperature: 4, position: first }, [[second, back, {}]]])
      expect(counts()).toEqual([1, 0, 0, 1])
    }
  })

  test('changes the row for whoever follows, at the record that decided', () => {
    send({ temperature: 4 })
    const by = decide(send({ temperature: 9 }), 'held')
    expect(reads.changedRows(0, by, 10).rows).toEqual([])
    expect(reads.changedRows(by, by + 1, 10).rows).toMatchObject([
      { tMs: START_MS, values: { temperatureMilliC: 9_000 }, receivedAtMs: START_MS + MINUTE_MS },
    ])
  })

  test('is marked as late when it was, and the other no longer', () => {
    const first = send({ temperature: 4 })
    const late = send({ temperature: 9 }, 120)
    const marks = () => reads.page(main, EVER, 1).items.map((item) => item.marks)
    decide(late, 'held')
    expect(marks()).toEqual([['storeAndForward']])
    decide(first, 'held')
    expect(marks()).toEqual([[]])
  })

  test('keeps the instant where that was not believed', () => {
    harness.receive({ temperature: 4, at: Date.UTC(1970, 0, 1), seq: 7 })
    harness.receive(
      { temperature: 9, at: Date.UTC(1970, 0, 1), seq: 7 },
      { receivedAtMs: START_MS + MINUTE_MS },
    )
    decide(1, 'held')
    expect(reads.page(main, EVER, 2).items).toMatchObject([
      { tMs: START_MS, temperature: 9, marks: ['distrustedUnsetClock'] },
    ])
  })

  test('that contradicts nothing any more is judged as any other', () => {
    send({ temperature: 4 })
    const second = send({ temperature: 9 })
    const third = send({ temperature: 9 })
    decide(second, 'held')
    decide(third, 'held')
    expect(row()).toEqual({ temperature: 9, position: second })
    expect(held()).toHaveLength(1)
    expect(counts()).toEqual([1, 0, 1, 1])
  })
})

describe('a row made of several deliveries', () => {
  test('keeps what is not in question: only the delivery that was wrong is held', () => {
    const first = send({ temperature: 4 })
    const second = send({ humidity: 50 })
    const third = send({ humidity: 60 })
    const by = decide(third, 'held')
    expect(row()).toEqual({ temperature: 4, humidity: 60, position: first })
    expect(held()).toEqual([[second, by, { ...same, sensor: 'main', humidity: 50 }]])
    expect(counts()).toEqual([1, 1, 0, 1])
    decide(second, 'held')
    expect(row()).toEqual({ temperature: 4, humidity: 50, position: first })
    expect(held()).toMatchObject([[third, by + 1, { humidity: 60 }]])
    expect(counts()).toEqual([1, 1, 0, 1])
  })

  test('keeps what else the first one told when that is held', () => {
    const first = send({ temperature: 4, humidity: 50 })
    send({ battery: 88 })
    const third = send({ temperature: 9, battery: 88, doorOpen: true })
    decide(third, 'held')
    expect(row()).toEqual({ temperature: 9, humidity: 50, battery: 88, doorOpen: true, position: third })
    expect(held()).toMatchObject([[first, third + 1, { temperature: 4, humidity: 50 }]])
    expect(counts()).toEqual([1, 1, 0, 1])
    decide(first, 'held')
    expect(row()).toEqual({ temperature: 4, humidity: 50, battery: 88, doorOpen: true, position: first })
    expect(counts()).toEqual([1, 1, 0, 1])
  })

  test('holds each delivery that was wrong', () => {
    const first = send({ temperature: 4 })
    const second = send({ humidity: 50 })
    const third = send({ temperature: 9, humidity: 60 })
    const by = decide(third, 'held')
    expect(row()).toEqual({ temperature: 9, humidity: 60, position: third })
    expect(held()).toMatchObject([
      [first, by, { temperature: 4 }],
      [second, by, { humidity: 50 }],
    ])
    expect(counts()).toEqual([1, 0, 0, 2])
    decide(second, 'held')
    // the third told the temperature, which nobody doubts
    expect(row()).toEqual({ temperature: 9, humidity: 50, position: second })
    expect(held()).toMatchObject([
      [first, by, {}],
      [third, by + 1, { temperature: 9, humidity: 60 }],
    ])
    expect(counts()).toEqual([1, 0, 0, 2])
  })

  test('counts a delivery once, also when it is right again without anybody being wrong', () => {
    send({ doorOpen: true })
    const second = send({ temperature: 9, humidity: 50 })
    decide(send({ temperature: 4 }), 'held')
    decide(send({ temperature: 9 }), 'held')
    expect(counts()).toEqual([1, 1, 0, 2])
    // only the humidity is its own now; of the temperature the last one says the same
    decide(second, 'held')
    expect(counts()).toEqual([1, 2, 0, 1])
    decide(send({ humidity: 60 }), 'held')
    expect(counts()).toEqual([1, 2, 0, 2])
  })

  test('holds the one it is stored as too, where another one had told the same before it', () => {
    const first = send({ humidity: 60 })
    const second = send({ temperature: 9 })
    const third = send({ temperature: 9, humidity: 50 })
    decide(third, 'held')
    expect(row()).toEqual({ temperature: 9, humidity: 50, position: third })
    expect(counts()).toEqual([1, 1, 0, 1])
    const fourth = send({ temperature: 4 })
    const by = decide(fourth, 'held')
    expect(row()).toEqual({ temperature: 4, humidity: 50, position: fourth })
    expect(held()).toMatchObject([
      [first, by - 2, { humidity: 60 }],
      [second, by, { temperature: 9 }],
      [third, by, { temperature: 9, humidity: 50 }],
    ])
    expect(counts()).toEqual([1, 0, 0, 3])
    decide(second, 'held')
    // the third says the same, and nobody decided for it
    expect(row()).toEqual({ temperature: 9, humidity: 50, position: second })
    expect(held()).toMatchObject([
      [first, by - 2, {}],
      [third, by, {}],
      [fourth, by + 1, { temperature: 4 }],
    ])
    decide(third, 'held')
    expect(row()).toEqual({ temperature: 9, humidity: 50, position: second })
    expect(counts()).toEqual([1, 1, 0, 2])
  })

  test('stored as one that agrees with another is stored as who is right when they both are wrong', () => {
    const first = send({ humidity: 60 })
    const second = send({ humidity: 50, doorOpen: true })
    const third = send({ humidity: 50, doorOpen: false })
    const fourth = send({ doorOpen: true })
    decide(second, 'held')
    const by = decide(third, 'held')
    expect(row()).toEqual({ humidity: 50, doorOpen: false, position: third })
    expect(held()).toMatchObject([
      [first, by - 1, { humidity: 60 }],
      [second, by, { humidity: 50, doorOpen: true }],
      [fourth, by, { doorOpen: true }],
    ])
    expect(counts()).toEqual([1, 0, 0, 3])
  })

  test('holds a delivery once that was wrong twice', () => {
    const first = send({ temperature: 4, humidity: 50 })
    const second = send({ temperature: 9 })
    const third = send({ temperature: 9, humidity: 60 })
    const by = decide(second, 'held')
    decide(third, 'held')
    expect(row()).toEqual({ temperature: 9, humidity: 60, position: second })
    expect(held()).toMatchObject([[first, by, { temperature: 4, humidity: 50 }]])
    expect(counts()).toEqual([1, 1, 0, 1])
  })
})

describe('the stored one', () => {
  test('stays, and the held one waits no more', () => {
    const first = send({ temperature: 4 })
    const second = send({ temperature: 9 })
    const by = decide(second, 'stored')
    decide(second, 'stored')
    expect(row()).toEqual({ temperature: 4, position: first })
    expect(held()).toMatchObject([[second, by, { temperature: 9 }]])
    expect(reads.heldPage({ waiting: true }, 10).items).toEqual([])
    expect(reads.heldSlice('conflict')).toEqual({ count: 0, next: null })
    expect(reads.changedRows(by, by + 2, 10).rows).toEqual([])
    expect(counts()).toEqual([1, 0, 0, 1])
  })

  test('is not asked about again when its record is judged again', () => {
    send({ temperature: 4 })
    const second = send({ temperature: 9 })
    const by = decide(second, 'stored')
    harness.readmit(second, LATER_MS + 100)
    expect(held()).toMatchObject([[second, by, {}]])
    decide(second, 'held')
    expect(row()).toEqual({ temperature: 9, position: second })
    expect(counts()).toEqual([1, 0, 0, 1])
  })
})

test('about what is held for another reason, or not at all, nothing is decided', () => {
  send({ temperature: 4 })
  harness.receive([{ ...same, temperature: 'warm' }])
  decide(0, 'held')
  decide(1, 'held')
  decide(1, 'stored')
  expect(row()).toEqual({ temperature: 4, position: 0 })
  expect(reads.heldPage({ waiting: true }, 10).items).toMatchObject([{ reason: 'wrong-type' }])
  expect(counts()).toEqual([1, 0, 0, 1])
})
