import fc from 'fast-check'
import { expect, test } from 'vitest'
import { outlookOf, whatGoes } from '../../app/retention/outlook.ts'
import type { LogSegment } from '../../app/retention/segments.ts'
import { retentionOf } from '../../batches/index.ts'

const YEAR_MS = 366 * 86_400_000
const nowMs = Date.UTC(2026, 10, 28)
const kept = retentionOf([])

/** Segments of 256 records and 1,000 bytes each, begun so many years before now, the last of them the newest. */
function segments(...yearsAgo: number[]): LogSegment[] {
  const startMs = (at: number) => nowMs - (yearsAgo[at] ?? 0) * YEAR_MS
  return yearsAgo.map((_, at) => ({
    first: at * 256,
    next: at + 1 < yearsAgo.length ? (at + 1) * 256 : null,
    bytes: 1_000,
    receivedFromMs: startMs(at),
    receivedUntilMs: at + 1 < yearsAgo.length ? startMs(at + 1) : null,
  }))
}

const positions = { ingest: 10_000, census: 10_000 }
const keepers = (log: readonly LogSegment[], parts = {}) =>
  outlookOf(log, { kept, positions, nowMs, ...parts }).map(({ keptBy }) => keptBy.kind)

test('the oldest go when five years are over for the last of their records', () => {
  expect(keepers(segments(9, 8, 6, 4, 1))).toEqual(['nothing', 'nothing', 'years', 'years', 'newest'])
  expect(whatGoes(outlookOf(segments(9, 8, 6, 4, 1), { kept, positions, nowMs }))).toEqual({
    firstKept: 512,
    records: 512,
    segments: 2,
    bytes: 2_000,
    receivedUntilMs: nowMs - 6 * YEAR_MS,
  })
})

test('not in the instant itself, and then from the next on', () => {
  const log = segments(9, 8, 1)
  const [first] = outlookOf(log, { kept, positions, nowMs })
  const untilMs = first?.mayGoAfterMs ?? 0
  expect(keepers(log, { nowMs: untilMs })[0]).toBe('years')
  expect(keepers(log, { nowMs: untilMs + 1 })[0]).toBe('nothing')
})

test('the newest never goes, however old it is, nor one behind which no record is yet', () => {
  expect(keepers(segments(20))).toEqual(['newest'])
  const [old, empty] = segments(20, 19)
  if (old === undefined || empty === undefined) throw new Error('there are two')
  expect(
    keepers([
      { ...old, receivedUntilMs: null },
      { ...empty, receivedFromMs: null },
    ]),
  ).toEqual(['newest', 'newest'])
})

test('a lot in reach keeps what came when it was there, and so all behind it', () => {
  const lot = { lot: 'l-1', fromMs: nowMs - 7.5 * YEAR_MS, expiresOn: '2025-01-01' }
  const outlook = outlookOf(segments(9, 8, 7, 6, 1), { kept: retentionOf([lot]), positions, nowMs })
  expect(outlook.map(({ keptBy }) => keptBy)).toEqual([
    { kind: 'nothing' },
    { kind: 'lot', lot: 'l-1' },
    { kind: 'lot', lot: 'l-1' },
    // of its last year the years alone are more
    { kind: 'years' },
    { kind: 'newest' },
  ])
  const forever = outlookOf(segments(9, 8, 1), {
    kept: retentionOf([{ ...lot, fromMs: 0, expiresOn: null }]),
    positions,
    nowMs,
  })
  expect(forever.map(({ mayGoAfterMs }) => mayGoAfterMs)).toEqual([null, null, null])
  expect(whatGoes(forever)).toBeUndefined()
})

test('a consumer keeps what it has not passed, and the record by which it knows the journal', () => {
  const log = segments(9, 8, 7, 6)
  const at = (census: number) => keepers(log, { positions: { ingest: 10_000, census } })
  expect(at(0)).toEqual(['consumer', 'consumer', 'consumer', 'newest'])
  expect(at(512)).toEqual(['nothing', 'consumer', 'consumer', 'newest'])
  expect(at(513)).toEqual(['nothing', 'nothing', 'consumer', 'newest'])
  expect(at(768)).toEqual(['nothing', 'nothing', 'consumer', 'newest'])
  expect(at(769)).toEqual(['nothing', 'nothing', 'nothing', 'newest'])
})

test('only the oldest go: what stays keeps all behind it, also when times go back', () => {
  const log = segments(9, 8, 6, 4, 1)
  const mixed = [log[3], log[0], log[1], log[4]].filter((segment) => segment !== undefined)
  expect(keepers(mixed)).toEqual(['years', 'older', 'older', 'newest'])
  expect(whatGoes(outlookOf(mixed, { kept, positions, nowMs }))).toBeUndefined()
})

test('law: what goes is a begin of the log, is old enough, and leaves every consumer its last record', () => {
  const years = fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 8 })
  fc.assert(
    fc.property(years, fc.nat(2_100), fc.nat(2_100), (ago, ingest, census) => {
      const log = segments(...ago.toSorted((a, b) => b - a))
      const goes = whatGoes(outlookOf(log, { kept, positions: { ingest, census }, nowMs }))
      if (goes === undefined) return
      expect(log[goes.segments]?.first).toBe(goes.firstKept)
      expect(goes.firstKept).toBeLessThan(Math.min(ingest, census))
      expect(goes.receivedUntilMs + 5 * 365 * 86_400_000).toBeLessThan(nowMs)
      expect(log[goes.segments - 1]?.receivedUntilMs).toBe(goes.receivedUntilMs)
    }),
    { numRuns: 1_000 },
  )
})
