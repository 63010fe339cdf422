import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Readings } from './readings-fixture.ts'
import { complementRecord, openReadings, putRecord, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

describe('changed rows', () => {
  test('come once per change, whole records at a time, as they now stand', () => {
    const { reads } = readings
    putRecord(readings, 0, [{ tMs: T0 }, { tMs: T0 + 1 }])
    putRecord(readings, 1, [{ tMs: T0 + 2 }])
    putRecord(
      readings,
      2,
      [0, 1, 2, 3].map((n) => ({ tMs: T0 + 10 + n })),
    )
    complementRecord(readings, 3, { tMs: T0 + 1 }, { batteryMilliPct: 99_000 })
    const walk = (limit: number): unknown[] => {
      const steps: unknown[] = []
      for (let from = 0; from < 4; ) {
        const { rows, next } = reads.changedRows(from, 4, limit)
        steps.push([rows.map(({ tMs }) => tMs - T0), next])
        from = next
      }
      return steps
    }
    expect(walk(1)).toEqual([
      [[0], 1],
      [[2], 2],
      [[10, 11, 12, 13], 3],
      [[1], 4],
    ])
    expect(walk(2)).toEqual([
      [[0, 2], 2],
      [[10, 11, 12, 13], 3],
      [[1], 4],
    ])
    expect(walk(3)).toEqual([
      [[0, 2], 2],
      [[10, 11, 12, 13], 3],
      [[1], 4],
    ])
    expect(walk(6)).toEqual([
      [[0, 2, 10, 11, 12, 13], 3],
      [[1], 4],
    ])
    expect(walk(7)).toEqual([[[0, 2, 10, 11, 12, 13, 1], 4]])
    expect(reads.changedRows(3, 4, 10).rows).toEqual([
      {
        series: 1,
        device: 'd1',
        sensor: 'main',
        tMs: T0 + 1,
        sub: 0,
        seq: null,
        receivedAtMs: T0 + 251,
        values: { temperatureMilliC: 4210, batteryMilliPct: 99_000 },
      },
    ])
    expect(reads.changedRows(4, 9, 10)).toEqual({ rows: [], next: 9 })
    const values = [4210, null, 99_000, null, null, null, null]
    expect(reads.changedTuples(3, 4, 10).rows).toEqual([[3, 1, T0 + 1, 0, null, T0 + 251, ...values]])
    expect(reads.sensorOf(1)).toEqual({ device: 'd1', sensor: 'main' })
    expect(reads.sensorOf(2)).toBeUndefined()
    for (const limit of [1, 2, 3, 6, 7]) {
      const { rows, next } = reads.changedRows(0, 4, limit)
      const tuples = reads.changedTuples(0, 4, limit)
      expect(tuples.next).toBe(next)
      const inSeries = rows.toSorted((a, b) => a.series - b.series || a.tMs - b.tMs)
      expect(tuples.rows.map(([, series, tMs]) => [series, tMs])).toEqual(
        inSeries.map(({ series, tMs }) => [series, tMs]),
      )
    }
  })

  test('lie within spans, one for each sensor, as far as they are before an instant', () => {
    const { reads } = readings
    putRecord(readings, 0, [{ tMs: T0 }, { tMs: T0 + 9 }])
    putRecord(readings, 1, [{ tMs: T0 + 5 }, { device: 'd2', tMs: T0 + 7 }])
    putRecord(readings, 2, [{ tMs: T0 + 2 }])
    const [d1, d2] = [
      { device: 'd1', sensor: 'main' },
      { device: 'd2', sensor: 'main' },
    ]
    expect(reads.changedSpans(0, 3, T0 + 100)).toEqual([
      { ...d1, firstMs: T0, lastMs: T0 + 9 },
      { ...d2, firstMs: T0 + 7, lastMs: T0 + 7 },
    ])
    expect(reads.changedSpans(0, 3, T0 + 7)).toEqual([{ ...d1, firstMs: T0, lastMs: T0 + 5 }])
    expect(reads.changedSpans(1, 2, T0 + 100)).toEqual([
      { ...d1, firstMs: T0 + 5, lastMs: T0 + 5 },
      { ...d2, firstMs: T0 + 7, lastMs: T0 + 7 },
    ])
    expect(reads.changedSpans(3, 9, T0 + 100)).toEqual([])
  })

  test('are counted off by whole records, at least one', () => {
    const { reads } = readings
    putRecord(readings, 0, [{ tMs: T0 }, { tMs: T0 + 1 }, { tMs: T0 + 2 }])
    putRecord(readings, 1, [{ tMs: T0 + 3 }])
    putRecord(readings, 3, [{ tMs: T0 + 4 }])
    expect([1, 2, 3, 4, 5].map((rows) => reads.changedTo(0, 9, rows))).toEqual([1, 1, 1, 3, 9])
    expect(reads.changedTo(1, 9, 1)).toBe(3)
    expect(reads.changedTo(4, 9, 1)).toBe(9)
    expect(reads.changedTo(0, 1, 1)).toBe(1)
    expect(reads.changedTo(5, 5, 1)).toBe(5)
  })

  test('silences lie within spans too', () => {
    const { reads, store } = readings
    store.transact((tx) => {
      const [one, other] = ['main', 'door'].map((sensor) => tx.series('d1', sensor, T0, 10) ?? 0)
      tx.putSilences(one ?? 0, [
        { fromMs: T0, toMs: T0 + 10, index: 0 },
        { fromMs: T0 + 20, toMs: T0 + 30, index: 2 },
      ])
      tx.putSilences(other ?? 0, [{ fromMs: T0, toMs: T0 + 40, index: 2 }])
    })
    const [main, door] = [
      { device: 'd1', sensor: 'main' },
      { device: 'd1', sensor: 'door' },
    ]
    expect(reads.changedSilences(0, 3)).toEqual([
      { ...main, fromMs: T0, toMs: T0 + 30, longestMs: 10 },
      { ...door, fromMs: T0, toMs: T0 + 40, longestMs: 40 },
    ])
    expect(reads.changedSilences(0, 2)).toEqual([{ ...main, fromMs: T0, toMs: T0 + 10, longestMs: 10 }])
    expect(reads.changedSilences(3, 9)).toEqual([])
  })
})
