import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { act, openFact } from '../../../store/facts/act.ts'
import { asOf, history } from '../../../store/facts/rows.ts'
import { changeFrom } from '../../../store/facts/timeline.ts'
import { FactsHarness, LI, START_MS } from './setup.ts'

// A device's expected interval tells the states apart: 60, 120, ... Times are days after START_MS.

let harness: FactsHarness

async function open(): Promise<void> {
  harness = await FactsHarness.open()
}

const DAY_MS = 86_400_000
const at = (day: number): number => START_MS + day * DAY_MS
const key = { id: 'd-1' }
const entry = { kind: 'test', actor: LI, subject: 'device:d-1', reason: 'test', old: null, new: null }
const device = { id: 'd-1', site: 's', kind: 'real', state: 'active', acceptFrom: 0, label: null } as const

async function openAt(day: number, expectedInterval: number): Promise<void> {
  harness.clock.now = at(day)
  await harness.facts.transact(async (tx) =>
    openFact(await act(tx, entry), 'device', { ...device, expectedInterval }),
  )
}

/** Recorded on `day`, holding from `fromDay`. */
async function changeAt(day: number, fromDay: number, expectedInterval: number): Promise<number> {
  harness.clock.now = at(day)
  const row = await harness.facts.transact(async (tx) =>
    changeFrom(await act(tx, entry), 'device', key, at(fromDay), { expectedInterval }),
  )
  return row.expectedInterval
}

function heldAt(validDay: number, knownDay: number): Promise<number | undefined> {
  return harness.facts.transact(async (tx) => {
    const row = await asOf(tx, 'device', key, at(validDay), at(knownDay))
    return row?.expectedInterval
  })
}

async function live(): Promise<(number | null)[][]> {
  const rows = await harness.facts.transact((tx) => history(tx, 'device', key))
  return rows.map((row) => [dayOf(row.validFrom), dayOf(row.validTo), row.expectedInterval])
}

function dayOf(ms: number | null): number | null {
  return ms === null ? null : (ms - START_MS) / DAY_MS
}

describe('what held on a day, as known on a day', () => {
  // opened on day 0 with 60; on day 10 changed to 120 from then on; on day 20 it turned out that it had been 90
  // from day 5 on, and on day 30 that the latest change was wrong too: 150 from day 15 on
  beforeAll(async () => {
    await open()
    await openAt(0, 60)
    await changeAt(10, 10, 120)
    await changeAt(20, 5, 90)
    await changeAt(30, 15, 150)
  })
  afterAll(() => harness.close())

  test.each([
    // valid, known, expected
    [-1, 40, undefined],
    [0, -1, undefined],
    [0, 0, 60],
    [5, 0, 60],
    [100, 9, 60],
    [9, 10, 60],
    [10, 10, 120],
    [100, 19, 120],
    [4, 20, 60],
    [5, 20, 90],
    [9, 20, 90],
    [10, 20, 90],
    [10, 19, 120],
    [14, 30, 90],
    [15, 29, 90],
    [15, 30, 150],
    [100, 30, 150],
    [0, 30, 60],
  ])('day %d as known on day %d: %s', async (valid, known, expected) => {
    expect(await heldAt(valid, known)).toBe(expected)
  })

  test('the live rows meet without gap or overlap', async () => {
    expect(await live()).toEqual([
      [0, 5, 60],
      [5, 10, 90],
      [10, 15, 90],
      [15, null, 150],
    ])
  })

  test('every row that was ever written is still there', () => {
    expect(harness.rows('select fact, supersedes, expected_interval as i from device order by fact')).toEqual(
      [
        { fact: 1, supersedes: null, i: 60 },
        { fact: 2, supersedes: 1, i: 60 },
        { fact: 3, supersedes: null, i: 120 },
        { fact: 4, supersedes: 2, i: 60 },
        { fact: 5, supersedes: null, i: 90 },
        { fact: 6, supersedes: 3, i: 90 },
        { fact: 7, supersedes: 6, i: 90 },
        { fact: 8, supersedes: null, i: 150 },
      ],
    )
  })
})

describe('a change', () => {
  beforeEach(open)
  afterEach(() => harness.close())

  test('at the very start of a row replaces it', async () => {
    await openAt(0, 60)
    expect(await changeAt(0, 0, 120)).toBe(120)
    expect(await live()).toEqual([[0, null, 120]])
    expect(harness.rows('select fact, supersedes from device')).toEqual([
      { fact: 1, supersedes: null },
      { fact: 2, supersedes: 1 },
    ])
  })

  test('from before the start changes the whole of it and does not make it older', async () => {
    await openAt(0, 60)
    await changeAt(3, -7, 120)
    expect(await live()).toEqual([[0, null, 120]])
  })

  test('from a day to come holds from then on', async () => {
    await openAt(0, 60)
    await changeAt(1, 8, 120)
    expect(await heldAt(7, 1)).toBe(60)
    expect(await heldAt(8, 1)).toBe(120)
  })

  test('at the instant of another: the later one stands, both are known', async () => {
    await openAt(0, 60)
    await changeAt(5, 5, 120)
    await changeAt(5, 5, 180)
    expect(await live()).toEqual([
      [0, 5, 60],
      [5, null, 180],
    ])
    expect(harness.count('device')).toBe(4)
  })

  test('for an empty or backward period is refused by the database itself', async () => {
    await openAt(0, 60)
    const columns = 'valid_from, valid_to, recorded_at, recorded_by, reason, act, device, name'
    for (const to of [0, -1]) {
      expect(() =>
        harness.raw.exec(`insert into sensor (${columns}) values (0, ${to}, 0, '', '', 1, 'd', 'n')`),
      ).toThrow('CHECK constraint failed: sensor_period')
    }
  })
})
