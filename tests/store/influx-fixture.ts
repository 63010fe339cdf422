import { execFileSync } from 'node:child_process'
import type { Clock, Log } from '../../domain/index.ts'
import type { InfluxHttp, ProjectedPlaces, ProjectionStatus } from '../../store/index.ts'
import { influxHttp, influxWriter, runInfluxProjection } from '../../store/index.ts'
import type { Readings } from './readings-fixture.ts'
import { T0 } from './readings-fixture.ts'

/** No wait of a test is longer than this, whatever the projection asks for. */
const LONGEST_WAIT_MS = 20

/** A clock that stands at `T0` and notes the waits asked of it, but keeps them short. */
export function hurriedClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = []
  return {
    waits,
    nowMs: () => T0,
    monotonicMs: () => performance.now(),
    sleep: (ms) => {
      waits.push(ms)
      return new Promise((resolve) => setTimeout(resolve, Math.min(ms, LONGEST_WAIT_MS)))
    },
  }
}

/** A log that keeps its warnings and above. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = []
  const keep = (_: unknown, message: string): void => {
    lines.push(message)
  }
  return { lines, debug: () => undefined, info: () => undefined, warn: keep, error: keep }
}

/** Every sensor is placed nowhere, and always was. */
export const nowhere: ProjectedPlaces = {
  around: () => ({ fromMs: -Infinity, toMs: Infinity, where: undefined }),
  version: () => 0,
  changes: async () => [],
  saveCursor: () => Promise.resolve(),
}

/** The real projection, running. */
export interface Projecting {
  readonly statuses: readonly ProjectionStatus[]
  readonly clock: ReturnType<typeof hurriedClock>
  readonly log: ReturnType<typeof keptLog>
  /** Resolves with the first status, from now on, that is as asked. */
  until(asked: (status: ProjectionStatus) => boolean): Promise<ProjectionStatus>
  stop(): Promise<void>
}

export function project(readings: Readings, http: InfluxHttp, places = nowhere): Projecting {
  const stopping = new AbortController()
  const statuses: ProjectionStatus[] = []
  const waiting = new Set<(status: ProjectionStatus) => void>()
  const clock = hurriedClock()
  const log = keptLog()
  const running = runInfluxProjection({
    reads: readings.reads,
    writer: influxWriter(http),
    places,
    saveCursor: async (progress) => {
      readings.store.transact((tx) => tx.saveProjection(progress))
    },
    clock,
    log,
    signal: stopping.signal,
    onStatus: (status) => {
      statuses.push(status)
      for (const tell of waiting) tell(status)
    },
  })
  return {
    statuses,
    clock,
    log,
    until: (asked) =>
      new Promise((resolve) => {
        const tell = (status: ProjectionStatus): void => {
          if (!asked(status)) return
          waiting.delete(tell)
          resolve(status)
        }
        waiting.add(tell)
      }),
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

/** True when everything ingest stored is projected. */
export function level(status: ProjectionStatus): boolean {
  return status.behind === 0 && status.lastError === null
}

/** Projects what the store holds, and ends. */
export async function projectAll(readings: Readings, http: InfluxHttp): Promise<void> {
  const projecting = project(readings, http)
  await projecting.until(level)
  await projecting.stop()
}

let databases = 0

/** A connection to a database of its own name on `url`; it does not exist yet. */
export function freshDatabase(url: string): InfluxHttp {
  databases += 1
  return influxHttp({ url, database: `test ${databases}` }, fetch)
}

/** Asks InfluxDB in InfluxQL by `curl`, without any code of ours; answers the lines of its CSV. */
export function curlQuery(url: string, database: string, statement: string): string[] {
  const args = ['-sS', '--fail', '-H', 'Accept: application/csv', `${url}/query`]
  const form = ['--data-urlencode', `db=${database}`, '--data-urlencode', `q=${statement}`]
  return execFileSync('curl', [...args, ...form], { encoding: 'utf8' })
    .trim()
    .split('\n')
}

/** Number of points of measurement `reading`, as `curl` hears it. */
export function curlCount(url: string, database: string): number {
  const [, row] = curlQuery(url, database, 'select count("received_ms") from "reading"')
  return Number(row?.split(',').at(-1) ?? 0)
}

/** Writes lines by `curl`, without any code of ours. */
export function curlWrite(url: string, database: string, lines: string): void {
  const address = `${url}/write?db=${encodeURIComponent(database)}`
  execFileSync('curl', ['-sS', '--fail', '--data-binary', lines, address])
}
