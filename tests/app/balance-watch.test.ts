import { statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { startBalanceWatch } from '../../app/core/watch/balance.ts'
import { Problem } from '../../domain/index.ts'
import { noCounts, openReadings, putRecord, type Readings, T0 } from '../store/readings-fixture.ts'
import { StepClock } from '../support/step-clock.ts'

const ROUND_MS = 61_000
let readings: Readings
let clock: StepClock
let watch: ReturnType<typeof startBalanceWatch>
let reports: unknown[]
let errors: unknown[]
let refuses: boolean
beforeEach(() => {
  readings = openReadings()
  clock = new StepClock(T0)
  reports = []
  errors = []
  refuses = false
  for (const [index, device] of ['d1', 'd2'].entries()) {
    putRecord(readings, index, [
      { device, tMs: T0 },
      { device, tMs: T0 + 1 },
    ])
    readings.store.transact((tx) => {
      tx.countJournalled(device, 1)
      tx.setCursor('census', index + 1)
    })
  }
  watch = startBalanceWatch({
    path: readings.path,
    clock,
    log: {
      debug: () => {},
      info: () => {},
      warn: () => {},
      error: (fields, text) => errors.push([fields, text]),
    },
    commands: {
      command: async (name, actor, input) => {
        if (refuses)
          throw new Problem('core-unavailable', { what: 'The disk is full.', remedy: 'Free space.' })
        reports.push([name, actor, input])
        return { act: 1 } as never
      },
    },
  })
})
afterEach(async () => {
  await watch.stop()
  readings.remove()
})

function behindItsBack(sql: string): void {
  const database = new DatabaseSync(readings.path)
  database.exec(sql)
  database.close()
}

const mismatch = { what: 'stored rows', counted: 2, found: 1 }

test('a row that somebody deleted is told once, shown as long as it is missing, and forgotten when it is back', async () => {
  await clock.advance(ROUND_MS)
  expect(watch.status()).toEqual({ comparedAtMs: expect.any(Number) as number, mismatches: [] })

  behindItsBack(
    'create table kept as select * from reading; delete from reading where t = 1795392000000 and series = 2',
  )
  await clock.advance(3 * ROUND_MS)
  expect(watch.status().mismatches).toEqual([{ subject: 'device:d2', ...mismatch }])
  expect(reports).toEqual([
    [
      'watch.report',
      { kind: 'system', id: 'core' },
      { kind: 'balance.mismatch', subject: 'device:d2', found: mismatch },
    ],
  ])
  expect(errors).toHaveLength(1)

  behindItsBack('insert or ignore into reading select * from kept')
  await clock.advance(2 * ROUND_MS)
  expect(watch.status().mismatches).toEqual([])

  behindItsBack('delete from reading where t = 1795392000000 and series = 2')
  await clock.advance(2 * ROUND_MS)
  expect(reports).toHaveLength(2)
})

test('readings that come in meanwhile are no mismatch', async () => {
  for (let index = 2; index < 200; index += 1) {
    readings.store.transact((tx) => {
      const series = tx.series('d1', 'main', T0, 64) ?? -1
      const times = { tMs: T0 + index, atMs: T0 + index, receivedAtMs: T0 + index }
      const rest = { sub: 0, seq: null, index, item: 0, marks: 0, payloadHash: null }
      tx.insert({ series, ...times, ...rest, values: { temperatureMilliC: 4_000 } })
      tx.count('d1', { ...noCounts, decoded: 1, readings: 1, stored: 1 })
      tx.countJournalled('d1', 1)
      tx.setCursor('ingest', index + 1)
      tx.setCursor('census', index + 1)
    })
    await clock.advance(1_000)
  }
  expect(watch.status().comparedAtMs).toBeGreaterThan(T0 + 120_000)
  expect([watch.status().mismatches, reports, errors]).toEqual([[], [], []])
})

test('when the audit trail cannot be written, log and status have it all the same', async () => {
  refuses = true
  behindItsBack('delete from reading where series = 1')
  await clock.advance(2 * ROUND_MS)
  expect(watch.status().mismatches).toHaveLength(1)
  expect(errors.map((each) => (each as unknown[])[1])).toEqual([
    'a sum of the balance does not come out',
    'what was found could not be entered in the audit trail',
  ])
})

test('while it goes on, what is written can be moved out of the log of SQLite', async () => {
  const devices = 100
  for (let index = 2; index < devices; index += 1)
    putRecord(readings, index, [{ device: `e${index}`, tMs: T0 }])
  await clock.advance(ROUND_MS - 2_000)
  const excerpt = 'x'.repeat(400_000)
  let index = devices
  // a commit of 400 KB for each time others have their turn
  const sleep = clock.sleep.bind(clock)
  vi.spyOn(clock, 'sleep').mockImplementation((ms, signal) => {
    readings.store.transact((tx) => {
      const row = {
        item: 0,
        device: 'd1',
        receivedAtMs: T0,
        reason: 'conflict',
        detail: '',
        excerpt,
      } as const
      tx.hold({ ...row, index: (index += 1) })
    })
    return sleep(ms, signal)
  })
  await clock.advance(ROUND_MS)
  expect(watch.status().comparedAtMs).not.toBeNull()
  expect(index).toBeGreaterThan(2 * devices)
  expect(statSync(`${readings.path}-wal`).size).toBeLessThan(32_000_000)
})
