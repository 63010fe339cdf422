import type { ReadingReads } from '../../store/index.ts'
import { influxReads } from '../../store/index.ts'
import type { Influxd } from '../support/influxd.ts'
import { influxdSkipReason, startInfluxd } from '../support/influxd.ts'
import { curlCount, freshDatabase, projectAll } from '../store/influx-fixture.ts'
import type { Readings } from '../store/readings-fixture.ts'
import { openReadings } from '../store/readings-fixture.ts'

/** Why nothing can be compared with InfluxDB here; undefined when it can. */
export const skipReason = influxdSkipReason()

/** One implementation of `ReadingReads` over an empty canonical store of its own. */
export interface Subject {
  /** Where readings are put. */
  readonly readings: Readings
  readonly reads: ReadingReads
  /** Makes what was put visible to `reads`. */
  settle(): Promise<void>
  /** Rows as an outsider counts them. */
  rows(): number
  remove(): void
}

/** How to set up one implementation, for all tests together and for each. */
export interface Implementation {
  readonly name: string
  readonly skip: boolean
  open(): Promise<void>
  close(): Promise<void>
  subject(): Subject
}

const canonical: Implementation = {
  name: 'the canonical store',
  skip: false,
  open: async () => undefined,
  close: async () => undefined,
  subject: () => {
    const readings = openReadings()
    return {
      readings,
      reads: readings.reads,
      settle: async () => undefined,
      rows: () => readings.reads.totals().readings.stored,
      remove: () => readings.remove(),
    }
  },
}

function influx(): Implementation {
  let influxd: Influxd | undefined
  return {
    name: `InfluxDB ${skipReason ?? ''}`,
    skip: skipReason !== undefined,
    open: async () => {
      influxd = await startInfluxd()
    },
    close: async () => influxd?.remove(),
    subject: () => {
      if (influxd === undefined) throw new Error('influxd was not started.')
      const { url } = influxd
      const readings = openReadings()
      const http = freshDatabase(url)
      return {
        readings,
        reads: influxReads(http),
        settle: () => projectAll(readings, http),
        rows: () => curlCount(url, http.database),
        remove: () => readings.remove(),
      }
    },
  }
}

/** Everything that answers `ReadingReads`. */
export const implementations: readonly Implementation[] = [canonical, influx()]
