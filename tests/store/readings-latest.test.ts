import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { followingReads } from '../../store/readings/following.ts'
import { complementRecord, openReadings, putRecord, type Readings, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

/** The newest rows of all series in short: sensor, ms after T0, sub and values. */
function latest(): unknown[] {
  const { reads } = readings
  const numbers = reads.newSeries(0, 100).map(({ no }) => no)
  return reads
    .latestOf(numbers)
    .map(({ device, sensor, tMs, sub, values }) => [`${device}/${sensor}`, tMs - T0, sub, values])
}

test('the newest row of each series is the one with the greatest (t, sub), however late it came', () => {
  const warm = { temperatureMilliC: 9_000 }
  putRecord(readings, 0, [{ tMs: T0 + 5, seq: 7, values: warm }])
  putRecord(readings, 1, [{ tMs: T0 + 1 }, { tMs: T0 + 5, seq: 6 }])
  putRecord(readings, 2, [{ device: 'd2', sensor: 'door', tMs: T0 + 2, values: { doorOpen: true } }])
  expect(latest()).toEqual([
    ['d1/main', 5, 8, warm],
    ['d2/door', 2, 0, { doorOpen: true }],
  ])
  complementRecord(readings, 3, { tMs: T0 + 5, seq: 7 }, { batteryMilliPct: 99_000 })
  expect(latest()[0]).toEqual(['d1/main', 5, 8, { ...warm, batteryMilliPct: 99_000 }])
})

test('only what is asked for comes, and what has no rows is left out', () => {
  putRecord(readings, 0, [{ tMs: T0 }, { device: 'd2', tMs: T0 }])
  expect(readings.reads.latestOf([2, 99]).map(({ series, device }) => [series, device])).toEqual([[2, 'd2']])
  expect(readings.reads.latestOf([])).toEqual([])
})

test('changed series are those of the records of the range, each once', () => {
  putRecord(readings, 0, [{ tMs: T0 }, { tMs: T0 + 1 }, { device: 'd2', tMs: T0 }])
  putRecord(readings, 1, [{ device: 'd2', tMs: T0 + 1 }])
  putRecord(readings, 2, [{ device: 'd3', tMs: T0 }])
  const { reads } = readings
  expect(new Set(reads.changedSeries(0, 3))).toEqual(new Set([1, 2, 3]))
  expect(reads.changedSeries(0, 3)).toHaveLength(3)
  expect(new Set(reads.changedSeries(0, 1))).toEqual(new Set([1, 2]))
  expect(reads.changedSeries(1, 2)).toEqual([2])
  expect(reads.changedSeries(3, 9)).toEqual([])
  complementRecord(readings, 3, { tMs: T0 }, { batteryMilliPct: 1_000 })
  expect(reads.changedSeries(3, 4)).toEqual([1])
})

test('both are answered by seeks: the index of changes alone, then one key per series', () => {
  const database = new DatabaseSync(readings.path, { readOnly: true })
  const plans: string[] = []
  followingReads((sql) => {
    const steps = database.prepare(`explain query plan ${sql}`).all()
    plans.push(steps.map((step) => String(step['detail'])).join('; '))
    return { run: () => 1, get: () => undefined, all: () => [] }
  })
  database.close()
  const touched = plans.find((plan) => plan.includes('UNION')) ?? ''
  expect(touched).toContain(
    'SEARCH reading USING COVERING INDEX reading_changed (changed_idx>? AND changed_idx<?)',
  )
  expect(touched).toContain('SEARCH fault USING COVERING INDEX fault_changed (idx>? AND idx<?)')
  expect(touched).not.toMatch(/SCAN/)
  const newest = plans.find((plan) => plan.includes('wanted')) ?? ''
  expect(newest).toContain('SEARCH r USING PRIMARY KEY (series=? AND t=?)')
  expect(newest).toContain('SEARCH n USING PRIMARY KEY (series=?)')
  expect(newest).toContain('SEARCH n USING PRIMARY KEY (series=? AND t=?)')
  expect(newest).toContain('SEARCH f USING PRIMARY KEY (series=? AND t>?)')
  expect(newest).not.toMatch(/SCAN (?!wanted)|TEMP B-TREE/)
})
