import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  findings,
  findingsJson,
  PointFollower,
  type PointInput,
  prepared,
  rejudgeFrom,
  restartInstant,
} from '../../alerts/index.ts'
import type { Cadence, Finding } from '../../domain/index.ts'
import { anyAsOf, anyRecorded, readingRows, runsOf } from '../alerts/arbitrary.ts'
import { type WalkedCadence, walkedCadences } from '../alerts/cadence-walk.ts'
import { minute } from '../alerts/series.ts'
import { horizonOf } from '../alerts/ticks.ts'
import { corrected } from '../laws/any-run.ts'
import { realEngine } from '../laws/engine.ts'

const judge = (point: PointInput, asOfMs: number): readonly Finding[] => findings({ points: [point] }, asOfMs)
const cadences = (found: readonly Finding[]): readonly Cadence[] =>
  found.filter((finding) => finding.kind === 'cadence')
const inOrder = (found: readonly WalkedCadence[]): readonly string[] =>
  found.map((each) => JSON.stringify(each, Object.keys(each).toSorted())).toSorted()

const anyLate = fc
  .tuple(readingRows, fc.integer({ min: 0, max: 300 }))
  .map(([rows, from]) => rows.slice(0, 6).map((row) => ({ ...row, tMs: row.tMs + minute(from) - minute(0) })))
  .filter((late) => late.length > 0)

test('finds what a walk from minute to minute finds, and its fields agree with each other', () => {
  let count = 0
  fc.assert(
    fc.property(anyRecorded, anyAsOf, (point, asOfMs) => {
      const found = cadences(judge(point, asOfMs))
      count += found.length
      const compared = found.map(
        ({ rule, packVersion, startMs, alarmMs, endMs, endReason, observedMs, intervals, longestMs }) => {
          const times = { startMs, alarmMs, endMs, endReason, observedMs, intervals, longestMs }
          return { rule, packVersion, ...times }
        },
      )
      expect(inOrder(compared)).toEqual(inOrder(walkedCadences(point, asOfMs)))
      for (const { startMs, endMs, open, observedMs, worstCaseMs, longestMs } of found) {
        expect(worstCaseMs).toBe((endMs ?? horizonOf(point, asOfMs)) - startMs)
        expect(observedMs).toBeLessThanOrEqual(worstCaseMs)
        expect(longestMs).toBeLessThanOrEqual(observedMs)
        expect(open).toBe(endMs === null)
      }
    }),
    runsOf(1_500),
  )
  expect(count).toBeGreaterThan(0)
})

test('going on from where it stood finds what judging the whole finds', () => {
  const cuts = fc.array(fc.integer({ min: 0, max: 400 }).map(minute), { maxLength: 5 })
  fc.assert(
    fc.property(anyRecorded, cuts, anyAsOf, (point, cutsMs, asOfMs) => {
      const edges = [...cutsMs.toSorted((a, b) => a - b), Number.POSITIVE_INFINITY]
      const pieces = edges.map((toMs, at) => {
        const fromMs = edges[at - 1] ?? Number.NEGATIVE_INFINITY
        return point.readings.filter(({ tMs }) => fromMs <= tMs && tMs < toMs)
      })
      const found = realEngine.continued(point, pieces, asOfMs)
      expect(findingsJson(found)).toBe(findingsJson(judge(point, asOfMs)))
    }),
    runsOf(1_000),
  )
})

test('in any order, whatever was judged before, it finds what judging all at once finds', () => {
  const many = fc.array(readingRows, { minLength: 2, maxLength: 4 })
  fc.assert(
    fc.property(anyRecorded, many, anyAsOf, (point, batches, asOfMs) => {
      const whole = judge({ ...point, readings: batches.flat() }, asOfMs)
      expect(findingsJson(realEngine.kept(point, batches, asOfMs))).toBe(findingsJson(whole))
      const twice = [...batches.flat(), ...batches.flat().toReversed()]
      expect(findingsJson(judge({ ...point, readings: twice }, asOfMs))).toBe(findingsJson(whole))
    }),
    runsOf(1_500),
  )
})

test('judging again from the restart instant finds what judging the whole finds', () => {
  let restarts = 0
  fc.assert(
    fc.property(anyRecorded, anyLate, anyAsOf, (point, late, asOfMs) => {
      const touchedMs = Math.min(...late.map(({ tMs }) => tMs))
      const changed = { ...point, readings: [...point.readings, ...late] }
      restarts += restartInstant(prepared(changed), changed.readings, touchedMs) === null ? 0 : 1
      const again = rejudgeFrom({ points: [changed] }, judge(point, asOfMs), touchedMs, asOfMs)
      expect(findingsJson(again)).toBe(findingsJson(judge(changed, asOfMs)))
    }),
    runsOf(1_500),
  )
  expect(restarts).toBeGreaterThan(0)
})

test('facts that change from an instant on are judged again from the restart instant before it', () => {
  const at = fc.integer({ min: 0, max: 300 }).map(minute)
  fc.assert(
    fc.property(anyRecorded, anyRecorded, at, anyAsOf, (point, facts, atMs, asOfMs) => {
      const changed = corrected(point, { atMs, facts })
      const again = rejudgeFrom({ points: [changed] }, judge(point, asOfMs), atMs, asOfMs)
      expect(findingsJson(again)).toBe(findingsJson(judge(changed, asOfMs)))
    }),
    runsOf(1_000),
  )
})

test('an instant ahead is told at which time alone makes records too far apart, by whatever term holds then', () => {
  let count = 0
  fc.assert(
    fc.property(anyRecorded, fc.integer({ min: 0, max: 300 }).map(minute), (point, afterMs) => {
      const follower = new PointFollower(prepared(point), null, [])
      const temperatures = point.readings
        .filter(({ tMs }) => tMs <= afterMs)
        .toSorted((a, b) => a.tMs - b.tMs)
      for (const { tMs, value } of temperatures) follower.take(tMs, value)
      const dueMs = follower.cadenceDueMs(afterMs)
      const intervals = (asOfMs: number): number =>
        cadences(follower.tail(asOfMs)).reduce((sum, found) => sum + found.intervals, 0)
      expect(intervals((dueMs ?? minute(2_000)) - 1)).toBe(intervals(afterMs))
      if (dueMs === null) return
      count += 1
      // of several rules it may be the same instant
      expect(intervals(dueMs)).toBeGreaterThan(intervals(afterMs))
    }),
    runsOf(1_500),
  )
  expect(count).toBeGreaterThan(0)
})

test('readings of a probe at fault that follow each other are gone through once', () => {
  const faults = Array.from({ length: 200_000 }, (_, nth) => ({ tMs: minute(nth), value: null }))
  const [point] = fc.sample(anyRecorded, { numRuns: 1, seed: 1 })
  // from each of them back to the first would take minutes
  expect(restartInstant(prepared(point as PointInput), faults, minute(faults.length))).toBe(null)
})
