import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  findings,
  findingsJson,
  explainFinding,
  judgePoint,
  type PointInput,
  type PointState,
  prepared,
  rejudgeFrom,
} from '../../alerts/index.ts'
import { excursionsOf, type Finding } from '../../domain/index.ts'
import { anyAsOf, anyRolling, anySum as anyDaySum, runsOf } from './arbitrary.ts'
import { rollingFindings } from './rolling-ticks.ts'
import { minute, pointOf } from './series.ts'
import { tickFindings } from './ticks.ts'

const judged = (point: PointInput, asOfMs: number): readonly Finding[] =>
  findings({ points: [point] }, asOfMs)

const walks = [
  { what: 'over days and trips', anySum: anyDaySum, walked: tickFindings },
  { what: 'within any so many minutes', anySum: anyRolling, walked: rollingFindings },
]

describe.each(walks)('time that is added up $what', ({ anySum, walked }) => {
  test('is what a walk from minute to minute adds up', { timeout: 60_000 }, () => {
    let count = 0
    fc.assert(
      fc.property(anySum, anyAsOf, (point, asOfMs) => {
        const expected = walked(point, asOfMs).map((finding) => ({ ...finding, id: '' }))
        const all = judged(point, asOfMs)
        expect(new Set(all.map(({ id }) => id)).size).toBe(all.length)
        const found = all.map((finding) => ({ ...finding, id: '' }))
        count += found.length
        expect(findingsJson(found)).toBe(findingsJson(expected))
      }),
      runsOf(1_500),
    )
    expect(count).toBeGreaterThan(300)
  })

  test('is the same in pieces, and judged again from where nothing was added up', () => {
    const cuts = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 5 })
    fc.assert(
      fc.property(anySum, anyAsOf, cuts, fc.integer({ min: 0, max: 400 }), (point, asOfMs, at, touched) => {
        const whole = findingsJson(judged(point, asOfMs))
        const edges = [
          Number.NEGATIVE_INFINITY,
          ...at.map(minute).toSorted((a, b) => a - b),
          Number.POSITIVE_INFINITY,
        ]
        const readings = point.readings.toSorted((a, b) => a.tMs - b.tMs)
        const found: Finding[] = []
        let state: PointState | null = null
        for (const [nth, fromMs] of edges.entries()) {
          const toMs = edges[nth + 1] ?? fromMs
          const piece = readings.filter(({ tMs }) => fromMs <= tMs && tMs < toMs)
          // through JSON, because a state is plain data
          const kept = JSON.parse(JSON.stringify(state)) as PointState | null
          const judgement = judgePoint(prepared(point), piece, asOfMs, kept)
          found.push(...judgement.settled)
          state = judgement.state
        }
        found.push(...judgePoint(prepared(point), [], asOfMs, state).tail)
        expect(findingsJson(found)).toBe(whole)
        const before = judged(
          { ...point, readings: readings.filter(({ tMs }) => tMs < minute(touched)) },
          asOfMs,
        )
        expect(findingsJson(rejudgeFrom({ points: [point] }, before, minute(touched), asOfMs))).toBe(whole)
      }),
      runsOf(700),
    )
  })

  test('is explained: what was unknown within it is the worst case less the observed time', () => {
    fc.assert(
      fc.property(anySum, anyAsOf, (point, asOfMs) => {
        for (const finding of excursionsOf(judged(point, asOfMs))) {
          const { unknown } = explainFinding(point, finding, asOfMs)
          const unknownMs = unknown.reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0)
          expect(unknownMs).toBe(finding.worstCaseMs - finding.observedMs)
        }
      }),
      runsOf(500),
    )
  })
})

describe('findings of sums within any so many minutes', () => {
  test('are one for as long as the sum hovers', () => {
    // a compressor that is out one minute in four, with another phase each day
    const readings = Array.from({ length: 3 * 1_440 }, (_, at) => {
      const isOut = (at + Math.floor(at / 1_440) * 2) % 4 === 0
      return { tMs: minute(at), value: isOut ? 8_100 : 7_000 }
    })
    const point = { ...pointOf('> 8 for 360 in 24 h', '0 5'), readings }
    expect(judged(point, minute(3 * 1_440)).map(({ open }) => open)).toEqual([true])
  })

  test('overlap the next one at most, and last for longer than a window unless a fact ends them', () => {
    let overlaps = 0
    fc.assert(
      fc.property(anyRolling, anyAsOf, (point, asOfMs) => {
        const [windowMs] = point.rules.flatMap(({ rule: { mode } }) =>
          'windowMs' in mode ? [mode.windowMs] : [],
        )
        for (const ofRule of Map.groupBy(judged(point, asOfMs), ({ rule }) => rule).values()) {
          for (const [nth, { startMs, endMs, endReason }] of ofRule.entries()) {
            overlaps += (ofRule[nth - 1]?.endMs ?? startMs) > startMs ? 1 : 0
            expect(ofRule[nth - 2]?.endMs ?? startMs).toBeLessThanOrEqual(startMs)
            const lastedMs =
              endReason === 'window-ended' && endMs !== null ? endMs - startMs : Number.POSITIVE_INFINITY
            expect(lastedMs).toBeGreaterThan(windowMs ?? 0)
          }
        }
      }),
      runsOf(3_000),
    )
    expect(overlaps).toBeGreaterThan(0)
  })
})

test('a duty that changes nothing of the rule begins no new sum', () => {
  const point = pointOf(
    '<= -0.5 for 50 a day',
    '0 -0.5, 2 5, 10 5, 24 -1, 38 -1, 52 -1, 66 -1, 80 5',
    'in-service 0-6; loading 6-',
  )
  const whole = judged(point, minute(80))
  expect(whole).toHaveLength(1)
  expect(rejudgeFrom({ points: [point] }, [], minute(11), minute(80))).toEqual(whole)
})
