import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Readings, Sample } from './readings-fixture.ts'
import { openReadings, putRecord, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

const always = { fromMs: 0, toMs: T0 * 2 }
const everything = { by: 'point', point: 'none' } as const

describe('pages of readings', () => {
  test('carry marks, position and the time as sent', () => {
    putRecord(readings, 5, [
      { tMs: T0, sensor: 'a', seq: 7, values: { latE7: -315_000_001, lonE7: 1_203_000_000, doorOpen: true } },
      { tMs: T0 + 1, sensor: 'b', atMs: null, marks: 1, receivedAtMs: T0 + 1 },
      { tMs: T0 + 2, sensor: 'b', atMs: T0 - 9, marks: 20, receivedAtMs: T0 + 2 },
    ])
    expect(readings.reads.page(everything, always, 10)).toEqual({
      items: [
        {
          sensor: 'd1/a',
          tMs: T0,
          seq: 7,
          receivedAtMs: T0 + 250,
          doorOpen: true,
          lat: -31.500_000_1,
          lon: 120.3,
          atMs: T0,
          marks: [],
          position: { log: 'readings', index: 5, item: 0 },
        },
        {
          sensor: 'd1/b',
          tMs: T0 + 1,
          seq: null,
          receivedAtMs: T0 + 1,
          temperature: 4.21,
          atMs: null,
          marks: ['arrivalTime'],
          position: { log: 'readings', index: 5, item: 1 },
        },
        {
          sensor: 'd1/b',
          tMs: T0 + 2,
          seq: null,
          receivedAtMs: T0 + 2,
          temperature: 4.21,
          atMs: T0 - 9,
          marks: ['distrustedUnsetClock', 'storeAndForward'],
          position: { log: 'readings', index: 5, item: 2 },
        },
      ],
      next: null,
    })
  })

  test('follow each other without a hole or a repeat, through instants many readings share', () => {
    const samples: Sample[] = []
    for (const device of ['d-1', 'd.1', 'd1', 'd10', 'd2']) {
      for (const tMs of [T0, T0, T0 + 60_000, T0 + 60_000]) {
        samples.push({ device, tMs, seq: samples.length })
      }
    }
    putRecord(readings, 0, samples)
    const expected = samples
      .map(({ device, tMs, seq }) => [tMs, `${device}/main`, seq])
      .toSorted(
        ([t, sensor], [t2, sensor2]) => Number(t) - Number(t2) || (String(sensor) < String(sensor2) ? -1 : 1),
      )
    for (const limit of [1, 3, 7, 20, 21]) {
      const seen: unknown[] = []
      let after: string | undefined
      do {
        const page = readings.reads.page(everything, always, limit, after)
        seen.push(...page.items.map(({ tMs, sensor, seq }) => [tMs, sensor, seq]))
        after = page.next ?? undefined
      } while (after !== undefined)
      expect(seen).toEqual(expected)
    }
  })

  test('leave out devices outside of the scope, and so do buckets', async () => {
    putRecord(readings, 0, [
      { device: 'mine', tMs: T0 },
      { device: 'theirs', tMs: T0 },
    ])
    const { reads } = readings
    const sensors = (devices?: string[]): string[] =>
      reads.page(everything, always, 10, undefined, devices).items.map(({ sensor }) => sensor)
    expect(sensors()).toEqual(['mine/main', 'theirs/main'])
    expect(sensors(['mine', 'unknown'])).toEqual(['mine/main'])
    expect(sensors([])).toEqual([])
    expect(
      reads.page({ by: 'sensor', device: 'theirs', sensor: 'main' }, always, 10, undefined, ['mine']).items,
    ).toEqual([])
    expect(await reads.buckets(everything, always, 1000, 'temperature', ['mine'])).toEqual([
      { startMs: T0, count: 1, min: 4.21, max: 4.21, mean: 4.21 },
    ])
  })

  test('are empty for a point that does not exist yet', async () => {
    putRecord(readings, 0, [{ tMs: T0 }])
    const nowhere = { by: 'point', point: 'p1' } as const
    const { reads } = readings
    expect(reads.page(nowhere, always, 10)).toEqual({ items: [], next: null })
    expect(await reads.series(nowhere, always, 10)).toEqual([])
    expect(await reads.buckets(nowhere, always, 1000, 'temperature')).toEqual([])
    expect(await reads.count(nowhere, always)).toBe(0)
    expect(await reads.last(nowhere)).toBeUndefined()
  })

  test('refuse a cursor no page answered, and limits out of bounds', async () => {
    const { reads } = readings
    const bad: unknown = expect.objectContaining({ code: 'bad-request' })
    for (const after of ['', 'x', '1.2', '1.2.d1', `1.2.d1/main' or true`, '1.1234567.d/s']) {
      expect(() => reads.page(everything, always, 10, after)).toThrow(bad)
    }
    for (const after of ['', '5', 'x.0', '5.0.0']) expect(() => reads.heldPage({}, 10, after)).toThrow(bad)
    for (const limit of [0, 1.5, 100_001, Number.NaN]) {
      expect(() => reads.page(everything, always, limit)).toThrow(bad)
      await expect(reads.series(everything, always, limit)).rejects.toEqual(bad)
    }
    await expect(reads.count(everything, { fromMs: 0.5, toMs: 1 })).rejects.toEqual(bad)
    await expect(reads.buckets(everything, always, 0, 'temperature')).rejects.toEqual(bad)
  })
})
