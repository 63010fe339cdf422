import { type Clock, type FedRow, type Log, Problem, reasonOf, type RulePack } from '../../domain/index.ts'
import { whereaboutsAround } from '../../batches/index.ts'
import {
  type CanonicalStore,
  type CanonicalTransaction,
  type CommandPort,
  countPoints,
  type Facts,
  type FactsReads,
  type FactsView,
  type FindingReads,
  influxHttp,
  influxWriter,
  openCanonicalReads,
  openFactsReads,
  type ProjectedPlaces,
  type ProjectionStatus,
  runInfluxProjection,
} from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { fetchUrl } from '../doors/network.ts'
import { influxTarget } from '../influx-target.ts'
import type { DataLayout } from '../layout.ts'
import type { InfluxStatus } from '../link/protocol.ts'
import { openBeside } from './influx/index.ts'
import { startInfluxCount } from './watch/influx-count.ts'

/** The InfluxDB projection of this core, if one is configured. */
export interface RunningProjection {
  /** Null when no InfluxDB is configured. */
  status(): InfluxStatus | null
  /** Has every reading written again, from the first. Rejects with `configuration-invalid` without an InfluxDB. */
  again(): Promise<void>
  stop(): Promise<void>
}

/** A batch of new rows touches a page for each of its sensors, in KiB. */
const CACHE_KIB = 16_384

/** Starts the projection; whatever happens to InfluxDB, nothing else waits for it. */
export function startProjection(options: {
  readonly configuration: Configuration
  readonly layout: DataLayout
  readonly store: CanonicalStore
  /** In this thread, current with every commit. */
  readonly view: FactsView
  readonly findings: FindingReads
  /** Of which changes are told after the view has them. */
  readonly facts: Pick<Facts, 'onChange'>
  readonly packs: readonly RulePack[]
  readonly commands: CommandPort
  /** Records that are durable in the journal and not ingested; Infinity while nobody knows. */
  readonly waiting: () => number
  readonly clock: Clock
  readonly log: Log
}): RunningProjection {
  const { configuration, layout, store, clock, log } = options
  const target = influxTarget(configuration)
  if (target === undefined) return { status: () => null, again: refuse, stop: () => Promise.resolve() }
  const reads = openCanonicalReads({ path: layout.readings, cacheKib: CACHE_KIB })
  const factReads = openFactsReads({ path: layout.facts })
  const places = projectedPlaces({ ...options, reads: factReads })
  const connection = influxHttp(target, fetchUrl)
  const writer = influxWriter(connection)
  const stopping = new AbortController()
  let status: ProjectionStatus | undefined
  const behind = (): number => reads.cursor('ingest') - (status?.cursor ?? reads.cursor('influx'))
  const waiting = (): number => options.waiting() + behind()
  const beside = openBeside({ ...options, reads, writer, waiting })
  const running = runInfluxProjection({
    reads,
    writer,
    beside: beside.projections,
    places,
    clock,
    log,
    signal: stopping.signal,
    saveCursor: (progress) =>
      store.transactInTurn((tx) => {
        // when everything is to be written again meanwhile, that stands
        if (tx.cursor('influx') === progress.fromIndex) tx.saveProjection(progress)
      }, 'repeatable'),
    onStatus: (given) => {
      status = given
    },
  }).catch((thrown: unknown) => {
    // Nothing is lost: the cursor stays where it is, and a restart goes on from there.
    log.error({ reason: reasonOf(thrown) }, 'the InfluxDB projection has stopped')
  })
  const count = startInfluxCount({
    ...options,
    count: (signal) => countPoints(connection, signal),
    rows: () => reads.totals().readings.stored,
    heldPoints: () => reads.heldPointCount(),
    isLevel: () => status?.lastError === null && reads.cursor('influx') === reads.cursor('ingest'),
  })
  return {
    status: () => ({
      cursor: status?.cursor ?? reads.cursor('influx'),
      heldPoints: status?.heldPoints ?? reads.heldPointCount(),
      lastError: status?.lastError ?? null,
      counts: status ?? { written: 0, refused: 0, expired: 0, retried: 0, throttled: 0 },
      count: count.status(),
    }),
    again: () =>
      store.transactInTurn((tx) => {
        writeAgain(tx, clock)
      }),
    stop: async () => {
      beside.stop()
      places.stop()
      stopping.abort()
      await count.stop()
      await running
      reads.close()
      factReads.close()
    },
  }
}

/** Facts that decide where a sensor was. */
const placing: ReadonlySet<FedRow['table']> = new Set(['placement', 'point', 'place'])

function projectedPlaces({
  view,
  reads,
  store,
  facts,
}: {
  readonly view: FactsView
  readonly reads: FactsReads
  readonly store: CanonicalStore
  readonly facts: Pick<Facts, 'onChange'>
}): ProjectedPlaces & { readonly stop: () => void } {
  let version = 0
  let none: { readonly version: number; readonly after: number } | undefined
  const stop = facts.onChange(({ rows }) => {
    if (rows.some(({ table }) => placing.has(table))) version += 1
  })
  return {
    stop,
    version: () => version,
    around: (device, sensor, tMs) => whereaboutsAround(view, device, sensor, tMs),
    changes: async (after) => {
      // asked with every step and twice a second: while no sensor is moved the answer stays the same
      const asked = version
      if (none?.version === asked && none.after === after) return []
      const found = await reads.placementChanges(after)
      if (found.length === 0) none = { version: asked, after }
      return found
    },
    saveCursor: (seq) =>
      store.transactInTurn((tx) => {
        tx.setCursor('influx-places', seq)
      }),
  }
}

/**
 * Sets the projection back to the first record, and lets go of what InfluxDB refused, in the caller's transaction; what
 * stands beside the readings is written again too.
 */
export function writeAgain(tx: CanonicalTransaction, clock: Clock): void {
  for (const name of ['influx-findings', 'influx-hours'] as const) tx.setCursor(name, 0)
  tx.saveProjection({ fromIndex: tx.cursor('influx'), nextIndex: 0, held: [], atMs: clock.nowMs() })
}

async function refuse(): Promise<never> {
  throw new Problem('configuration-invalid', {
    what: 'The core that runs here writes to no InfluxDB.',
    remedy:
      'Start it with ISOTHERM_INFLUX_URL; an empty database is filled from the first reading by itself.',
  })
}
