import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Readings } from './readings-fixture.ts'
import { noCounts, openReadings, putRecord, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

describe('the balance', () => {
  test('tells where every message and reading of a device went', () => {
    const { store, reads } = readings
    store.transact((tx) => {
      tx.count('d1', {
        decoded: 2,
        heldMessages: 1,
        readings: 9,
        stored: 4,
        complement: 1,
        duplicate: 2,
        heldReadings: 2,
      })
      tx.count('d1', { ...noCounts, decoded: 1, readings: 1, stored: 1 })
      tx.count('d2', { ...noCounts, heldMessages: 1 })
      tx.setCursor('ingest', 5)
      tx.countJournalled('d1', 3)
      tx.countJournalled('d1', 2)
      tx.countJournalled('d2', 2)
      tx.setCursor('census', 7)
    })
    expect(reads.balance('d1')).toEqual({
      device: 'd1',
      messages: { journalled: 5, decoded: 3, held: 1, pending: 1 },
      readings: { decoded: 10, stored: 5, complement: 1, duplicate: 2, held: 2 },
      cursors: { ingest: 5, census: 7 },
      balanced: true, // the census is two records ahead: one of them may be this device's
    })
    expect(reads.totals()).toEqual({
      devices: 2,
      series: 0,
      messages: { journalled: 7, decoded: 3, held: 2, pending: 2 },
      readings: { decoded: 10, stored: 5, complement: 1, duplicate: 2, held: 2 },
      cursors: { ingest: 5, census: 7 },
      balanced: true,
    })
    expect(reads.balance('unknown').messages).toEqual({ journalled: 0, decoded: 0, held: 0, pending: 0 })
    expect(reads.balance('unknown').balanced).toBe(true)
  })

  test.each([
    ['a record ingest lost', { ...noCounts, decoded: 1 }, 2, 2, 2],
    ['a record the census lost', { ...noCounts, decoded: 2 }, 2, 1, 2],
    ['a reading without an outcome', { ...noCounts, decoded: 2, readings: 1 }, 2, 2, 2],
    ['more pending than the census is ahead', { ...noCounts, decoded: 1 }, 1, 3, 2],
    ['more counted by ingest than it has passed beyond the census', { ...noCounts, decoded: 4 }, 4, 2, 3],
  ])('does not balance with %s', (_, counts, ingest, journalled, census) => {
    readings.store.transact((tx) => {
      tx.count('d1', counts)
      tx.setCursor('ingest', ingest)
      tx.countJournalled('d1', journalled)
      tx.setCursor('census', census)
    })
    expect(readings.reads.balance('d1').balanced).toBe(false)
    expect(readings.reads.totals().balanced).toBe(false)
  })

  test('sums over all devices to the cursors', () => {
    for (let index = 0; index < 30; index += 1) {
      const device = `d${index % 7}`
      putRecord(readings, index, [
        { device, tMs: T0 + index },
        { device, sensor: 'b', tMs: T0 + index },
      ])
      readings.store.transact((tx) => {
        tx.countJournalled(device, 1)
        tx.setCursor('census', index + 1)
      })
    }
    const totals = readings.reads.totals()
    expect(totals.messages.decoded + totals.messages.held).toBe(readings.reads.cursor('ingest'))
    expect(totals).toMatchObject({ devices: 7, series: 14, readings: { stored: 60 }, balanced: true })
    readings.store.transact((tx) => tx.setCursor('ingest', 31))
    expect(readings.reads.totals().balanced).toBe(false)
  })
})
