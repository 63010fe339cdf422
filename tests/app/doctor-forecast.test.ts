import { expect, test } from 'vitest'
import {
  DAYS_ENOUGH,
  DAYS_FEW,
  forecastFinding,
  type Growth,
  storesFinding,
} from '../../app/cli/doctor-forecast.ts'

const MIB = 1024 * 1024
const DAY_MS = 86_400_000
const nowMs = Date.UTC(2026, 10, 27)

/** A store of 1,048,576 readings of 1,000 B, two a record, of which a tenth came in the last 7 days. */
const READINGS = MIB
const growth: Growth = {
  bytes: { journal: 300 * MIB, readings: 600 * MIB, facts: 60 * MIB, audit: 40 * MIB },
  stored: READINGS,
  records: READINGS / 2,
  lately: { firstIndex: 0, records: READINGS / 20, sinceMs: nowMs - 7 * DAY_MS },
}
/** 100 MiB in 7 days. */
const MIB_PER_DAY = 100 / 7

const space = (days: number) => {
  const reserveBytes = 2048 * MIB
  return { freeBytes: reserveBytes + days * MIB_PER_DAY * MIB, totalBytes: 100_000 * MIB, reserveBytes }
}

test('says what each store takes, in all and for a reading', () => {
  expect(storesFinding(growth)).toEqual({
    check: 'stores',
    state: 'ok',
    found:
      'journal 300.0 MiB, 300.0 B a reading; readings.sqlite with its WAL 600.0 MiB, 600.0 B a reading; ' +
      'facts.sqlite 60.0 MiB, 60.0 B a reading; audit 40.0 MiB, 40.0 B a reading; 1048576 readings',
  })
})

test('says in how many days the reserve is reached, by what, and from what it knows', () => {
  const { state, found } = forecastFinding(growth, space(100.5), nowMs)
  expect([state, found]).toEqual([
    'ok',
    'acknowledging stops in 100 days: it grows by 14.3 MiB a day (journal 4.3 MiB, readings 8.6 MiB, facts 0.9 MiB, audit 0.6 MiB), from 14980 readings a day in the last 7 days',
  ])
})

test.each([
  [DAYS_ENOUGH + 0.5, 'ok'],
  [DAYS_ENOUGH - 0.5, 'note'],
  [DAYS_FEW + 0.5, 'note'],
  [DAYS_FEW - 0.5, 'bad'],
  [0, 'bad'],
  [-3, 'bad'],
])('with room for %d days it is %s', (days, state) => {
  const found = forecastFinding(growth, space(days), nowMs)
  expect(found.state).toBe(state)
  expect(found.found).toContain(`in ${Math.max(0, Math.floor(days))} days`)
  expect(found.remedy === undefined).toBe(state === 'ok')
})

test('a day of a young store is a day, and segments that are elsewhere do not make records small', () => {
  const young = { firstIndex: READINGS / 4, records: READINGS / 4, sinceMs: nowMs - DAY_MS / 2 }
  const { found } = forecastFinding({ ...growth, lately: young }, space(100), nowMs)
  // half of the records are here: 600 B of a reading in the journal
  expect(found).toContain('it grows by 1300.0 MiB a day (journal 600.0 MiB, readings 600.0 MiB')
  expect(found).toContain('from 1048576 readings a day in the last 12 h')
})

test.each([
  ['few readings', { ...growth, stored: 999 }],
  ['no record', { ...growth, lately: undefined }],
  ['minutes', { ...growth, lately: { firstIndex: 0, records: 9, sinceMs: nowMs - 3_599_999 } }],
])('of %s nothing follows', (_, little) => {
  expect(forecastFinding(little, space(1), nowMs)).toMatchObject({ state: 'note' })
})

test('where nothing came in nothing grows', () => {
  const quiet = { firstIndex: 0, records: 0, sinceMs: nowMs - 7 * DAY_MS }
  expect(forecastFinding({ ...growth, lately: quiet }, space(1), nowMs)).toMatchObject({
    state: 'ok',
    found: 'nothing grows: from 0 readings a day in the last 7 days',
  })
})
