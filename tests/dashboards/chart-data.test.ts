import { expect, test } from 'vitest'
import { chartData, type Series } from '../../dashboards/live/src/chart-data.ts'

const MINUTE_MS = 60_000

function series(minutes: readonly number[]): Series {
  const buckets = minutes.map((minute) => {
    const start = new Date(minute * MINUTE_MS).toISOString()
    return { start, count: 1, min: minute - 1, max: minute + 1, mean: minute }
  })
  return { name: 'a', isJudged: true, buckets, gapMs: 15 * MINUTE_MS, stepMs: 2 * MINUTE_MS }
}

test('a gap is a null of its own, and a late value within the gap allowed is none', () => {
  expect(chartData([series([0, 2, 17, 33])])).toEqual([
    [0, 120, 1_020, 1_140, 1_980],
    [0, 2, 17, null, 33],
    [1, 3, 18, null, 34],
    [-1, 1, 16, null, 32],
  ])
})

test('a series has nothing, not a gap, where only another one has values', () => {
  const [times, first, , , second] = chartData([series([0, 4]), series([2])])
  expect([times, first, second]).toEqual([
    [0, 120, 240],
    [0, undefined, 4],
    [undefined, 2, undefined],
  ])
})

test('nothing at all is an empty axis', () => {
  expect(chartData([])).toEqual([[]])
  expect(chartData([series([])])).toEqual([[], [], [], []])
})
