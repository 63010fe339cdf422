import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { findings, findingsJson, type PointInput, PointLine, prepared } from '../../alerts/index.ts'
import type { Duty } from '../../domain/index.ts'
import { anyAsOf, anyPoint, anyRolling, anySum, readingRows, runsOf } from './arbitrary.ts'
import { minute, pointOf, readingsOf } from './series.ts'

const kept = (point: PointInput, batches: readonly PointInput['readings'][], asOfMs: number) => {
  const line = new PointLine(prepared(point))
  for (const batch of batches) {
    for (const { tMs, value } of batch) line.add(tMs, value)
    line.judgeLate()
  }
  return line.findings(asOfMs)
}

test('a late reading finds once what ended in one stretch with something that began earlier', () => {
  const point = pointOf('> 8', '0 5, 5 9, 10 5, 15 3, 20 3', 'loading 11-13')
  const [warm] = point.rules
  if (warm?.rule.quantity !== 'temperature') throw new Error('the series has a rule of temperature')
  const loading: Duty[] = ['loading']
  const other = { ...warm, rule: { ...warm.rule, id: 'table/loading', limitMilliC: 4_000, duties: loading } }
  const both = { ...point, rules: [other, warm] }
  const late = readingsOf('12 3.5')
  const whole = findings({ points: [{ ...both, readings: [...both.readings, ...late] }] }, minute(20))
  expect(findingsJson(kept(both, [both.readings, late], minute(20)))).toBe(findingsJson(whole))
})

const points = [
  { of: 'any', drawn: anyPoint },
  { of: 'day and trip sums', drawn: anySum },
  { of: 'rolling sums', drawn: anyRolling },
]

test.each(points)('in any order it finds what judging all at once finds, rules: $of', ({ drawn }) => {
  const many = fc.array(readingRows, { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(drawn, many, anyAsOf, (point, batches, asOfMs) => {
      const whole = findings({ points: [{ ...point, readings: batches.flat() }] }, asOfMs)
      expect(findingsJson(kept(point, batches, asOfMs))).toBe(findingsJson(whole))
    }),
    runsOf(1_500),
  )
})
