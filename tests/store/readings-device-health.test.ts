import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { marks } from '../../domain/index.ts'
import { openReadings, putRecord, type Readings, type Sample, T0 } from './readings-fixture.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

describe('the clock of a device', () => {
  test('nothing is known of one that sent nothing', () => {
    const nothing = { offsetMs: null, readings: 0, lagMs: null, lastReceivedAtMs: null }
    expect(readings.reads.deviceClock('d1')).toEqual(nothing)
  })

  test('is off by the median of arrival minus stated time; one slow reading does not move it', () => {
    const samples = [300, 400, 350, 90_000, 380].map((lateMs, nth) => {
      const tMs = T0 + nth * MINUTE_MS
      return { tMs, receivedAtMs: tMs + lateMs }
    })
    putRecord(readings, 0, samples)
    expect(readings.reads.deviceClock('d1')).toEqual({
      offsetMs: 380,
      readings: 5,
      lagMs: 380,
      lastReceivedAtMs: T0 + 4 * MINUTE_MS + 380,
    })
  })

  test('set eight hours ahead is told from what it said, not from where its readings were put', () => {
    const samples = [0, 1, 2].map((nth) => {
      const receivedAtMs = T0 + nth * 5 * MINUTE_MS
      return {
        tMs: receivedAtMs,
        atMs: receivedAtMs + 8 * HOUR_MS,
        receivedAtMs,
        marks: marks.distrustedFuture,
      }
    })
    putRecord(readings, 0, samples)
    expect(readings.reads.deviceClock('d1')).toMatchObject({ offsetMs: -8 * HOUR_MS, readings: 3, lagMs: 0 })
  })

  test('what was kept and delivered later says nothing of it', () => {
    putRecord(readings, 0, [
      { tMs: T0, receivedAtMs: T0 + 500 },
      { tMs: T0 + MINUTE_MS, receivedAtMs: T0 + 9 * HOUR_MS, marks: marks.storeAndForward },
    ])
    expect(readings.reads.deviceClock('d1')).toMatchObject({ offsetMs: 500, readings: 1 })
  })

  test('of two sensors is one clock', () => {
    putRecord(readings, 0, [
      { sensor: 'a', tMs: T0, receivedAtMs: T0 + 100 },
      { sensor: 'b', tMs: T0, receivedAtMs: T0 + 300 },
      { sensor: 'b', tMs: T0 + 1, receivedAtMs: T0 + 301 },
      { device: 'd2', tMs: T0, receivedAtMs: T0 + 99_999 },
    ])
    expect(readings.reads.deviceClock('d1')).toMatchObject({ offsetMs: 300, readings: 3 })
  })
})

/** Enters numbers as used, as ingest does. */
function useNumbers(boot: number, numbers: readonly number[]): void {
  readings.store.transact((tx) => {
    for (const seq of numbers) tx.putSeqUse('d1', boot, seq, T0 + boot * HOUR_MS + seq * MINUTE_MS)
  })
}

const gap = (boot: number, firstSeq: number, lastSeq: number): unknown => ({
  boot,
  firstSeq,
  lastSeq,
  fromMs: T0 + boot * HOUR_MS + (firstSeq - 1) * MINUTE_MS,
  toMs: T0 + boot * HOUR_MS + (lastSeq + 1) * MINUTE_MS,
})

describe('missing numbers', () => {
  test('are listed per boot, page by page; what a boot begins or ends with is not missing', () => {
    useNumbers(0, [5, 6, 9, 20, 21])
    useNumbers(1, [0, 2])
    const { reads } = readings
    const all = [gap(0, 7, 8), gap(0, 10, 19), gap(1, 1, 1)]
    expect(reads.seqGaps('d1', 10)).toEqual({ items: all, next: null })
    const first = reads.seqGaps('d1', 2)
    expect(first.items).toEqual(all.slice(0, 2))
    expect(reads.seqGaps('d1', 2, first.next ?? '')).toEqual({ items: all.slice(2), next: null })
    expect(reads.seqGaps('d2', 10).items).toEqual([])
  })

  test('a cursor that is none is refused', () => {
    expect(() => readings.reads.seqGaps('d1', 10, 'x')).toThrow(/no page has answered/)
    expect(() => readings.reads.timeGaps('d1', { fromMs: 0, toMs: 1 }, 1, 10, '1')).toThrow(/no page/)
  })

  test('do not depend on the order in which readings came', () => {
    fc.assert(
      fc.property(
        fc
          .uniqueArray(fc.nat(40), { minLength: 1 })
          .chain((numbers) =>
            fc.tuple(fc.constant(numbers), fc.shuffledSubarray(numbers, { minLength: numbers.length })),
          ),
        ([numbers, shuffled]) => {
          readings.remove()
          readings = openReadings()
          useNumbers(0, shuffled)
          const told = readings.reads.seqGaps('d1', 100).items
          const missing = told.flatMap(({ firstSeq, lastSeq }) =>
            Array.from({ length: lastSeq - firstSeq + 1 }, (_, nth) => firstSeq + nth),
          )
          const [least, most] = [Math.min(...numbers), Math.max(...numbers)]
          const between = Array.from({ length: most - least + 1 }, (_, nth) => least + nth)
          expect(missing).toEqual(between.filter((each) => !numbers.includes(each)))
        },
      ),
      { numRuns: 25 },
    )
  })
})

describe('readings too far apart', () => {
  test('are listed per sensor, by time, within the period', () => {
    const at = (sensor: string, minute: number): Sample => ({ sensor, tMs: T0 + minute * MINUTE_MS })
    putRecord(readings, 0, [
      ...[0, 5, 10, 60, 65, 200].map((minute) => at('a', minute)),
      ...[0, 40, 45].map((minute) => at('b', minute)),
    ])
    const { reads } = readings
    const period = { fromMs: T0, toMs: T0 + 300 * MINUTE_MS }
    const told = (sensor: string, from: number, to: number): unknown => ({
      sensor,
      fromMs: T0 + from * MINUTE_MS,
      toMs: T0 + to * MINUTE_MS,
    })
    const all = [told('b', 0, 40), told('a', 10, 60), told('a', 65, 200)]
    expect(reads.timeGaps('d1', period, 15 * MINUTE_MS, 10)).toEqual({ items: all, next: null })
    const first = reads.timeGaps('d1', period, 15 * MINUTE_MS, 1)
    expect(first.items).toEqual(all.slice(0, 1))
    expect(reads.timeGaps('d1', period, 15 * MINUTE_MS, 2, first.next ?? '').items).toEqual(all.slice(1))
    const early = { fromMs: T0, toMs: T0 + 100 * MINUTE_MS }
    expect(reads.timeGaps('d1', early, 45 * MINUTE_MS, 10).items).toEqual([told('a', 10, 60)])
    expect(reads.timeGaps('d1', period, 135 * MINUTE_MS, 10).items).toEqual([])
  })
})
