import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingPages } from '../../store/findings/reads.ts'
import { followingReads } from '../../store/readings/following.ts'
import { firstRowsReader } from '../../store/readings/merging.ts'
import { numbers } from '../../store/readings/device-writes.ts'
import { readingWrites } from '../../store/readings/reading-writes.ts'
import { seriesReads } from '../../store/readings/series-reads.ts'
import type { Prepare } from '../../store/readings/sqlite.ts'
import { tallyReads } from '../../store/readings/tallies.ts'
import type { Readings } from './readings-fixture.ts'
import { openReadings } from './readings-fixture.ts'

let readings: Readings
let database: DatabaseSync
beforeAll(() => {
  readings = openReadings()
  database = new DatabaseSync(readings.path, { readOnly: true })
})
afterAll(() => {
  database.close()
  readings.remove()
})

const unasked = { run: () => 1, get: () => undefined, all: () => [] }

/** The plans of all statements that `use` prepares, one line each. */
async function plansOf(use: (prepare: Prepare) => unknown): Promise<string[]> {
  const plans: string[] = []
  await use((sql) => {
    const steps = database.prepare(`explain query plan ${sql}`).all()
    plans.push(steps.map((step) => String(step['detail'])).join('; '))
    return unasked
  })
  return plans
}

test('what ingest asks for each reading is one seek', async () => {
  const plans = await plansOf((prepare) =>
    readingWrites(
      prepare,
      numbers(() => unasked),
    ),
  )
  const [extent, at, displaced, undated] = plans
  expect(extent).toMatch(/SEARCH reading USING PRIMARY KEY \(series=\?\)/)
  expect(extent).toMatch(/SEARCH reading USING COVERING INDEX reading_displaced \(series=\?\)/)
  expect(at).toBe('SEARCH reading USING PRIMARY KEY (series=? AND t=? AND sub=?)')
  expect(displaced).toBe('SEARCH reading USING INDEX reading_displaced (series=? AND at=? AND seq=?)')
  expect(undated).toMatch(/^SEARCH reading USING INDEX reading_displaced \(series=\? AND at=\? AND seq=\?\)/)
})

test('the changed rows come out of their index, without sorting', async () => {
  const plans = (await plansOf(followingReads)).filter((plan) => plan.includes('INDEX reading_changed'))
  const ofRows = plans.filter((plan) => plan.startsWith('SEARCH r USING INDEX'))
  expect(ofRows).toHaveLength(1)
  for (const changed of ofRows) {
    expect(changed).toMatch(/^SEARCH r USING INDEX reading_changed \(changed_idx>\? AND changed_idx<\?\)/)
    expect(changed).not.toMatch(/SCAN|TEMP B-TREE/)
  }
})

test('the changed rows of a series come together, each found by its key', async () => {
  const plans = await plansOf(followingReads)
  const [plan] = plans.filter((each) => each.includes('TEMP B-TREE FOR ORDER BY; SCAN'))
  expect(plan).toMatch(/COVERING INDEX reading_changed \(changed_idx>\? AND changed_idx<\?\)/)
  expect(plan).toMatch(/USE TEMP B-TREE FOR ORDER BY/)
  expect(plan).toMatch(/SEARCH r USING PRIMARY KEY \(series=\? AND t=\? AND sub=\?\)/)
})

test('the spans of changed rows come out of the index alone', async () => {
  const spans = (await plansOf(followingReads)).find((plan) =>
    plan.includes('COVERING INDEX reading_changed'),
  )
  expect(spans).toMatch(
    /SEARCH reading USING COVERING INDEX reading_changed \(changed_idx>\? AND changed_idx<\?\)/,
  )
})

test('pieces are read in the order of the key, from where a page begins; buckets seek each piece', async () => {
  const period = { fromMs: 0, toMs: 1 }
  const piece = { series: 1, path: 'd/s', ...period }
  const [page] = await plansOf((prepare) => firstRowsReader(prepare)([piece], 1))
  expect(page).toBe('SEARCH r USING PRIMARY KEY (series=? AND (t,sub)>(?,?) AND t<?)')
  const plans = await plansOf((prepare) =>
    seriesReads(
      prepare,
      () => [piece],
      () => [],
    ).buckets({ by: 'point', point: 'none' }, period, 1, 'temperature'),
  )
  const [newest, temperatures, counted, buckets] = plans
  expect(newest).toBe('SEARCH r USING PRIMARY KEY (series=? AND t>? AND t<?)')
  for (const plan of [temperatures, counted, buckets]) {
    expect(plan).toContain('SEARCH r USING PRIMARY KEY (series=? AND t>? AND t<?)')
  }
})

test('rows of a piece are written again in the order of the key', async () => {
  const ofPiece = (await plansOf(followingReads)).find((plan) => plan.includes('(t,sub)'))
  expect(ofPiece).toContain('SEARCH r USING PRIMARY KEY (series=? AND (t,sub)>(?,?) AND t<?)')
  expect(ofPiece).not.toMatch(/TEMP B-TREE/)
})

test('counts of how readings came read no more than their piece or period', async () => {
  const [tally, held] = await plansOf(tallyReads)
  expect(tally).toContain('SEARCH r USING PRIMARY KEY (series=? AND t>? AND t<?)')
  expect(held).toContain('SEARCH h USING INDEX held_received (device=? AND received_ms>? AND received_ms<?)')
})

test('findings of a few places, of a point and open ones are sought, however many others there are', async () => {
  const [places, point, open, start] = await plansOf(findingPages)
  expect(places).toContain('SEARCH finding USING INDEX finding_place (place=? AND (start_ms,id)>(?,?)')
  expect(point).toContain('SEARCH finding USING INDEX finding_point (point=? AND (start_ms,id)>(?,?)')
  expect(open).toContain('USING INDEX finding_open')
  expect(start).toContain('USING INDEX finding_start')
  expect(start).not.toMatch(/TEMP B-TREE/)
})
