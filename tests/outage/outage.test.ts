import { expect, test } from 'vitest'
import { influxdSkipReason } from '../support/influxd.ts'
import { latencyOf } from './alarms.ts'
import { type BacklogOutcome, isBacklogSound } from './backlog.ts'
import { type DiskOutcome, isDiskSound, runDiskOutage } from './disk-outage.ts'
import { type InfluxOutcome, isInfluxSound, runInfluxOutage } from './influx-outage.ts'

// The short forms of `npm run outage`.

const short = { ratePerSecond: 1_000, seed: 1, tell: () => undefined }
const TIMEOUT_MS = 240_000
const sound = { lost: 0, phantom: 0, examples: [], balanced: true }

test.skipIf(influxdSkipReason() !== undefined)(
  'InfluxDB is killed and hangs under load: nothing is lost, it catches up, alarms are as fast as with it',
  { timeout: TIMEOUT_MS },
  async () => {
    const outcome = await runInfluxOutage({ ...short, ends: ['kill', 'hang'], seconds: 1, alarms: 5 })
    const judged = { ...outcome, isSound: isInfluxSound(outcome) }
    expect(judged).toMatchObject({ ...sound, influx: outcome.storedAll, isSound: true })
    expect(outcome.behindMax).toBeGreaterThan(100)
    expect(outcome.without.alarms).toBe(5)
    expect(outcome.during.alarms).toBe(10)
    const wrong: Partial<InfluxOutcome>[] = [
      { lost: 1 },
      { phantom: 1 },
      { balanced: false },
      { influx: outcome.influx - 1 },
      { during: { ...outcome.during, p50Ms: outcome.without.p50Ms + 1_001 } },
      { during: { ...outcome.during, maxMs: 5_001 } },
    ]
    for (const change of wrong) expect(isInfluxSound({ ...outcome, ...change })).toBe(false)
  },
)

test('a full disk is refused and said, nothing is lost, and it goes on by itself when there is space', {
  timeout: TIMEOUT_MS,
}, async () => {
  const outcome = await runDiskOutage({ ...short, seconds: 1 })
  const full = { ackedWhileFull: 0, readyz: 'full', doctor: 'bad', ended: 0 }
  expect(outcome).toMatchObject({ ...sound, ...full })
  expect(outcome.acked).toBeGreaterThan(1_000)
  expect(isDiskSound(outcome)).toBe(true)
  const wrong: Partial<DiskOutcome>[] = [
    { lost: 1 },
    { phantom: 1 },
    { balanced: false },
    { ackedWhileFull: 1 },
    { readyz: 'open' },
    { doctor: 'ok' },
    { ended: 1 },
  ]
  for (const change of wrong) expect(isDiskSound({ ...outcome, ...change })).toBe(false)
})

test('the median of alarms is one of them, the lower of two', () => {
  expect(latencyOf([30.04, 10, 20])).toEqual({ alarms: 3, p50Ms: 20, maxMs: 30 })
  expect(latencyOf([4, 2])).toEqual({ alarms: 2, p50Ms: 2, maxMs: 4 })
  expect(latencyOf([]).p50Ms).toBeNaN()
})

test('a backlog fails for what is missing, for an alarm that is late, and for memory', () => {
  const fast = { alarms: 3, p50Ms: 50, maxMs: 100 }
  const backlog: BacklogOutcome = {
    rows: 1_000,
    stored: 1_000,
    influx: 1_012,
    storedAll: 1_012,
    seconds: 3,
    residentMib: 400,
    residentMaxMib: 600,
    without: fast,
    during: { ...fast, p50Ms: 1_050, maxMs: 5_000 },
  }
  expect(isBacklogSound(backlog)).toBe(true)
  const wrong: Partial<BacklogOutcome>[] = [
    { stored: 999 },
    { influx: 1_011 },
    { residentMaxMib: 601 },
    { during: { ...fast, p50Ms: 1_051 } },
    { during: { ...fast, maxMs: 5_001 } },
    { during: latencyOf([]) },
  ]
  for (const change of wrong) expect(isBacklogSound({ ...backlog, ...change })).toBe(false)
})
