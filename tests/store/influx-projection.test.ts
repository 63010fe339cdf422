import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { storeBetween } from '../support/store-between.ts'
import type { InfluxHttp, ProjectedPlaces } from '../../store/index.ts'
import { influxWriter } from '../../store/index.ts'
import { ProjectionSteps } from '../../store/influx/projection-step.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import type { Projecting } from './influx-fixture.ts'
import {
  curlCount,
  curlQuery,
  curlWrite,
  freshDatabase,
  hurriedClock,
  level,
  nowhere,
  project,
} from './influx-fixture.ts'
import type { Readings } from './readings-fixture.ts'
import { complementRecord, openReadings, putRecord, T0 } from './readings-fixture.ts'

const skipReason = influxdSkipReason()
const WEEK_MS = 7 * 86_400_000

/** Stores `count` records of one reading each, a minute apart, from record `from` on. */
function putMinutes(readings: Readings, from: number, count: number): void {
  for (let index = from; index < from + count; index += 1) {
    putRecord(readings, index, [{ device: `d${index % 3}`, tMs: T0 + index * 60_000, seq: index }])
  }
}

describe.skipIf(skipReason !== undefined)(`the projection on influxd ${skipReason ?? ''}`, () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.remove())

  let readings: Readings
  let http: InfluxHttp
  let projecting: Projecting | undefined
  beforeEach(() => {
    readings = openReadings()
    http = freshDatabase(influxd.url)
    projecting = undefined
  })
  afterEach(async () => {
    await projecting?.stop()
    readings.remove()
  })

  test('follows ingest from an empty store on, into a database it makes itself', async () => {
    projecting = project(readings, http)
    expect(await projecting.until(level)).toEqual({
      cursor: 0,
      behind: 0,
      heldPoints: 0,
      expired: 0,
      written: 0,
      refused: 0,
      retried: 0,
      throttled: 0,
      lastError: null,
    })
    putMinutes(readings, 0, 30)
    await projecting.until(({ cursor }) => cursor === 30)
    expect(curlCount(influxd.url, http.database)).toBe(30)
    putMinutes(readings, 30, 5)
    await projecting.until(({ cursor }) => cursor === 35)
    expect(curlCount(influxd.url, http.database)).toBe(35)
    expect(readings.reads.cursor('influx')).toBe(35)
    expect(projecting.log.lines).toEqual([])
  })

  test('a point holds what its row holds, under the tags of the contract', async () => {
    putRecord(readings, 0, [
      {
        device: 'd-1',
        sensor: 'top.shelf',
        tMs: T0,
        seq: 999_999,
        receivedAtMs: T0 + 9,
        values: {
          temperatureMilliC: -4_005,
          humidityMilliPct: 40_000,
          doorOpen: true,
          latE7: 315000000,
          lonE7: 1203000000,
        },
      },
    ])
    complementRecord(
      readings,
      1,
      { device: 'd-1', sensor: 'top.shelf', tMs: T0, seq: 999_999 },
      { batteryMilliPct: 5 },
    )
    projecting = project(readings, http)
    await projecting.until(level)
    expect(curlQuery(influxd.url, http.database, 'select * from "reading"')).toEqual([
      'name,tags,time,battery,door_open,humidity,lat,lon,place,point,received_ms,sensor,seq,site,temperature',
      `reading,,${T0}000000,0.005,true,40,31.5,120.3,none,none,${T0 + 9},d-1/top.shelf,999999,none,-4.005`,
    ])
  })

  test('a step moves by whole records and writes a changed row again', async () => {
    await influxWriter(http).createDatabase(new AbortController().signal)
    putRecord(readings, 0, [{ tMs: T0 }, { tMs: T0 + 1 }, { tMs: T0 + 2 }])
    putMinutes(readings, 1, 2)
    const { reads } = readings
    const steps = new ProjectionSteps({
      reads,
      writer: influxWriter(http),
      places: nowhere,
      clock: hurriedClock(),
    })
    const step = (from: number, to: number): ReturnType<ProjectionSteps['step']> =>
      steps.step({ from, to, limit: 2, signal: new AbortController().signal })
    expect(await step(0, 3)).toEqual({ kind: 'projected', next: 1, rows: 3, held: [], expired: 0 })
    expect(await step(1, 3)).toEqual({ kind: 'projected', next: 3, rows: 2, held: [], expired: 0 })
    expect(curlCount(influxd.url, http.database)).toBe(5)
    complementRecord(readings, 3, { tMs: T0 + 1 }, { humidityMilliPct: 44_000 })
    expect(await step(3, 4)).toEqual({ kind: 'projected', next: 4, rows: 1, held: [], expired: 0 })
    expect(curlCount(influxd.url, http.database)).toBe(5)
    expect(
      curlQuery(influxd.url, http.database, 'select temperature, humidity from reading where humidity > 0'),
    ).toEqual(['name,tags,time,temperature,humidity', `reading,,${T0 + 1}000000,4.21,44`])
  })

  describe('changes of placements', () => {
    const changesOf = (devices: readonly string[]) =>
      devices.map((device, at) => ({ seq: at + 1, device, sensor: 'main', fromMs: T0, toMs: null }))
    /** Placed nowhere, with changes that say so; `onDone` is told of each number kept. */
    const placesWith = (devices: readonly string[], onDone: (seq: number) => void): ProjectedPlaces => ({
      ...nowhere,
      changes: async (after) => changesOf(devices).filter(({ seq }) => seq > after),
      saveCursor: async (seq) => {
        readings.store.transact((tx) => tx.setCursor('influx-places', seq))
        onDone(seq)
      },
    })

    test('new rows are written before the next of them', async () => {
      putMinutes(readings, 0, 30)
      projecting = project(readings, http)
      await projecting.until(level)
      await projecting.stop()
      const cursors: number[] = []
      const places = placesWith(['d0', 'd1', 'd2'], (seq) => {
        cursors.push(readings.reads.cursor('influx'))
        if (seq < 3) putMinutes(readings, 30 * seq, 30)
      })
      projecting = project(readings, http, places)
      await projecting.until((status) => level(status) && cursors.length === 3)
      expect(cursors).toEqual([30, 60, 90])
      expect(curlCount(influxd.url, http.database)).toBe(90)
    })

    test('of sensors that have sent nothing are passed together, without a word to InfluxDB', async () => {
      const devices = Array.from({ length: 900 }, (_, nth) => `silent-${nth}`)
      const done: number[] = []
      putMinutes(readings, 0, 3)
      projecting = project(
        readings,
        http,
        placesWith(devices, (seq) => done.push(seq)),
      )
      await projecting.until((status) => level(status) && done.length > 0)
      expect(done).toEqual([900])
    })
  })

  test('a refused point is kept with its reason until InfluxDB takes it', async () => {
    await influxWriter(http).createDatabase(new AbortController().signal)
    const tags = 'place=none,point=none,sensor=d1/main,site=none'
    curlWrite(
      influxd.url,
      http.database,
      `reading,${tags} humidity="wet",received_ms=1i ${T0 - WEEK_MS}000001`,
    )
    putRecord(readings, 0, [
      { tMs: T0 },
      { tMs: T0 - WEEK_MS, values: { humidityMilliPct: 40_000 } },
      { tMs: T0 - WEEK_MS + 1, values: { temperatureMilliC: 3_000 } },
    ])
    projecting = project(readings, http)
    expect(await projecting.until(level)).toMatchObject({ cursor: 1, heldPoints: 1, lastError: null })
    expect(curlCount(influxd.url, http.database)).toBe(3) // the strange point and two of ours

    curlQuery(influxd.url, http.database, 'DROP MEASUREMENT "reading"')
    complementRecord(readings, 1, { tMs: T0 - WEEK_MS }, { batteryMilliPct: 90_000 })
    expect(await projecting.until(({ cursor }) => cursor === 2)).toMatchObject({ heldPoints: 0 })
    expect(curlCount(influxd.url, http.database)).toBe(1)
  })

  test('a dropped database is made again and filled from the start', async () => {
    putMinutes(readings, 0, 40)
    projecting = project(readings, http)
    await projecting.until(level)
    curlQuery(influxd.url, http.database, `DROP DATABASE "${http.database}"`)
    putMinutes(readings, 40, 2)
    const noticed = await projecting.until(({ lastError }) => lastError !== null)
    expect(noticed).toMatchObject({ cursor: 0, behind: 42 })
    expect(noticed.lastError).toMatch(/^The InfluxDB database was missing/)
    await projecting.until(({ cursor }) => cursor === 42)
    expect(curlCount(influxd.url, http.database)).toBe(42)
  })

  test('a database dropped while nothing ran is filled from the start', async () => {
    putMinutes(readings, 0, 10)
    projecting = project(readings, http)
    await projecting.until(level)
    await projecting.stop()
    curlQuery(influxd.url, http.database, `DROP DATABASE "${http.database}"`)
    projecting = project(readings, http)
    await projecting.until(level)
    expect(curlCount(influxd.url, http.database)).toBe(10)
  })

  test('another database that is empty is filled from the start, and nothing is held there yet', async () => {
    putMinutes(readings, 0, 10)
    const series = readings.store.transact((tx) => tx.series('d0', 'main', T0, 64) ?? -1)
    const held = [{ series, tMs: T0, sub: 1, reason: 'refused by another database' }]
    readings.store.transact((tx) => tx.saveProjection({ fromIndex: 0, nextIndex: 10, held, atMs: T0 }))
    expect(readings.reads.heldPointCount()).toBe(1)
    await influxWriter(http).createDatabase(new AbortController().signal)
    projecting = project(readings, http)
    expect(await projecting.until(({ cursor }) => cursor === 10)).toMatchObject({ heldPoints: 0 })
    expect(curlCount(influxd.url, http.database)).toBe(10)
    await projecting.stop()
    projecting = project(readings, http)
    expect(await projecting.until(level)).toMatchObject({ cursor: 10 })
  })

  test('waits when too many rows are refused to go on as if nothing were', async () => {
    putMinutes(readings, 0, 2)
    projecting = project(readings, http)
    await projecting.until(level)
    const held = Array.from({ length: 10_000 }, (_, sub) => ({ series: 1, tMs: 0, sub, reason: 'no' }))
    readings.store.transact((tx) => tx.saveProjection({ fromIndex: 2, nextIndex: 2, held, atMs: T0 }))
    putMinutes(readings, 2, 1)
    const { lastError, cursor } = await projecting.until((status) => status.lastError !== null)
    expect(lastError).toMatch(/^InfluxDB refuses 10000 rows/)
    expect(cursor).toBe(2)
  })

  test('waits while InfluxDB is away, longer each time, and goes on where it was', async () => {
    putMinutes(readings, 0, 20)
    projecting = project(readings, http)
    await projecting.until(level)
    await influxd.stop()
    putMinutes(readings, 20, 20)
    await projecting.until(({ lastError }) => lastError !== null)
    projecting.clock.waits.length = 0
    for (let failures = 0; failures < 8; failures += 1) {
      expect(await projecting.until(() => true)).toMatchObject({ cursor: 20, behind: 20 })
    }
    const [first = 0, ...later] = projecting.clock.waits
    expect(first).toBeLessThanOrEqual(2_000)
    for (const [at, wait] of later.entries()) {
      expect(wait).toBe(Math.min(2 * (projecting.clock.waits[at] ?? 0), 60_000))
    }
    expect(projecting.clock.waits.at(-1)).toBe(60_000)
    // the open connection breaks in one way and new ones in another; nothing else is worth a line
    expect(projecting.log.lines.length).toBeLessThanOrEqual(2)
    await influxd.start()
    await projecting.until(level)
    expect(curlCount(influxd.url, http.database)).toBe(40)
  })

  test('a cursor that could not be kept is not taken for kept', async () => {
    putMinutes(readings, 0, 3)
    const { store } = readings
    let refusals = 0
    const stubborn: Readings = {
      ...readings,
      store: storeBetween(store, {
        before: () => {
          refusals += 1
          if (refusals <= 2) throw new RangeError('the core is restarting')
        },
      }),
    }
    projecting = project(stubborn, http)
    const failed = await projecting.until(({ lastError }) => lastError !== null)
    expect(failed).toMatchObject({ cursor: 0, behind: 3 })
    expect(failed.lastError).toMatch(/^the core is restarting/)
    expect(await projecting.until(level)).toMatchObject({ cursor: 3 })
    expect(curlCount(influxd.url, http.database)).toBe(3)
  })

  test('a cursor beyond ingest stops it from passing anything', async () => {
    putMinutes(readings, 0, 3)
    readings.store.transact((tx) => tx.setCursor('influx', 9))
    projecting = project(readings, http)
    const { lastError, cursor } = await projecting.until(() => true)
    expect(lastError).toMatch(/^The InfluxDB projection stands at record 9, beyond ingest's 3/)
    expect(cursor).toBe(9)
  })
})
