import { afterEach, beforeEach, expect, test } from 'vitest'
import type { StockInPlace, StockMove } from '../../../store/index.ts'
import { BUILT_MS, furnish, reason } from './rooms.ts'
import { DAY_MS, FactsHarness, HOUR_MS, START_MS } from './setup.ts'

let harness: FactsHarness
beforeEach(async () => {
  harness = await FactsHarness.open()
  await harness.city()
  await furnish(harness)
})
afterEach(() => harness.close())

const [dayMs, noonMs] = [START_MS - DAY_MS, START_MS - DAY_MS / 2]
const receive = (input: Partial<StockInPlace>) =>
  harness.do('custody.receive', { lot: 'l-1', place: 'room', quantity: 100, reason, ...input })
const issue = (input: Partial<StockInPlace>) =>
  harness.do('custody.issue', { lot: 'l-1', place: 'room', quantity: 10, reason, ...input })
const move = (input: Partial<StockMove>) =>
  harness.do('custody.move', { lot: 'l-1', from: 'room', to: 'fridge', quantity: 10, reason, ...input })
const stock = (place: string) =>
  harness
    .rows(
      `select quantity, valid_from, valid_to from live_custody where place = '${place}' order by valid_from`,
    )
    .map((row) => [row['quantity'], row['valid_from'], row['valid_to']])

test('stock enters, moves and leaves; every leg is remembered', async () => {
  expect(await receive({ atMs: dayMs })).toEqual([
    {
      fact: 1,
      lot: 'l-1',
      place: 'room',
      quantity: 100,
      validFrom: dayMs,
      validTo: null,
      recordedAt: START_MS,
      recordedBy: 'user:u-li',
      reason,
      supersedes: null,
    },
  ])
  const moved = await move({ quantity: 40, atMs: noonMs })
  expect(moved.map(({ place, quantity, validFrom }) => [place, quantity, validFrom])).toEqual([
    ['room', 60, noonMs],
    ['fridge', 40, noonMs],
  ])
  expect((await issue({ place: 'fridge', quantity: 40 })).map((row) => row.quantity)).toEqual([0])
  expect(stock('room')).toEqual([
    [100, dayMs, noonMs],
    [60, noonMs, null],
  ])
  expect(stock('fridge')).toEqual([
    [40, noonMs, START_MS],
    [0, START_MS, null],
  ])
})

test('what comes in one instant adds up', async () => {
  await receive({})
  const [row] = await receive({ quantity: 5 })
  expect(row).toMatchObject({ quantity: 105, validFrom: START_MS, supersedes: 1 })
  expect(stock('room')).toEqual([[105, START_MS, null]])
})

test('what is entered late adds to everything after it', async () => {
  await receive({ atMs: noonMs })
  const [row] = await receive({ quantity: 7, atMs: dayMs })
  expect(row).toMatchObject({ quantity: 7, validFrom: dayMs, validTo: noonMs })
  expect(stock('room')).toEqual([
    [7, dayMs, noonMs],
    [107, noonMs, null],
  ])
})

test('more than there is cannot leave', async () => {
  const input = { lot: 'l-1', quantity: 1, reason }
  expect(await harness.refused('custody.issue', { ...input, place: 'room' })).toBe('conflict')
  await receive({ quantity: 9 })
  expect(await harness.refused('custody.issue', { ...input, place: 'room', quantity: 10 })).toBe('conflict')
  expect(await harness.refused('custody.issue', { ...input, place: 'room', atMs: START_MS - 1 })).toBe(
    'conflict',
  )
  await expect(issue({})).rejects.toThrow(
    'Place room holds 9 of lot l-1 at 2026-11-23T02:00:00.000Z, fewer than 10.',
  )
  expect((await issue({ quantity: 9 })).map((row) => row.quantity)).toEqual([0])
})

test('what a later move took cannot be taken by one entered late: overlapping custody', async () => {
  await receive({ quantity: 10, atMs: dayMs })
  await move({ quantity: 8, atMs: noonMs })
  const late = { lot: 'l-1', from: 'room', to: 'box', quantity: 3, atMs: dayMs + HOUR_MS, reason }
  expect(await harness.refused('custody.move', late)).toBe('conflict')
  await expect(harness.do('custody.move', late)).rejects.toThrow(
    'Place room holds 2 of lot l-1 at 2026-11-22T14:00:00.000Z, fewer than 3.',
  )
  await harness.do('custody.move', { ...late, quantity: 2 })
  expect(stock('room')).toEqual([
    [10, dayMs, dayMs + HOUR_MS],
    [8, dayMs + HOUR_MS, noonMs],
    [0, noonMs, null],
  ])
})

test('a move is whole or not at all', async () => {
  await receive({ quantity: 10 })
  await harness.do('place.retire', { id: 'fridge', reason })
  const input = { lot: 'l-1', from: 'room', to: 'fridge', quantity: 1 }
  expect(await harness.refused('custody.move', input)).toBe('conflict')
  expect(await harness.refused('custody.move', { ...input, to: 'box', quantity: 11 })).toBe('conflict')
  expect(stock('room')).toEqual([[10, START_MS, null]])
})

test('a place that is retired, or not there yet, takes nothing', async () => {
  await harness.do('place.retire', { id: 'box', reason })
  const input = { lot: 'l-1', quantity: 1, reason }
  expect(await harness.refused('custody.receive', { ...input, place: 'box' })).toBe('conflict')
  // it would still be there when the place was retired
  expect(await harness.refused('custody.receive', { ...input, place: 'box', atMs: noonMs })).toBe('conflict')
  expect(await harness.refused('custody.receive', { ...input, place: 'room', atMs: BUILT_MS - 1 })).toBe(
    'conflict',
  )
})

test.each<[string, Partial<StockInPlace>]>([
  ['not-found', { lot: 'l-9' }],
  ['not-found', { place: 'nowhere' }],
  ['bad-request', { quantity: 0 }],
  ['bad-request', { quantity: -1 }],
  ['bad-request', { quantity: 1.5 }],
  ['bad-request', { quantity: Number.NaN }],
  ['bad-request', { quantity: 10_000_000_001 }],
  ['bad-request', { atMs: START_MS + HOUR_MS }],
  ['bad-request', { atMs: noonMs }],
])('receiving and issuing are refused as %s: %j', async (code, wrong) => {
  const input = { lot: 'l-1', place: 'room', quantity: 1, ...wrong }
  expect(await harness.refused('custody.receive', input)).toBe(code)
  await receive({ atMs: dayMs })
  expect(await harness.refused('custody.issue', input)).toBe(code)
})

test.each<[string, Partial<StockMove>]>([
  ['not-found', { lot: 'l-9' }],
  ['not-found', { from: 'nowhere' }],
  ['not-found', { to: 'nowhere' }],
  ['bad-request', { to: 'room' }],
  ['bad-request', { quantity: 0 }],
  ['demo-only', { to: 'toy' }],
])('moving is refused as %s: %j', async (code, wrong) => {
  await receive({})
  const input = { lot: 'l-1', from: 'room', to: 'fridge', quantity: 1, ...wrong }
  expect(await harness.refused('custody.move', input)).toBe(code)
})
