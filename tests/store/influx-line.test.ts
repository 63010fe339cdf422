import { expect, test } from 'vitest'
import type { ChangedRow } from '../../store/index.ts'
import { escapedTag, readingLine } from '../../store/influx/line.ts'

const row: ChangedRow = {
  series: 1,
  device: 'd1',
  sensor: 'main',
  tMs: 1_795_401_600_000,
  sub: 8,
  seq: 7,
  receivedAtMs: 1_795_401_600_350,
  values: {},
}
const tags = 'reading,place=none,point=none,sensor=d1/main,site=none'

test('a reading becomes a point with every field in its type', () => {
  const values = {
    temperatureMilliC: -70_125,
    humidityMilliPct: 45_000,
    batteryMilliPct: 0,
    doorOpen: false,
    mainsPower: true,
    latE7: 314_912_345,
    lonE7: -1,
  }
  expect(readingLine({ ...row, values })).toEqual({
    line: `${tags} temperature=-70.125,humidity=45,battery=0,door_open=false,mains_power=true,lat=31.4912345,lon=-0.0000001,received_ms=1795401600350i,seq=7i 1795401600000000008`,
  })
})

test('what was not measured is left out, and a reading without number has no seq', () => {
  expect(readingLine({ ...row, seq: null, sub: 0 })).toEqual({
    line: `${tags} received_ms=1795401600350i 1795401600000000000`,
  })
})

test('the nanoseconds are exact where a number would round them, and before 1970', () => {
  const timeOf = (tMs: number, sub: number): unknown => {
    const line = readingLine({ ...row, tMs, sub })
    return 'line' in line ? line.line.split(' ').at(-1) : line
  }
  expect(timeOf(1_795_401_600_001, 999_999)).toBe('1795401600001999999')
  expect(timeOf(-5, 3)).toBe('-4999997')
  expect(timeOf(9_223_372_036_854, 775_806)).toBe('9223372036854775806')
  expect(timeOf(9_223_372_036_854, 775_807)).toEqual({
    refused: 't is 9223372036854 ms, outside of what InfluxDB can store.',
  })
})

test('a tag escapes what separates, and refuses what would end the line', () => {
  expect(escapedTag('a b,c=d"e冷')).toBe('a\\ b\\,c\\=d"e冷')
  for (const bad of ['', 'a\nb', 'a\rb', '\u0000', 'a\\', '\u007f']) expect(escapedTag(bad)).toBeUndefined()
  expect(readingLine({ ...row, sensor: 'x\ny' })).toEqual({
    refused: 'sensor is "d1/x\\ny"; a tag holds no control character or backslash.',
  })
})
