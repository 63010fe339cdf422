import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  findings,
  findingsJson,
  judgePoint,
  type PointInput,
  type PointReading,
  type PointState,
  prepared,
  rejudgeFrom,
  restartInstant,
  RestartSearch,
  type Span,
} from '../../alerts/index.ts'
import { type Excursion, excursionsOf, type Finding } from '../../domain/index.ts'
import {
  anyAsOf,
  anyPoint,
  anyRecorded,
  anyRolling,
  anySum,
  readingRows,
  runsOf,
} from '../alerts/arbitrary.ts'
import { minute } from '../alerts/series.ts'
import { horizonOf, tickFindings } from '../alerts/ticks.ts'

const judge = (point: PointInput, asOfMs: number): readonly Excursion[] =>
  excursionsOf(findings({ points: [point] }, asOfMs))

test('finds what a walk from minute to minute finds', () => {
  fc.assert(
    fc.property(anyPoint, anyAsOf, (point, asOfMs) => {
      const expected = tickFindings(point, asOfMs).map((finding) => ({ ...finding, id: '' }))
      const found = judge(point, asOfMs).map((finding) => ({ ...finding, id: '' }))
      expect(findingsJson(found)).toBe(findingsJson(expected))
    }),
    runsOf(1500),
  )
})

test('gives the same bytes for any order and repetition of readings, facts and points', () => {
  const shuffled = <T>(list: readonly T[]): fc.Arbitrary<T[]> =>
    fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })
  const stages = fc.tuple(anyPoint, anyPoint).chain(([one, other]) => {
    const points = [one, { ...other, point: 'other' }]
    const again = points.map((point) =>
      fc.record({
        readings: shuffled(point.readings),
        rules: shuffled(point.rules),
        duties: shuffled(point.duties),
        placements: shuffled(point.placements),
        expectedIntervals: shuffled(point.expectedIntervals),
      }),
    )
    return fc.tuple(fc.constant(points), fc.tuple(...again))
  })
  fc.assert(
    fc.property(stages, anyAsOf, ([points, again], asOfMs) => {
      const others = points.map((point, index) => ({ ...point, ...again[index] })).toReversed()
      expect(findingsJson(findings({ points: others }, asOfMs))).toBe(
        findingsJson(findings({ points }, asOfMs)),
      )
    }),
    runsOf(500),
  )
})

test('fields of a finding agree with each other', () => {
  fc.assert(
    fc.property(anyPoint, anyAsOf, (point, asOfMs) => {
      const found = judge(point, asOfMs)
      expect(new Set(found.map(({ id }) => id)).size).toBe(found.length)
      for (const finding of found) {
        expect(finding.worstCaseMs).toBe((finding.endMs ?? horizonOf(point, asOfMs)) - finding.startMs)
        expect(finding.observedMs).toBeLessThanOrEqual(finding.worstCaseMs)
        expect(finding.open).toBe(finding.endMs === null)
        expect(finding.open).toBe(finding.endReason === null)
        expect(finding.state).toBe(finding.alarmMs === null ? 'suspected' : 'confirmed')
        expect(finding.alarmMs ?? finding.startMs).toBeGreaterThanOrEqual(finding.startMs)
        expect(finding.peakMs).toBeLessThanOrEqual(finding.endMs ?? horizonOf(point, asOfMs))
        expect(finding.readings).toBeGreaterThan(finding.bridged ? 1 : 0)
        const numbers = Object.values(finding).filter((value) => typeof value === 'number')
        expect(numbers.every(Number.isSafeInteger)).toBe(true)
      }
    }),
    runsOf(500),
  )
})

test('a later as-of changes nothing but the open tail', () => {
  fc.assert(
    fc.property(anyPoint, anyAsOf, anyAsOf, (point, one, other) => {
      const before = judge(point, Math.min(one, other))
      const after = new Map(judge(point, Math.max(one, other)).map((finding) => [finding.id, finding]))
      for (const finding of before) {
        const later = after.get(finding.id)
        expect(later).toMatchObject(finding.open ? stillSeen(finding) : finding)
        expect(later?.alarmMs).toBe(finding.alarmMs ?? later?.alarmMs)
        expect(later?.observedMs ?? -1).toBeGreaterThanOrEqual(finding.observedMs)
      }
    }),
    runsOf(500),
  )
})

/** What no later as-of changes of a finding that is open. */
function stillSeen({ startMs, peakMilliC, peakMs, readings, bridged }: Excursion): Partial<Excursion> {
  return { startMs, peakMilliC, peakMs, readings, bridged }
}

test('judging on from where it stood finds what judging the whole finds', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 5 })
  fc.assert(
    fc.property(anyPoint, cuts, anyAsOf, (point, minutes, asOfMs) => {
      const edges = [...minutes.toSorted((a, b) => a - b).map(minute), Number.POSITIVE_INFINITY]
      let state: PointState | null = null
      let tail: readonly Finding[] = []
      const settled: Finding[] = []
      for (const [index, toMs] of edges.entries()) {
        const fromMs = edges[index - 1] ?? Number.NEGATIVE_INFINITY
        const readings = point.readings.filter(({ tMs }) => fromMs <= tMs && tMs < toMs)
        // Through JSON, because a state is kept between runs of the program.
        const kept = JSON.parse(JSON.stringify(state)) as PointState | null
        const judgement = judgePoint(prepared(point), readings, asOfMs, kept)
        settled.push(...judgement.settled)
        state = judgement.state
        tail = judgement.tail
      }
      expect(findingsJson([...settled, ...tail])).toBe(findingsJson(judge(point, asOfMs)))
    }),
    runsOf(500),
  )
})

test('judging again from the restart instant finds what judging the whole finds', () => {
  let restarts = 0
  fc.assert(
    fc.property(
      anyPoint,
      readingRows,
      fc.integer({ min: 0, max: 300 }),
      anyAsOf,
      (point, batch, from, asOfMs) => {
        const late = batch
          .slice(0, 6)
          .map((reading) => ({ ...reading, tMs: reading.tMs + minute(from) - minute(0) }))
        const touchedMs = Math.min(...late.map(({ tMs }) => tMs))
        const changed = { ...point, readings: [...point.readings, ...late] }
        const restartMs = restartInstant(prepared(changed), changed.readings, touchedMs)
        restarts += restartMs === null ? 0 : 1
        expect(restartMs ?? Number.NEGATIVE_INFINITY).toBeLessThan(touchedMs)
        const given = changed.readings.filter(({ tMs }) => tMs >= (restartMs ?? tMs))
        const previous = judge(point, asOfMs)
        const again = rejudgeFrom({ points: [{ ...changed, readings: given }] }, previous, touchedMs, asOfMs)
        expect(findingsJson(again)).toBe(findingsJson(judge(changed, asOfMs)))
      },
    ),
    runsOf(1000),
  )
  expect(restarts).toBeGreaterThan(0)
})

test('the restart instant is the same in pieces of a few readings, also where time is added up', () => {
  let restarts = 0
  const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 })
  const touched = fc.integer({ min: 0, max: 500 }).map(minute)
  const any = fc.oneof(anyPoint, anySum, anyRolling, anyRolling, anyRecorded)
  fc.assert(
    fc.property(any, sizes, touched, (subject, pieces, touchedMs) => {
      const point = prepared(subject)
      const search = new RestartSearch(point, touchedMs)
      let instant: number | null = null
      let rest: readonly PointReading[] = subject.readings
      for (let nth = 0; instant === null && rest.length > 0; nth += 1) {
        const size = pieces[nth % pieces.length] ?? 1
        instant = search.back(rest.slice(-size))
        rest = rest.slice(0, -size)
      }
      instant ??= search.end()
      restarts += instant === null ? 0 : 1
      expect(instant).toBe(restartInstant(point, subject.readings, touchedMs))
    }),
    runsOf(2_000),
  )
  expect(restarts).toBeGreaterThan(500)
})

test('facts that change from an instant on are judged again from the restart instant before it', () => {
  fc.assert(
    fc.property(anyPoint, anyPoint, fc.integer({ min: 0, max: 300 }), anyAsOf, (point, other, at, asOfMs) => {
      const touchedMs = minute(at)
      const spliced = <S extends Span>(before: readonly S[], after: readonly S[]): S[] => [
        ...before
          .filter(({ fromMs }) => fromMs < touchedMs)
          .map((span) => ({ ...span, toMs: Math.min(span.toMs ?? touchedMs, touchedMs) })),
        ...after
          .filter(({ toMs }) => toMs === null || toMs > touchedMs)
          .map((span) => ({ ...span, fromMs: Math.max(span.fromMs, touchedMs) })),
      ]
      const changed = {
        ...point,
        placements: spliced(point.placements, other.placements),
        expectedIntervals: spliced(point.expectedIntervals, other.expectedIntervals),
        duties: spliced(point.duties, other.duties),
        rules: spliced(point.rules, other.rules),
      }
      const again = rejudgeFrom({ points: [changed] }, judge(point, asOfMs), touchedMs, asOfMs)
      expect(findingsJson(again)).toBe(findingsJson(judge(changed, asOfMs)))
    }),
    runsOf(500),
  )
})
