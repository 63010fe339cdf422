import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { explainFinding, findings } from '../../alerts/index.ts'
import { excursionsOf } from '../../domain/index.ts'
import { anyAsOf, anyPoint, runsOf } from '../alerts/arbitrary.ts'
import { minute, pointOf } from '../alerts/series.ts'

test('an explanation accounts for every reading and every unknown minute of a finding', () => {
  let bridged = 0
  fc.assert(
    fc.property(anyPoint, anyAsOf, (point, asOfMs) => {
      for (const finding of excursionsOf(findings({ points: [point] }, asOfMs))) {
        const { begunBy, readings, unknown, endedBy } = explainFinding(point, finding, asOfMs)
        const unknownMs = unknown.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
        expect(unknownMs).toBe(finding.worstCaseMs - finding.observedMs)
        const out = readings.filter(({ value }) => value !== null).length
        expect(out + (begunBy === 'fact' ? 1 : 0)).toBe(finding.readings)
        expect(endedBy !== null).toBe(finding.endReason === 'recovered')
        for (const { fromMs, toMs } of unknown) {
          expect(fromMs).toBeGreaterThanOrEqual(finding.startMs)
          expect(toMs).toBeLessThanOrEqual(finding.endMs ?? Number.POSITIVE_INFINITY)
        }
        bridged += finding.bridged ? 1 : 0
      }
    }),
    runsOf(1000),
  )
  expect(bridged).toBeGreaterThan(0)
})

test.each([
  ['0 5, 5 9, 40 9.5, 45 5', '', [[20, 40, 'silence']]],
  ['0 9, 5 fault, 10 9, 15 5', '', [[5, 10, 'probe-fault']]],
  ['0 9, 10 9, 20 9, 25 5', 'placed 0-12; placed 20-', [[12, 20, 'hand-over']]],
])('%s: why nothing was known', (readings, facts, expected) => {
  const point = pointOf('> 8', readings, facts)
  const [finding] = excursionsOf(findings({ points: [point] }, minute(60)))
  if (finding === undefined) throw new Error('nothing was found')
  const { unknown } = explainFinding(point, finding, minute(60))
  expect(unknown.map(({ fromMs, toMs, cause }) => [fromMs, toMs, cause])).toEqual(
    expected.map(([from, to, cause]) => [minute(Number(from)), minute(Number(to)), cause]),
  )
})

test('of records too far apart it tells those between which nothing was recorded', () => {
  const point = pointOf('recorded every 30', '0 5, 10 6, 20 fault, 50 5, 60 5')
  const [finding] = findings({ points: [point] }, minute(60))
  if (finding?.kind !== 'cadence') throw new Error('nothing was found')
  expect(explainFinding(point, finding, minute(60))).toEqual({
    begunBy: 'reading',
    before: { tMs: minute(0), value: 5_000 },
    readings: [
      { tMs: minute(10), value: 6_000 },
      { tMs: minute(20), value: null },
    ],
    endedBy: { tMs: minute(50), value: 5_000 },
    unknown: [],
  })
})
