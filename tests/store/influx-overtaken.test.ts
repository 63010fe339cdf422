import { afterEach, beforeEach, expect, test } from 'vitest'
import { type BesideProjection, runInfluxProjection } from '../../store/index.ts'
import { Progress } from '../../store/influx/progress.ts'
import { ProjectionSteps } from '../../store/influx/projection-step.ts'
import type { WriteVerdict } from '../../store/influx/writer.ts'
import { hurriedClock, keptLog, nowhere } from './influx-fixture.ts'
import { openReadings, putRecord, type Readings, T0 } from './readings-fixture.ts'

const taken: WriteVerdict = { kind: 'written', refused: [], expired: 0 }

let readings: Readings
beforeEach(() => {
  readings = openReadings()
})
afterEach(() => {
  readings.remove()
})

test('when the next rows cannot be read, the batch on its way is waited for before it is sent again', async () => {
  for (let index = 0; index < 6; index += 1) putRecord(readings, index, [{ tMs: T0 + index }])
  const slow = Promise.withResolvers<WriteVerdict>()
  let sent = 0
  let isBroken = true
  const steps = new ProjectionSteps({
    reads: {
      ...readings.reads,
      changedTuples: (from, to, limit) => {
        if (from === 2 && isBroken) throw new Error('disk I/O error')
        return readings.reads.changedTuples(from, to, limit)
      },
    },
    writer: {
      write: () => {
        sent += 1
        return sent === 1 ? slow.promise : Promise.resolve(taken)
      },
    },
    places: nowhere,
    clock: hurriedClock(),
  })
  const step = () => steps.step({ from: 0, to: 6, limit: 2, signal: new AbortController().signal })
  let isOver = false
  const first = step()
    .catch(() => undefined)
    .finally(() => (isOver = true))
  await new Promise((resolve) => setTimeout(resolve, 60))
  // the rows of the first batch still travel: whoever may send them again must not be let
  expect(isOver).toBe(false)
  slow.resolve(taken)
  await first
  isBroken = false
})

test('a database found missing by both is made, and everything written again, once', async () => {
  putRecord(readings, 0, [{ tMs: T0 }])
  readings.store.transact((tx) => tx.setCursor('ingest', 1))
  let isThere = true
  let made = 0
  const begun = Promise.withResolvers<void>()
  const told = Promise.withResolvers<void>()
  const beside: BesideProjection = {
    step: async () => {
      if (made > 0) return 'done'
      begun.resolve()
      await told.promise
      return { kind: 'missing' }
    },
    rewind: () => Promise.resolve(),
  }
  const stopping = new AbortController()
  const running = runInfluxProjection({
    reads: readings.reads,
    writer: {
      write: async () => {
        if (isThere) return taken
        told.resolve()
        return { kind: 'missing' }
      },
      database: async () => ({ kind: 'filled' }),
      createDatabase: async () => {
        made += 1
        isThere = true
        return { kind: 'made' }
      },
      deletePoints: async () => ({ kind: 'deleted' }),
    },
    places: nowhere,
    beside: [beside],
    saveCursor: async (progress) => {
      readings.store.transact((tx) => tx.saveProjection(progress))
    },
    clock: hurriedClock(),
    log: keptLog(),
    signal: stopping.signal,
  })
  // it is dropped while a round is under way, and then rows come
  await begun.promise
  isThere = false
  putRecord(readings, 1, [{ tMs: T0 + 1 }])
  await expect.poll(() => made).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 400))
  stopping.abort()
  told.resolve()
  await running
  expect(made).toBe(1)
})

test('what is asked to be written again is, also of rows whose progress is not kept yet', async () => {
  for (let index = 0; index < 6; index += 1) putRecord(readings, index, [{ tMs: T0 + index }])
  const { store, reads } = readings
  store.transact((tx) => {
    tx.setCursor('ingest', 6)
    tx.setCursor('influx', 1)
  })
  const writing = Promise.withResolvers<void>()
  const stretch = store.transactAtLength(() => writing.promise)
  const progress = new Progress({
    reads,
    clock: hurriedClock(),
    saveCursor: (given) =>
      store.transactInTurn((tx) => {
        if (tx.cursor('influx') === given.fromIndex) tx.saveProjection(given)
      }),
  })
  expect(progress.cursor()).toBe(1)
  progress.passed(4, [])
  // rows of records 0 to 3 are in InfluxDB; somebody empties it and asks for all of them again
  const again = store.transactInTurn((tx) => {
    tx.saveProjection({ fromIndex: tx.cursor('influx'), nextIndex: 0, held: [], atMs: T0 })
  })
  progress.passed(6, [])
  writing.resolve()
  await Promise.all([stretch, again])
  await progress.kept()
  expect(progress.cursor()).toBe(0)
})

test('a store that is closed while a transaction at length is open says so, and keeps nothing of it', async () => {
  const writing = Promise.withResolvers<void>()
  const stretch = readings.store.transactAtLength(async (tx) => {
    tx.setCursor('ingest', 1)
    await writing.promise
  })
  readings.store.close()
  writing.resolve()
  await expect(stretch).rejects.toThrow('database is not open')
  expect(readings.reads.cursor('ingest')).toBe(0)
})
