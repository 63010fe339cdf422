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
})
