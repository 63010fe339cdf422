import { describe, expect, test } from 'vitest'
import {
  judgePoint,
  type PointInput,
  type PointState,
  prepared,
  rejudgeFrom,
  restartInstant,
  RestartSearch,
} from '../../alerts/index.ts'
import { MINUTE_MS, minute, pointOf, readingsOf } from './series.ts'

const judge = (point: PointInput, asOfMs: number, from: PointState | null = null) =>
  judgePoint(prepared(point), point.readings, asOfMs, from)
const restart = (point: PointInput, touchedMs: number): number | null =>
  restartInstant(prepared(point), point.readings, touchedMs)

describe('where judging may start again', () => {
  test.each([
    ['the newest reading in range before the touched instant', '0 5, 5 5, 10 9, 15 5', '', 15, 5],
    ['never the touched instant itself', '0 5, 5 5', '', 5, 0],
    ['not where a run goes on', '0 5, 5 9, 10 9, 15 9', '', 15, 0],
    ['not at a faulty probe', '0 5, 5 fault, 10 9', '', 10, 0],
    ['nowhere when all is out', '0 9, 5 9', '', 10, null],
    ['nowhere before the first reading', '5 5', '', 5, null],
    ['anywhere while no rule applies', '0 5, 5 9', 'maintenance 0-20', 10, 5],
    ['not at a reading that is not of the point', '0 5, 5 5', 'placed 0-3', 10, 0],
  ])('%s', (_what, readings, facts, touched, expected) => {
    const instant = restart(pointOf('> 8 for 30', readings, facts), minute(touched))
    expect(instant).toBe(expected === null ? null : minute(expected))
  })

  test.each([
    ['behind a window with nothing out', '> 8 for 15 in 1 h', '', 76, 75],
    ['not while something out is in the window', '> 8 for 15 in 1 h', '', 70, null],
    ['not behind a part of it', '> 8 for 15 in 2 h', '', 76, null],
    [
      'not when a version before found something out',
      '> 8 for 15 in 1 h',
      'in force 0-45; then > 9.5 for 15 in 1 h',
      70,
      null,
    ],
  ])('of a rolling sum: %s', (_what, rule, facts, touched, expected) => {
    const point = pointOf(rule, '0 5, 5 9, 10 5, 20 5, 40 5, 60 5, 65 5, 70 5, 75 5', facts)
    expect(restart(point, minute(touched))).toBe(expected === null ? null : minute(expected))
  })

  test('not where the version before had added something up on the same day', () => {
    const facts = 'zone America/Sao_Paulo; in force 0-195; then > 9.5 for 15 a day'
    const point = pointOf('> 8 for 15 a day', '170 5, 185 9, 190 5, 200 5, 210 5', facts)
    expect(restart(point, minute(211))).toBe(null)
  })

  test('of a rolling sum: a window of more readings than a piece, however many of them there are', () => {
    const point = prepared(pointOf('> 8 for 15 in 744 h', '0 5', 'every 1'))
    const at = (from: number, to: number, value = 5_000) =>
      Array.from({ length: to - from }, (_, nth) => ({ tMs: minute(from + nth), value }))
    const month = 744 * 60
    const later = [at(1, 20, 9_000), at(20, 70_000)].flat()
    const search = new RestartSearch(point, minute(70_000))
    const found = later.toReversed().map((reading) => search.back([reading]))
    expect(found.find((instant) => instant !== null)).toBe(minute(69_999))
    // looking from each of them back over its window would take minutes
    const early = [...at(0, 1), ...at(1, 20, 9_000), ...at(20, month)]
    expect(restartInstant(point, early, minute(month))).toBe(null)
  })

  test('a value in range for one rule only does not do', () => {
    const point = pointOf('> 8', '0 5, 5 7.6, 10 9')
    const [warm] = point.rules
    if (warm === undefined) throw new Error('the series has a rule')
    const critical = { ...warm, rule: { ...warm.rule, id: 'table/critical', limitMilliC: 7500 } }
    expect(restart(point, minute(10))).toBe(minute(5))
    expect(restart({ ...point, rules: [warm, critical] }, minute(10))).toBe(minute(0))
  })

  test('what begins before it is kept as it was found', () => {
    const point = pointOf('> 8', '0 9, 5 5, 10 9')
    const { settled, tail } = judge(point, minute(10))
    const late = { ...point, readings: [...point.readings, ...readingsOf('7 9')] }
    const [kept, moved, ...others] = rejudgeFrom(
      { points: [late] },
      [...settled, ...tail],
      minute(7),
      minute(10),
    )
    expect(kept).toBe(settled[0])
    expect([moved?.startMs, others]).toEqual([minute(7), []])
  })
})

describe('judging on', () => {
  const point = pointOf('> 8', '0 9, 5 9')

  test('does not take a reading again, or one from before', () => {
    const { state } = judge(point, minute(5))
    expect(() => judge(point, minute(5), state)).toThrow('was judged before')
  })

  test('does not lose a rule with a run', () => {
    const { state } = judge(point, minute(5))
    const without = { ...point, readings: [], rules: [] }
    expect(() => judge(without, minute(5), state)).toThrow('is not among the rules given')
  })

  test('of a rolling sum keeps one window of what was out, whatever was before', () => {
    const minutes = Array.from({ length: 10 * 60 }, (_, at) => `${at} ${at % 2 === 0 ? 9 : 5}`)
    const rolling = pointOf('> 8 for 45 in 1 h', minutes.join(', '))
    const { state } = judge(rolling, minute(600))
    const [kept] = Object.values(state?.runs ?? {})
    if (kept === undefined || !('breaches' in kept)) throw new Error('something out is in the window')
    expect(kept.breaches.length).toBeLessThanOrEqual(31)
    const quiet = { ...rolling, readings: readingsOf('600 5, 615 5, 630 5, 645 5, 660 5, 665 5') }
    expect(judge(quiet, minute(665), state).state?.runs).toEqual({})
  })

  test('of a rolling sum copies nothing of what is over, so that a reading costs no more for a longer window', () => {
    const minutes = Array.from({ length: 60 }, (_, at) => `${at} ${at % 2 === 0 ? 9 : 5}`)
    const rolling = pointOf('> 8 for 45 in 2 h', minutes.join(', '))
    const breachesOf = (state: PointState | null) =>
      Object.values(state?.runs ?? {}).flatMap((run) => ('breaches' in run ? run.breaches : []))
    const { state } = judge(rolling, minute(59))
    // the newest reading may still get others of its instant
    const json = JSON.stringify(state)
    const next = { ...rolling, readings: readingsOf('60 9, 61 5, 122 9, 123 5') }
    const [before, after] = [breachesOf(state), breachesOf(judge(next, minute(123), state).state)]
    expect(before).toHaveLength(29)
    expect(after.length).toBeGreaterThan(20)
    for (const breach of after.slice(0, -2)) expect(before.filter((each) => each === breach)).toHaveLength(1)
    expect(JSON.stringify(state)).toBe(json)
  })

  test('does not change the state it is given', () => {
    const { state } = judge(point, minute(5))
    const before = JSON.stringify(state)
    judge({ ...point, readings: readingsOf('10 12') }, minute(10), state)
    expect(JSON.stringify(state)).toBe(before)
  })

  test('without a reading there is nothing to stand on', () => {
    expect(judge({ ...point, readings: [] }, minute(5))).toEqual({ settled: [], tail: [], state: null })
  })

  test('facts that contradict each other are refused', () => {
    const open = { fromMs: minute(0), toMs: null }
    const twice = { ...point, placements: [open, { fromMs: minute(3), toMs: null }] }
    expect(() => judge(twice, minute(5))).toThrow('placements of point: two overlap')
    const fraction = { ...point, readings: [{ tMs: minute(0), value: 8000.5 }] }
    expect(() => judge(fraction, minute(5))).toThrow('is not of integers')
    const halfMinute = { ...point, placements: [{ fromMs: minute(0) + MINUTE_MS / 7, toMs: null }] }
    expect(() => judge(halfMinute, minute(5))).toThrow('times are integers')
  })
})
