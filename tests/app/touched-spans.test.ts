import { expect, test } from 'vitest'
import { touchedSpans } from '../../app/core/influx/touched-spans.ts'
import { openReadings, putRecord, T0 } from '../store/readings-fixture.ts'

const ROWS = 15_000
const rest = () => Promise.resolve()
const { signal } = new AbortController()

test('messages with many readings are looked at few at a time, and each sensor has one span', async () => {
  const readings = openReadings()
  const { reads } = readings
  for (let index = 0; index < 3; index += 1) {
    const rows = Array.from({ length: ROWS }, (_, nth) => ({ tMs: T0 + index * ROWS + nth }))
    putRecord(readings, index, rows)
  }
  const looks: (readonly [from: number, to: number])[] = []
  const looking = {
    ...reads,
    changedSpans: (from: number, to: number, beforeMs: number) => {
      looks.push([from, to])
      return reads.changedSpans(from, to, beforeMs)
    },
  }
  const records = { from: 0, to: 3, beforeMs: Number.MAX_SAFE_INTEGER }
  const spans = await touchedSpans({ reads: looking, rest }, records, signal)
  expect(spans).toEqual([{ device: 'd1', sensor: 'main', firstMs: T0, lastMs: T0 + 3 * ROWS - 1 }])
  expect(looks).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
  ])
  readings.remove()
})
