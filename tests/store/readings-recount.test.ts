import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openRecount, type Miscount, type Recount } from '../../store/index.ts'
import { ROWS_PER_STEP } from '../../store/readings/recount.ts'
import type { Readings } from './readings-fixture.ts'
import { noCounts, openReadings, putRecord, T0 } from './readings-fixture.ts'

let readings: Readings
let recount: Recount
beforeEach(() => {
  readings = openReadings()
  recount = openRecount(readings.path)
})
afterEach(() => {
  recount.close()
  readings.remove()
})

function compared(device: string, onStep: (step: number) => void = () => undefined): readonly Miscount[] {
  const steps = recount.device(device)
  for (let step = 0; ; step += 1) {
    const { done, value } = steps.next()
    if (done === true) return value
    onStep(step)
  }
}

/** What somebody does with the file past everything the store does. */
function behindItsBack(sql: string): void {
  const database = new DatabaseSync(readings.path)
  database.exec(sql)
  database.close()
}

/** A device with two sensors of three readings, a held reading and a held message, counted as ingest counts. */
function fill(device: string, firstIndex: number): void {
  for (let n = 0; n < 3; n += 1) {
    const samples = ['main', 'door'].map((sensor) => ({ device, sensor, tMs: T0 + n }))
    putRecord(readings, firstIndex + n, samples)
  }
  readings.store.transact((tx) => {
    const held = { device, receivedAtMs: T0, detail: '', excerpt: '' }
    tx.hold({ ...held, index: firstIndex + 3, item: 0, reason: 'conflict' })
    tx.hold({ ...held, index: firstIndex + 4, item: null, reason: 'malformed-json' })
    tx.count(device, { ...noCounts, decoded: 1, readings: 1, heldReadings: 1, heldMessages: 1 })
    tx.countJournalled(device, 5)
    tx.setCursor('ingest', firstIndex + 5)
    tx.setCursor('census', firstIndex + 5)
  })
}

test('finds nothing where rows and counters agree', () => {
  fill('d1', 0)
  fill('d2', 5)
  expect(recount.devices(undefined, 10)).toEqual(['d1', 'd2'])
  expect(recount.devices('d1', 10)).toEqual(['d2'])
  expect([compared('d1'), compared('d2'), compared('unknown'), recount.log()]).toEqual([[], [], [], []])
})

test.each([
  ['a reading is gone', 'delete from reading where t = 1795392000001 and series = 1', 'stored rows', 6, 5],
  ['a held reading is gone', 'delete from held where item = 0', 'held readings', 1, 0],
  ['a held message is gone', 'delete from held where item = -1', 'held messages', 1, 0],
  ['an outcome was counted twice', 'update device_count set duplicate = 1', 'readings', 7, 8],
  ['a record was counted by one side only', 'update device_count set journalled = 6', 'messages', 6, 5],
])('says so when %s', (_, sql, what, counted, found) => {
  fill('d1', 0)
  behindItsBack(sql)
  expect(compared('d1')).toEqual([{ what, counted, found }])
})

test('compares the counters of all devices with the cursors', () => {
  fill('d1', 0)
  behindItsBack("update cursor set next = 6 where name = 'census'")
  expect(recount.log()).toEqual([{ what: 'records of the census', counted: 5, found: 6 }])
})

test('a device of many rows takes several steps, of one instant, whatever is stored meanwhile', () => {
  const count = 2 * ROWS_PER_STEP + 1
  readings.store.transact((tx) => {
    const series = tx.series('d1', 'main', T0, 64) ?? -1
    for (let n = 0; n < count; n += 1) {
      const times = { tMs: T0 + 2 * n, atMs: T0 + 2 * n, receivedAtMs: T0 + 2 * n }
      const rest = { sub: 0, seq: null, index: 0, item: n, marks: 0, payloadHash: null }
      tx.insert({ series, ...times, ...rest, values: { temperatureMilliC: 4_000 } })
    }
    tx.count('d1', { ...noCounts, decoded: 1, readings: count, stored: count })
    tx.countJournalled('d1', 1)
    tx.setCursor('ingest', 1)
    tx.setCursor('census', 1)
  })
  let steps = 0
  const found = compared('d1', (step) => {
    steps += 1
    // before and behind what was counted already
    putRecord(readings, step + 1, [{ tMs: T0 + 1 + 2 * step }, { tMs: T0 + 1 + 2 * count - 2 * step }])
  })
  expect([steps, found]).toEqual([4, []])
})

test('left in the middle it holds nothing', () => {
  fill('d1', 0)
  const steps = recount.device('d1')
  steps.next()
  steps.return([])
  expect(compared('d1')).toEqual([])
})
