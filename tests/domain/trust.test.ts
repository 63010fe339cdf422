import { describe, expect, test } from 'vitest'
import type { StatedTime } from '../../domain/index.ts'
import { isLivePace, judgeTime, marks, maxGapMs } from '../../domain/index.ts'

const MINUTE_MS = 60_000
const RECEIVED_MS = Date.UTC(2026, 10, 23, 2, 40)
const stated: StatedTime = {
  atMs: RECEIVED_MS,
  hasSeq: true,
  receivedAtMs: RECEIVED_MS,
  acceptFromMs: Date.UTC(2026, 8, 24),
  expectedIntervalMs: 5 * MINUTE_MS,
  live: true,
  crowded: false,
}

describe('which time a reading is stored under', () => {
  test.each([
    ['on time', {}, { use: 'stated', marks: 0 }],
    ['5 min ahead is tolerated', { atMs: RECEIVED_MS + 5 * MINUTE_MS }, { use: 'stated', marks: 0 }],
    [
      'more than 5 min ahead, live',
      { atMs: RECEIVED_MS + 5 * MINUTE_MS + 1 },
      { use: 'arrival', marks: marks.distrustedFuture },
    ],
    [
      'tomorrow, not live',
      { atMs: RECEIVED_MS + 1440 * MINUTE_MS, live: false },
      { use: 'none', reason: 'future-time' },
    ],
    ['1970, live', { atMs: 5_000 }, { use: 'arrival', marks: marks.distrustedUnsetClock }],
    ['1970, not live', { atMs: 5_000, live: false }, { use: 'none', reason: 'unset-clock' }],
    [
      '2 days around 2000',
      { atMs: Date.UTC(2000, 0, 3), live: false },
      { use: 'none', reason: 'unset-clock' },
    ],
    [
      'just over 2 days after 2000 is merely too early',
      { atMs: Date.UTC(2000, 0, 3) + 1, live: false },
      { use: 'none', reason: 'before-accept-from' },
    ],
    [
      'before acceptFrom, live',
      { atMs: Date.UTC(2026, 8, 24) - 1 },
      { use: 'arrival', marks: marks.distrustedBeforeAcceptFrom },
    ],
    [
      'late with seq',
      { atMs: RECEIVED_MS - 15 * MINUTE_MS - 1 },
      { use: 'stated', marks: marks.storeAndForward },
    ],
    ['at the edge of late', { atMs: RECEIVED_MS - 15 * MINUTE_MS }, { use: 'stated', marks: 0 }],
    [
      'late without seq',
      { atMs: RECEIVED_MS - 15 * MINUTE_MS - 1, hasSeq: false },
      { use: 'none', reason: 'backfill-not-allowed' },
    ],
    ['no time', { atMs: null }, { use: 'arrival', marks: marks.arrivalTime }],
    ['no time, several of one sensor', { atMs: null, crowded: true }, { use: 'none', reason: 'no-time' }],
  ])('%s', (_, change, expected) => {
    expect(judgeTime({ ...stated, ...change })).toEqual(expected)
  })

  test('the gap a sensor may leave is 3 intervals, at least 15 min', () => {
    expect(maxGapMs(MINUTE_MS)).toBe(15 * MINUTE_MS)
    expect(maxGapMs(30 * MINUTE_MS)).toBe(90 * MINUTE_MS)
  })

  test('a live pace leaves half an interval between records', () => {
    expect(isLivePace(1_000, null, 600)).toBe(true)
    expect(isLivePace(1_000, 700, 600)).toBe(true)
    expect(isLivePace(1_000, 701, 600)).toBe(false)
  })
})
