import { expect, test } from 'vitest'
import type { Excursion, Finding } from '../../domain/index.ts'
import { findingPoints, withdrawnPoints } from '../../store/influx/finding-points.ts'
import { pointLine } from '../../store/influx/point.ts'

test('a point escapes what separates, tells integers from floats, and leaves out what is not there', () => {
  const point = {
    measurement: 'place',
    tags: { site: 'a b', place: '冷库,1', kind: undefined, other: '' },
    fields: { name: '"B" \\ \n库', count: 3n, high: 8, low: undefined, open: false },
    tMs: 5,
    sub: 1,
  }
  expect(pointLine(point)).toEqual({
    line: 'place,place=冷库\\,1,site=a\\ b name="\\"B\\" \\\\  库",count=3i,high=8,open=false 5000001',
  })
  expect(pointLine({ ...point, tags: { place: 'a\\' } })).toEqual({
    refused: 'place is "a\\\\"; a tag holds no control character or backslash.',
  })
  expect(pointLine({ ...point, tMs: 9_223_372_036_855 })).toHaveProperty('refused')
})

const words = { site: 's', en: 'too warm', zh: '偏高' }
const excursion: Excursion = {
  kind: 'excursion',
  id: 'f1',
  point: 'p',
  place: 'room',
  rule: 'pack/rule',
  packVersion: 1,
  level: 'range',
  state: 'confirmed',
  open: true,
  startMs: 1_000,
  alarmMs: 2_000,
  endMs: null,
  endReason: null,
  observedMs: 90_000,
  worstCaseMs: 90_000,
  bridged: false,
  readings: 3,
  confirmedBySingleReading: false,
  direction: 'warm',
  peakMilliC: 9_250,
  peakMs: 1_500,
}

test('an open excursion is one point at its start, a finding that is over has another at its end', () => {
  const tags = { site: 's', place: 'room', point: 'p', rule: 'pack/rule', kind: undefined }
  const fields = {
    finding: 'f1',
    level: 'range',
    confirmed: true,
    observed_s: 90n,
    peak: 9.25,
    direction: 'warm',
    text_en: 'too warm',
    text_zh: '偏高',
  }
  expect(findingPoints(excursion, words, false)).toEqual([
    {
      measurement: 'excursion',
      tags,
      tMs: 1_000,
      fields: { ...fields, phase: 'start', state: 'open', open: 1n },
    },
  ])
  const over: Excursion = { ...excursion, open: false, endMs: 61_000, endReason: 'recovered' }
  const ended = { ...fields, state: 'over', open: 0n, end_ms: 61_000n }
  expect(findingPoints(over, words, false)).toEqual([
    { measurement: 'excursion', tags, tMs: 1_000, fields: { ...ended, phase: 'start' } },
    { measurement: 'excursion', tags, tMs: 61_000, sub: 1, fields: { ...ended, phase: 'end' } },
  ])
  expect(withdrawnPoints(over, words).map(({ fields: told }) => [told['state'], told['open']])).toEqual([
    ['withdrawn', 0n],
    ['withdrawn', 0n],
  ])
  // a field cannot be taken back
  expect(findingPoints(excursion, words, true)[0]?.fields['end_ms']).toBe(1_000n)
})

test('what is no excursion has its kind as a tag, and nothing of temperature', () => {
  const { direction, peakMilliC, peakMs, ...rest } = excursion
  const door: Finding = { ...rest, kind: 'door' }
  const [point] = findingPoints(door, words, false)
  expect(point).toMatchObject({ measurement: 'condition', tags: { kind: 'door' } })
  expect(point?.fields).toMatchObject({ peak: undefined, direction: undefined, open: 1n })
  expect([direction, peakMilliC, peakMs]).toHaveLength(3)
})
