import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { influxHttp, influxReads, influxWriter } from '../../store/index.ts'
import { linesOf } from '../support/influx-lines.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { curlCount, curlQuery, curlWrite, freshDatabase } from './influx-fixture.ts'

const skipReason = influxdSkipReason()
const signal = new AbortController().signal
const WEEK_NS = 7n * 86_400_000_000_000n
const NOW_NS = 1_795_401_600_000_000_000n

/** A point of sensor `d/s` with this field, `weeks` before. */
function point(field: string, weeks: bigint, offsetNs = 0n): string {
  const tags = 'place=none,point=none,sensor=d/s,site=none'
  return `reading,${tags} ${field},received_ms=1i ${NOW_NS - weeks * WEEK_NS + offsetNs}`
}

const one = linesOf([point('temperature=4', 0n)])

describe.skipIf(skipReason !== undefined)(`the writer on influxd ${skipReason ?? ''}`, () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.remove())

  test('finds its database missing, makes it, and writes', async () => {
    const http = freshDatabase(influxd.url)
    const writer = influxWriter(http)
    expect(await writer.database(signal)).toEqual({ kind: 'missing' })
    expect(await writer.write(one, signal)).toEqual({ kind: 'missing' })
    expect(await writer.createDatabase(signal)).toEqual({ kind: 'made' })
    expect(await writer.createDatabase(signal)).toEqual({ kind: 'made' })
    expect(await writer.database(signal)).toEqual({ kind: 'empty' })
    expect(await writer.write(one, signal)).toMatchObject({ kind: 'written' })
    expect(await writer.database(signal)).toEqual({ kind: 'filled' })
    expect(curlCount(influxd.url, http.database)).toBe(1)
  })

  test('isolates exactly the points whose field has another type there, and writes all others', async () => {
    const http = freshDatabase(influxd.url)
    const writer = influxWriter(http)
    await writer.createDatabase(signal)
    // in the week of this point temperature is now an integer; in other weeks it has no type yet
    curlWrite(influxd.url, http.database, point('temperature=4i', 3n, 999n))
    const lines = Array.from({ length: 100 }, (_, n) => {
      const field = n % 10 === 0 ? 'temperature=4.5' : 'humidity=45'
      return point(field, n % 20 === 0 ? 3n : 1n, BigInt(n))
    })
    const verdict = await writer.write(linesOf(lines), signal)
    const reason =
      'partial write: field type conflict: input field "temperature" on measurement "reading" is type float, already exists as type integer dropped=1'
    expect(verdict).toEqual({
      kind: 'written',
      refused: [0, 20, 40, 60, 80].map((at) => ({ at, reason })),
      expired: 0,
    })
    expect(curlCount(influxd.url, http.database)).toBe(96)
    expect(curlQuery(influxd.url, http.database, 'select count("temperature") from "reading"')[1]).toMatch(
      /,6$/,
    )
  })

  test('counts points that are older than the database keeps, and writes the younger ones', async () => {
    const http = freshDatabase(influxd.url)
    const writer = influxWriter(http)
    curlQuery(influxd.url, 'x', `CREATE DATABASE "${http.database}" WITH DURATION 52w`)
    const nowNs = BigInt(Date.now()) * 1_000_000n
    const years = [0n, 2n, 3n].map((back) => nowNs - back * 53n * WEEK_NS)
    const lines = years.map((timeNs) => `reading,sensor=d/s received_ms=1i ${timeNs}`)
    expect(await writer.write(linesOf(lines), signal)).toEqual({ kind: 'written', refused: [], expired: 2 })
    expect(curlCount(influxd.url, http.database)).toBe(1)
  })

  test('keeps everything on a server error that will not pass by itself', async () => {
    const http = freshDatabase(influxd.url)
    const writer = influxWriter(http)
    await writer.createDatabase(signal)
    curlQuery(influxd.url, http.database, `DROP RETENTION POLICY "autogen" ON "${http.database}"`)
    expect(await writer.write(one, signal)).toEqual({
      kind: 'retry',
      what: 'InfluxDB answers 500 to a write: retention policy not found: autogen',
      remedy: 'Look into the log of InfluxDB; the projection tries again and loses nothing.',
      afterMs: null,
    })
  })

  test('quotes a database name as InfluxQL wants it', async () => {
    const database = `it's "cold" ; drop`
    const writer = influxWriter(influxHttp({ url: influxd.url, database }, fetch))
    expect(await writer.createDatabase(signal)).toEqual({ kind: 'made' })
    expect(await writer.database(signal)).toEqual({ kind: 'empty' })
  })
})

describe.skipIf(skipReason !== undefined)(`influxd with limits and users ${skipReason ?? ''}`, () => {
  let influxd: Influxd
  beforeAll(async () => {
    influxd = await startInfluxd(['auth-enabled = true', 'max-row-limit = 3'])
    curlQuery(influxd.url, 'x', `CREATE USER "root" WITH PASSWORD 'pass word' WITH ALL PRIVILEGES`)
  })
  afterAll(() => influxd.remove())

  test('says who may not, and why', async () => {
    const target = { url: influxd.url, database: 'd' }
    const root = influxWriter(influxHttp({ ...target, user: 'root', password: 'pass word' }, fetch))
    expect(await root.createDatabase(signal)).toEqual({ kind: 'made' })
    expect(await root.write(one, signal)).toMatchObject({ kind: 'written' })

    const nobody = influxWriter(influxHttp(target, fetch))
    expect(await nobody.write(one, signal)).toEqual({
      kind: 'retry',
      what: 'InfluxDB answers 401 to a write: unable to parse authentication credentials',
      remedy: 'Correct influx_token, or influx_user and influx_password.',
      afterMs: null,
    })
    const asRoot = influxHttp({ ...target, user: 'root', password: 'pass word' }, fetch)
    await asRoot.query(`CREATE USER "reader" WITH PASSWORD 'r'`, {}, signal)
    await asRoot.query(`GRANT READ ON "d" TO "reader"`, {}, signal)
    const reader = influxWriter(influxHttp({ ...target, user: 'reader', password: 'r' }, fetch))
    expect(await reader.write(one, signal)).toMatchObject({
      kind: 'retry',
      remedy: 'Allow this user or token to write to the database.',
    })
    expect(await reader.createDatabase(signal)).toMatchObject({
      kind: 'retry',
      what: expect.stringContaining('requires admin privilege') as unknown,
      remedy: expect.stringContaining('Create the database in InfluxDB') as unknown,
    })
  })

  test('an answer the server cuts is refused, not taken for the whole', async () => {
    const http = influxHttp({ url: influxd.url, database: 'cut', user: 'root', password: 'pass word' }, fetch)
    const writer = influxWriter(http)
    await writer.createDatabase(signal)
    await writer.write(
      linesOf([0n, 1n, 2n, 3n].map((n) => point('temperature=4', 0n, n * 1_000_000n))),
      signal,
    )
    const period = { fromMs: 0, toMs: 2_000_000_000_000 }
    const sensor = { by: 'sensor', device: 'd', sensor: 's' } as const
    expect(await influxReads(http).series(sensor, period, 2)).toHaveLength(2)
    await expect(influxReads(http).series(sensor, period, 10)).rejects.toMatchObject({
      code: 'influx-refused',
      message: expect.stringContaining('max-row-limit') as unknown,
    })
  })
})
