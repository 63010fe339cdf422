import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import {
  type CanonicalReads,
  influxHttp,
  influxReads,
  influxWriter,
  openCanonicalReads,
  type PlacedPeriods,
  type ProjectedPlaces,
  type ReadingReads,
  runInfluxProjection,
} from '../../store/index.ts'
import { openReadings, putRecord, type Readings, T0 } from '../store/readings-fixture.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { waitFor } from '../support/isotherm.ts'

const MINUTE_MS = 60_000
const HOUR = { fromMs: T0, toMs: T0 + 60 * MINUTE_MS }
const at = (point: string) => ({ by: 'point', point }) as const

/** A placement of a sensor of device `d1` in minutes [from, to) of the hour. */
interface Placed {
  readonly sensor: string
  readonly point: string
  readonly from: number
  readonly to: number
}

/** Where sensors are, as the facts would say; `placed` may be replaced, and `changes` tells that it was. */
class Places implements PlacedPeriods {
  placed: readonly Placed[] = []
  readonly changed: Awaited<ReturnType<ProjectedPlaces['changes']>>[number][] = []

  at(point: string, period: { readonly fromMs: number; readonly toMs: number }) {
    return this.placed
      .filter((each) => each.point === point)
      .map(({ sensor, from, to }) => ({
        device: 'd1',
        sensor,
        fromMs: Math.max(period.fromMs, T0 + from * MINUTE_MS),
        toMs: Math.min(period.toMs, T0 + to * MINUTE_MS),
      }))
  }

  of(device: string, sensor: string) {
    const own = device === 'd1' ? this.placed.filter((each) => each.sensor === sensor) : []
    return own.map(({ from, to, point }) => ({
      fromMs: T0 + from * MINUTE_MS,
      toMs: T0 + to * MINUTE_MS,
      point,
    }))
  }

  whereabouts(device: string, sensor: string, tMs: number) {
    const there = this.of(device, sensor).find(({ fromMs, toMs }) => fromMs <= tMs && tMs < toMs)
    return there === undefined ? undefined : { site: 's1', place: 'p1', point: there.point }
  }

  correct(placed: readonly Placed[], from: number, to: number | null): void {
    this.placed = placed
    const toMs = to === null ? null : T0 + to * MINUTE_MS
    const period = { fromMs: T0 + from * MINUTE_MS, toMs }
    this.changed.push({ seq: this.changed.length + 1, device: 'd1', sensor: 'a', ...period })
  }
}

/** Sensor a at x, then at y; sensor b at x with it for a while. */
const first: readonly Placed[] = [
  { sensor: 'a', point: 'x', from: 0, to: 20 },
  { sensor: 'b', point: 'x', from: 10, to: 30 },
  { sensor: 'a', point: 'y', from: 25, to: 40 },
]

interface Opened {
  readonly reads: ReadingReads
  /** Waits until the reads show what is stored and placed now. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** Stores an hour of two sensors, a reading a minute each, with several readings of one instant among them. */
function putHour(readings: Readings): void {
  const minutes = Array.from({ length: 60 }, (_, minute) => minute)
  putRecord(
    readings,
    0,
    minutes.map((minute) => ({ sensor: 'a', tMs: T0 + minute * MINUTE_MS, seq: minute })),
  )
  putRecord(
    readings,
    1,
    minutes.map((minute) => {
      const values = { temperatureMilliC: minute * 100 }
      return { sensor: 'b', tMs: T0 + minute * MINUTE_MS, seq: 100 + minute, values }
    }),
  )
  putRecord(readings, 2, [
    { sensor: 'a', tMs: T0, seq: 500 },
    { sensor: 'a', tMs: T0, seq: 501 },
  ])
}

/** What both stores promise. */
function readingReadsSuite(open: (readings: Readings, places: Places) => Promise<Opened>): void {
  let readings: Readings
  let places: Places
  let opened: Opened
  beforeEach(async () => {
    readings = openReadings()
    places = new Places()
    places.placed = first
    putHour(readings)
    opened = await open(readings, places)
    await opened.settled()
  })
  afterEach(async () => {
    await opened.close()
    readings.remove()
  })

  test('a point has what was read while a sensor was there, and none has the rest', async () => {
    const { reads } = opened
    expect(await reads.count(at('x'), HOUR)).toBe(20 + 2 + 20)
    expect(await reads.count(at('y'), HOUR)).toBe(15)
    expect(await reads.count(at('none'), HOUR)).toBe(5 + 20 + 40)
    expect(await reads.count(at('z'), HOUR)).toBe(0)
    expect(await reads.count({ by: 'sensor', device: 'd1', sensor: 'a' }, HOUR)).toBe(62)
    const shown = (await reads.series(at('x'), HOUR, 1_000)).map(({ tMs, sensor, seq }) => [
      (tMs - T0) / MINUTE_MS,
      sensor,
      seq,
    ])
    expect(shown.slice(0, 4)).toEqual([
      [0, 'd1/a', 0],
      [0, 'd1/a', 500],
      [0, 'd1/a', 501],
      [1, 'd1/a', 1],
    ])
    expect(shown.slice(12, 16)).toEqual([
      [10, 'd1/a', 10],
      [10, 'd1/b', 110],
      [11, 'd1/a', 11],
      [11, 'd1/b', 111],
    ])
    expect(shown.at(-1)).toEqual([29, 'd1/b', 129])
    const short = await reads.series(at('x'), HOUR, 14)
    expect(short.map(({ seq }) => seq)).toEqual(shown.slice(0, 14).map(([, , seq]) => seq))
  })

  test('buckets and the newest reading are of the point alone', async () => {
    const { reads } = opened
    expect(await reads.buckets(at('x'), HOUR, 10 * MINUTE_MS, 'temperature')).toEqual([
      { startMs: T0, count: 12, min: 4.21, max: 4.21, mean: 4.21 },
      { startMs: T0 + 10 * MINUTE_MS, count: 20, min: 1, max: 4.21, mean: expect.closeTo(2.83, 9) as number },
      { startMs: T0 + 20 * MINUTE_MS, count: 10, min: 2, max: 2.9, mean: expect.closeTo(2.45, 9) as number },
    ])
    expect(await reads.last(at('x'))).toMatchObject({ sensor: 'd1/b', seq: 129 })
    expect(await reads.last(at('none'))).toMatchObject({ sensor: 'd1/b', seq: 159 })
    expect(await reads.last(at('z'))).toBeUndefined()
  })

  test('a corrected placement moves its readings, none is lost or doubled', async () => {
    const { reads } = opened
    const [, b, y] = first
    if (b === undefined || y === undefined) throw new Error('the placements are missing')
    places.correct([{ sensor: 'a', point: 'z', from: 0, to: 15 }, b, y], 0, 20)
    await opened.settled()
    expect(await reads.count(at('z'), HOUR)).toBe(17)
    expect(await reads.count(at('x'), HOUR)).toBe(20)
    expect(await reads.count(at('none'), HOUR)).toBe(5 + 5 + 20 + 40)
    places.correct([b], 0, null)
    await opened.settled()
    expect(await reads.count(at('x'), HOUR)).toBe(20)
    expect(await reads.count(at('none'), HOUR)).toBe(62 + 40)
    expect(await reads.count({ by: 'sensor', device: 'd1', sensor: 'a' }, HOUR)).toBe(62)
    expect(await reads.count({ by: 'sensor', device: 'd1', sensor: 'b' }, HOUR)).toBe(60)
  })
}

describe('the canonical store', () => {
  readingReadsSuite(async ({ path }, places) => {
    const reads: CanonicalReads = openCanonicalReads({ path, placed: places })
    return {
      reads,
      settled: async () => undefined,
      close: async () => {
        reads.close()
      },
    }
  })
})

describe.skipIf(influxdSkipReason() !== undefined)('InfluxDB', () => {
  let influxd: Influxd
  let number = 0
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.remove())

  readingReadsSuite(async ({ path, store }, places) => {
    number += 1
    const http = influxHttp({ url: influxd.url, database: `isotherm_${number}` }, fetch)
    const reads = openCanonicalReads({ path })
    const stopping = new AbortController()
    let isCrashDue = true
    const projected: ProjectedPlaces = {
      around: (device, sensor, tMs) => {
        const where = places.whereabouts(device, sensor, tMs)
        return { fromMs: tMs, toMs: tMs + 1, where }
      },
      version: () => places.changed.length,
      changes: async (after) => places.changed.filter(({ seq }) => seq > after),
      saveCursor: async (seq) => {
        // as if it had ended after the rows were written and before the cursor moved
        if (isCrashDue) {
          isCrashDue = false
          throw new Error('not saved')
        }
        store.transact((tx) => {
          tx.setCursor('influx-places', seq)
        })
      },
    }
    const running = runInfluxProjection({
      reads,
      writer: influxWriter(http),
      places: projected,
      saveCursor: async (progress) => {
        store.transact((tx) => {
          tx.saveProjection(progress)
        })
      },
      clock: {
        nowMs: () => Date.now(),
        monotonicMs: () => performance.now(),
        sleep: () => new Promise((resolve) => setTimeout(resolve, 10)),
      },
      log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
      signal: stopping.signal,
    })
    return {
      reads: influxReads(http),
      settled: () =>
        waitFor(
          () =>
            reads.cursor('influx') === reads.cursor('ingest') &&
            reads.cursor('influx-places') === places.changed.length,
          10_000,
        ),
      close: async () => {
        stopping.abort()
        await running
        reads.close()
      },
    }
  })
})
