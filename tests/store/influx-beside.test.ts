import { afterEach, beforeEach, expect, test } from 'vitest'
import { type BesideProjection, type InfluxWriter, runInfluxProjection } from '../../store/index.ts'
import type { ProjectionStatus } from '../../store/index.ts'
import { ROWS_PER_WRITE } from '../../store/influx/projection.ts'
import { textsOf } from '../support/influx-lines.ts'
import { hurriedClock, keptLog, nowhere } from './influx-fixture.ts'
import { openReadings, putRecord, type Readings, T0 } from './readings-fixture.ts'

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

/** An InfluxDB that takes everything. */
function taking(lines: string[]): InfluxWriter {
  return {
    write: async (given) => {
      lines.push(...textsOf(given))
      return { kind: 'written', refused: [], expired: 0 }
    },
    database: async () => ({ kind: 'filled' }),
    createDatabase: async () => ({ kind: 'made' }),
    deletePoints: async () => ({ kind: 'deleted' }),
  }
}

test('what fails beside the readings holds up neither them nor what else is beside them', async () => {
  const lines: string[] = []
  const asked = { failing: 0, other: 0 }
  const failing: BesideProjection = {
    step: async () => {
      asked.failing += 1
      return { kind: 'retry', what: 'It cannot be deleted.', remedy: 'Allow it.', afterMs: 50_000 }
    },
    rewind: () => Promise.resolve(),
  }
  const other: BesideProjection = {
    step: async () => {
      asked.other += 1
      return 'done'
    },
    rewind: () => Promise.resolve(),
  }
  const stopping = new AbortController()
  const clock = hurriedClock()
  let status: ProjectionStatus | undefined
  const running = runInfluxProjection({
    reads: readings.reads,
    writer: taking(lines),
    places: nowhere,
    beside: [failing, other],
    saveCursor: async (progress) => {
      readings.store.transact((tx) => tx.saveProjection(progress))
    },
    clock,
    log: keptLog(),
    signal: stopping.signal,
    onStatus: (given) => {
      status = given
    },
  })
  for (let index = 0; index < 5; index += 1) {
    putRecord(readings, index, [{ tMs: T0 + index, seq: index }])
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(index + 1)
  }
  stopping.abort()
  await running
  expect(status).toMatchObject({
    behind: 0,
    throttled: 1,
    retried: 0,
    lastError: 'It cannot be deleted. Allow it.',
  })
  // put off for 50 s, while nobody else waits longer than when there is nothing to do
  expect(asked.failing).toBe(1)
  expect(asked.other).toBeGreaterThan(4)
  expect(Math.max(...clock.waits)).toBe(500)
})

test('readings that wait are written most of the time, however long the rest takes', async () => {
  const order: string[] = []
  const stopping = new AbortController()
  let nowMs = T0
  const slow: BesideProjection = {
    step: async () => {
      nowMs += 20_000
      order.push('beside')
      return 'more'
    },
    rewind: () => Promise.resolve(),
  }
  const writer = taking([])
  const records = 6
  for (let index = 0; index < records; index += 1) {
    const rows = Array.from({ length: ROWS_PER_WRITE }, (_, nth) => ({ tMs: T0 + index * 10_000 + nth }))
    putRecord(readings, index, rows)
  }
  await runInfluxProjection({
    reads: readings.reads,
    writer: {
      ...writer,
      write: (lines, signal) => {
        nowMs += 4_000
        order.push('readings')
        return writer.write(lines, signal)
      },
    },
    places: nowhere,
    beside: [slow],
    saveCursor: async (progress) => {
      readings.store.transact((tx) => tx.saveProjection(progress))
      if (progress.nextIndex === records) stopping.abort()
    },
    clock: { nowMs: () => nowMs, monotonicMs: () => nowMs, sleep: () => Promise.resolve() },
    log: keptLog(),
    signal: stopping.signal,
  })
  // the second batch is on its way when the first is through
  const readingsOnly = Array.from({ length: records - 2 }, () => 'readings')
  expect(order.slice(0, records + 1)).toEqual(['readings', 'readings', 'beside', ...readingsOnly])
})

test('readings that come while something beside them is written do not wait for it', async () => {
  const lines: string[] = []
  const begun = Promise.withResolvers<void>()
  const enough = Promise.withResolvers<void>()
  const slow: BesideProjection = {
    step: async () => {
      begun.resolve()
      await enough.promise
      return 'done'
    },
    rewind: () => Promise.resolve(),
  }
  const stopping = new AbortController()
  const clock = hurriedClock()
  putRecord(readings, 0, [{ tMs: T0 }])
  const running = runInfluxProjection({
    reads: readings.reads,
    writer: taking(lines),
    places: nowhere,
    beside: [slow],
    saveCursor: async (progress) => {
      readings.store.transact((tx) => tx.saveProjection(progress))
    },
    clock,
    log: keptLog(),
    signal: stopping.signal,
  })
  await begun.promise
  for (let index = 1; index < 5; index += 1) {
    putRecord(readings, index, [{ tMs: T0 + index }])
    await expect.poll(() => lines.length).toBe(index + 1)
  }
  stopping.abort()
  enough.resolve()
  await running
})
