import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startInfluxCount } from '../../app/core/watch/influx-count.ts'
import { countPoints, type InfluxHttp, type PointCount } from '../../store/index.ts'
import { curlQuery, freshDatabase, hurriedClock, keptLog, projectAll } from '../store/influx-fixture.ts'
import { openReadings, putRecord, type Readings, T0 } from '../store/readings-fixture.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { waitFor } from '../support/isotherm.ts'

const skipReason = influxdSkipReason()

describe.skipIf(skipReason !== undefined)(`points beside rows on influxd ${skipReason ?? ''}`, () => {
  let influxd: Influxd
  let readings: Readings
  let http: InfluxHttp
  let counting: ReturnType<typeof startInfluxCount>
  let reports: unknown[]
  let log: ReturnType<typeof keptLog>
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.remove())
  beforeEach(async () => {
    readings = openReadings()
    http = freshDatabase(influxd.url)
    reports = []
    log = keptLog()
    for (let index = 0; index < 6; index += 1) {
      putRecord(readings, index, [{ device: `d${index % 2}`, tMs: T0 + index * 60_000, seq: index }])
    }
    await projectAll(readings, http)
  })
  afterEach(async () => {
    await counting.stop()
    readings.remove()
  })

  function start(
    count: (signal: AbortSignal) => Promise<PointCount> = (signal) => countPoints(http, signal),
  ): void {
    const { reads } = readings
    counting = startInfluxCount({
      count,
      rows: () => reads.totals().readings.stored,
      heldPoints: () => reads.heldPointCount(),
      isLevel: () => reads.cursor('influx') === reads.cursor('ingest'),
      commands: {
        command: async (_, __, input) => {
          reports.push(input)
          return { act: 1 } as never
        },
      },
      clock: hurriedClock(),
      log,
    })
  }

  test('as many of both are as it should be', async () => {
    start()
    await waitFor(() => counting.status() !== null, 5_000)
    expect(counting.status()).toEqual({ state: 'equal', atMs: T0, points: 6 })
    expect([reports, log.lines]).toEqual([[], []])
  })

  test('a point that somebody deleted is told once, and no more once it is written again', async () => {
    curlQuery(
      influxd.url,
      http.database,
      `delete from reading where time >= ${T0}ms and time < ${T0 + 1_000}ms`,
    )
    start()
    await waitFor(() => counting.status() !== null, 5_000)
    expect(counting.status()).toEqual({ state: 'differs', atMs: T0, points: 5, rows: 6 })
    await new Promise((resolve) => setTimeout(resolve, 200))
    const found = { points: 5, rows: 6 }
    expect(reports).toEqual([{ kind: 'influx.mismatch', subject: 'influxdb', found }])
    expect(log.lines).toEqual(['InfluxDB does not have as many points as there are readings'])

    readings.store.transact((tx) => {
      tx.saveProjection({ fromIndex: 6, nextIndex: 0, held: [], atMs: T0 })
    })
    await projectAll(readings, http)
    await waitFor(() => counting.status()?.state === 'equal', 5_000)
  })

  test('points that something else wrote are told too', async () => {
    await http.write(
      `reading,sensor=x/main received_ms=1i,temperature=4 ${T0 + 1}000000`,
      new AbortController().signal,
    )
    start()
    await waitFor(() => counting.status() !== null, 5_000)
    expect(counting.status()).toMatchObject({ state: 'differs', points: 7, rows: 6 })
  })

  test('a projection that is behind is not compared', async () => {
    putRecord(readings, 6, [{ device: 'd1', tMs: T0 + 1_000_000, seq: 7 }])
    let counts = 0
    start(async (signal) => {
      counts += 1
      return countPoints(http, signal)
    })
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect([counts, counting.status()]).toEqual([0, null])
  })

  test('what came in while InfluxDB counted may be among the points or not', async () => {
    start(async (signal) => {
      const counted = await countPoints(http, signal)
      putRecord(readings, 6, [{ device: 'd1', tMs: T0 + 1_000_000, seq: 7 }])
      return counted
    })
    await waitFor(() => counting.status() !== null, 5_000)
    expect(counting.status()).toMatchObject({ state: 'equal', points: 6 })
  })

  test('where InfluxDB forgets after a while there is nothing to compare', async () => {
    const statement = `create retention policy "brief" on "${http.database}" duration 52w replication 1 default`
    await http.query(statement, {}, new AbortController().signal)
    start()
    await waitFor(() => counting.status() !== null, 5_000)
    expect(counting.status()).toEqual({ state: 'limited', atMs: T0, keeps: '8736h0m0s' })
  })
})
