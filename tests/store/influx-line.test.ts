import { expect, test } from 'vitest'
import { addReading, escapedTag, readingKey } from '../../store/influx/line.ts'
import { Lines } from '../../store/influx/lines.ts'
import type { ChangedTuple, ValueTuple } from '../../store/readings/tuples.ts'
import { linesOf, textsOf } from '../support/influx-lines.ts'

const T_MS = 1_795_401_600_000
const tags = 'reading,place=none,point=none,sensor=d1/main,site=none'
const nothing: ValueTuple = [null, null, null, null, null, null, null]

function row(tMs: number, sub: number, seq: number | null, values = nothing): ChangedTuple {
  return [0, 1, tMs, sub, seq, T_MS + 350, ...values]
}

/** The line of a row of an unplaced sensor, or why there is none. */
function lineOf(tuple: ChangedTuple, sensor = 'd1/main'): string | undefined {
  const lines = new Lines()
  const key = readingKey(sensor)
  const refused = 'refused' in key ? key : addReading(lines, key, tuple)
  return refused?.refused ?? textsOf(lines).at(0)
}

test('a reading becomes a point with every field in its type', () => {
  const values: ValueTuple = [-70_125, 45_000, 0, 0, 1, 314_912_345, -1]
  expect(lineOf(row(T_MS, 8, 7, values))).toBe(
    `${tags} temperature=-70.125,humidity=45,battery=0,door_open=false,mains_power=true,lat=31.4912345,lon=-0.0000001,received_ms=1795401600350i,seq=7i 1795401600000000008`,
  )
})

test('what was not measured is left out, and a reading without number has no seq', () => {
  expect(lineOf(row(T_MS, 0, null))).toBe(`${tags} received_ms=1795401600350i 1795401600000000000`)
})

test('the nanoseconds are exact where a number would round them, and before 1970', () => {
  const timeOf = (tMs: number, sub: number): unknown =>
    lineOf(row(tMs, sub, 7))
      ?.split(' ')
      .at(-1)
  expect(timeOf(1_795_401_600_001, 999_999)).toBe('1795401600001999999')
  expect(timeOf(-5, 3)).toBe('-4999997')
  expect(timeOf(9_223_372_036_854, 775_806)).toBe('9223372036854775806')
  expect(lineOf(row(9_223_372_036_854, 775_807, 7))).toBe(
    't is 9223372036854 ms, outside of what InfluxDB can store.',
  )
})

test('a tag escapes what separates, and refuses what would end the line', () => {
  expect(escapedTag('a b,c=d"e冷')).toBe('a\\ b\\,c\\=d"e冷')
  for (const bad of ['', 'a\nb', 'a\rb', '\u0000', 'a\\', '\u007f']) expect(escapedTag(bad)).toBeUndefined()
  expect(lineOf(row(T_MS, 8, 7), 'd1/x\ny')).toBe(
    'sensor is "d1/x\\ny"; a tag holds no control character or backslash.',
  )
})

test('lines are sent together or in part, with a line break between them, and forgotten', () => {
  const lines = linesOf(['a', '冷链', '', 'd'])
  const sent = (from: number, to: number): string => Buffer.from(lines.body(from, to)).toString()
  expect(sent(0, 4)).toBe('a\n冷链\n\nd')
  expect(sent(0, 1)).toBe('a')
  expect(sent(1, 3)).toBe('冷链\n')
  expect(sent(3, 4)).toBe('d')
  lines.clear()
  expect(lines.count).toBe(0)
  lines.add('e')
  expect(textsOf(lines)).toEqual(['e'])
})
