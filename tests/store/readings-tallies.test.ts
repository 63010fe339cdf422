import { afterEach, beforeEach, expect, test } from 'vitest'
import { marks } from '../../domain/index.ts'
import type { HeldRow } from '../../store/index.ts'
import type { Readings } from './readings-fixture.ts'
import { openReadings, putRecord, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

const MINUTE_MS = 60_000
const hour = { device: 'd1', sensor: 'main', fromMs: T0, toMs: T0 + 60 * MINUTE_MS }

test('a piece is counted by event time: its first instant and not its last', () => {
  const late = { marks: marks.storeAndForward | marks.arrivalTime }
  putRecord(readings, 0, [
    { tMs: T0 - 1 },
    { tMs: T0 },
    { tMs: T0 + MINUTE_MS, ...late },
    { tMs: T0 + 2 * MINUTE_MS, marks: marks.distrustedFuture },
    { tMs: T0 + 60 * MINUTE_MS, ...late },
    { tMs: T0, sensor: 'door', ...late },
    { tMs: T0, device: 'd2', ...late },
  ])
  expect(readings.reads.tally(hour)).toEqual({ stored: 3, late: 1, duplicate: 0 })
  expect(readings.reads.tally({ ...hour, device: 'nobody' })).toEqual({ stored: 0, late: 0, duplicate: 0 })
})

test('a repeat is counted at its reading, and is no change for those who follow changed rows', () => {
  putRecord(readings, 0, [{ tMs: T0, seq: 7 }, { tMs: T0 + MINUTE_MS }])
  const before = readings.reads.changedRows(0, 10, 10)
  readings.store.transact((tx) => {
    const series = tx.series('d1', 'main', T0, 64) ?? -1
    tx.repeat({ series, tMs: T0, sub: 8 })
    tx.repeat({ series, tMs: T0, sub: 8 })
    tx.repeat({ series, tMs: T0 + MINUTE_MS, sub: 0 })
    tx.setCursor('ingest', 3)
  })
  expect(readings.reads.tally(hour)).toEqual({ stored: 2, late: 0, duplicate: 3 })
  expect(readings.reads.tally({ ...hour, toMs: T0 + 1 }).duplicate).toBe(2)
  expect(readings.reads.changedRows(0, 10, 10)).toEqual(before)
})

test('what is not there cannot arrive again', () => {
  const again = () =>
    readings.store.transact((tx) => {
      tx.repeat({ series: 1, tMs: T0, sub: 0 })
    })
  expect(again).toThrow('no such row')
})

test('held is counted by arrival, reason and sensor, where the sensor can be told', () => {
  const row: HeldRow = {
    index: 0,
    item: null,
    device: 'd1',
    receivedAtMs: T0,
    reason: 'malformed-json',
    detail: '',
    excerpt: '{"sensor":"main"',
  }
  const reading = (index: number, excerpt: string): HeldRow => ({
    ...row,
    index,
    item: 0,
    reason: 'conflict',
    excerpt,
  })
  readings.store.transact((tx) => {
    tx.hold(row)
    tx.hold({ ...row, index: 1, excerpt: '{"sensor":"main"}' })
    tx.hold({ ...row, index: 2, receivedAtMs: T0 - 1 })
    tx.hold({ ...row, index: 3, receivedAtMs: T0 + 60 * MINUTE_MS })
    tx.hold(reading(4, '{"sensor":"main","temperature":4}'))
    tx.hold(reading(5, '{"temperature":4}'))
    tx.hold(reading(6, '{"sensor":"door","temperature":4}'))
    tx.hold(reading(7, '{"sensor":"not a name"}'))
    tx.hold(reading(8, '{"sensor":5}'))
    tx.hold(reading(9, '7'))
    tx.hold(reading(10, '{"sensor":"main","tem'))
    tx.hold({ ...reading(11, '{"sensor":"main"}'), device: 'd2' })
  })
  expect(readings.reads.heldCounts('d1', ['main'], hour)).toEqual([
    { sensor: null, reason: 'conflict', count: 4 },
    { sensor: null, reason: 'malformed-json', count: 2 },
    { sensor: 'main', reason: 'conflict', count: 2 },
  ])
  expect(readings.reads.heldCounts('d1', ['door'], hour).at(-1)).toEqual({
    sensor: 'door',
    reason: 'conflict',
    count: 1,
  })
  expect(readings.reads.heldCounts('d3', ['main'], hour)).toEqual([])
})
