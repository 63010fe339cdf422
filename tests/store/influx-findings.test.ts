import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Excursion } from '../../domain/index.ts'
import {
  type FindingReads,
  type InfluxHttp,
  influxWriter,
  type NewFindingChange,
  openFindingReads,
  projectFindings,
} from '../../store/index.ts'
import { excursion } from '../app/desk-stage.ts'
import { type Influxd, influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { curlQuery, curlWrite, freshDatabase, keptLog } from './influx-fixture.ts'
import { openReadings, type Readings, T0 } from './readings-fixture.ts'

const skipReason = influxdSkipReason()
const MINUTE_MS = 60_000

function finding(id: string, fromMinute: number, toMinute: number | null, place = 'room'): Excursion {
  const endMs = toMinute === null ? null : T0 + toMinute * MINUTE_MS
  const startMs = T0 + fromMinute * MINUTE_MS
  const how = { open: endMs === null, endMs, endReason: endMs === null ? null : ('recovered' as const) }
  return excursion(id, { point: 'p', place, rule: 'pack/warm', startMs, ...how })
}

describe.skipIf(skipReason !== undefined)(`findings on influxd ${skipReason ?? ''}`, () => {
  let influxd: Influxd
  let readings: Readings
  let findings: FindingReads
  let http: InfluxHttp
  const log = keptLog()
  beforeAll(async () => {
    influxd = await startInfluxd()
  })
  afterAll(() => influxd.remove())
  beforeEach(async () => {
    readings = openReadings()
    findings = openFindingReads({ path: readings.path })
    http = freshDatabase(influxd.url)
    await influxWriter(http).createDatabase(new AbortController().signal)
  })
  afterEach(() => {
    findings.close()
    readings.remove()
  })

  function projection() {
    const { reads, store } = readings
    return projectFindings({
      findings,
      cursor: () => reads.cursor('influx-findings'),
      saveCursor: async (no) => {
        store.transact((tx) => tx.setCursor('influx-findings', no))
      },
      words: () => ({ site: 'site', en: 'too warm', zh: '偏高' }),
      writer: influxWriter(http),
      log,
    })
  }

  /** Tells of changes, and projects until nothing is left. */
  async function tell(...changes: NewFindingChange[]): Promise<void> {
    readings.store.transact((tx) => {
      tx.savePointOutcome({ removed: [], put: [], changes, factVersion: 1, recordedAtMs: T0 })
    })
    const beside = projection()
    while ((await beside.step(new AbortController().signal)) === 'more');
  }

  /** Minute, phase and state of each point, by time. */
  function points(): string[] {
    const [, ...rows] = curlQuery(influxd.url, http.database, 'select phase, place, state from excursion')
    return rows.map((row) => {
      const [, , time, ...told] = row.split(',')
      return [Math.floor((Number(time) / 1e6 - T0) / MINUTE_MS), ...told].join(' ')
    })
  }

  function openOnes(): number {
    const [, row] = curlQuery(influxd.url, http.database, 'select sum(open) from excursion')
    return Number(row?.split(',').at(-1))
  }

  const change = (
    kind: NewFindingChange['kind'],
    given: Excursion,
    replaces: readonly string[] = [],
  ): NewFindingChange => ({ kind, finding: given, replaces })

  test('what ends has an end, what ends elsewhere after all leaves the first end withdrawn', async () => {
    await tell(change('opened', finding('a', 0, null)))
    expect([points(), openOnes()]).toEqual([['0 start room open'], 1])
    await tell(change('closed', finding('a', 0, 30)))
    expect([points(), openOnes()]).toEqual([['0 start room over', '30 end room over'], 0])
    await tell(change('changed', finding('a', 0, 45)))
    expect(points()).toEqual(['0 start room over', '30 end room withdrawn', '45 end room over'])
    await tell(change('changed', finding('a', 0, null)))
    expect(points()).toEqual(['0 start room open', '30 end room withdrawn', '45 end room withdrawn'])
    expect(openOnes()).toBe(1)
    await tell(change('withdrawn', finding('a', 0, null)))
    expect([points().filter((row) => !row.endsWith('withdrawn')), openOnes()]).toEqual([[], 0])
  })

  test('what stands for others takes their place, also at the same instants', async () => {
    await tell(change('opened', finding('a', 0, null)), change('closed', finding('a', 0, 10)))
    await tell(change('opened', finding('b', 20, 30)))
    await tell(change('replaced', finding('c', 0, 30), ['a', 'b']))
    expect(points()).toEqual([
      '0 start room over',
      '10 end room withdrawn',
      '20 start room withdrawn',
      '30 end room over',
    ])
    const ids = curlQuery(influxd.url, http.database, "select finding from excursion where state = 'over'")
    expect(ids.slice(1).map((row) => row.split(',').at(-1))).toEqual(['c', 'c'])
  })

  test('written from the start it is the same, and what an earlier life left is gone', async () => {
    await tell(change('opened', finding('a', 0, 10)), change('changed', finding('a', 0, 12)))
    const before = points()
    curlWrite(
      influxd.url,
      http.database,
      `excursion,place=old state="open",phase="start",open=1i ${T0}000000`,
    )
    expect(openOnes()).toBe(1)
    await projection().rewind()
    await tell()
    expect([points(), openOnes()]).toEqual([before, 0])
    expect(log.lines).toEqual([])
  })

  test('findings that begin anew with smaller numbers are written from the first', async () => {
    readings.store.transact((tx) => tx.setCursor('influx-findings', 7))
    await tell(change('opened', finding('a', 0, null)))
    expect([points(), readings.reads.cursor('influx-findings')]).toEqual([['0 start room open'], 1])
  })
})
