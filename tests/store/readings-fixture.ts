import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Measurements } from '../../domain/index.ts'
import type { CanonicalReads, CanonicalStore, DeviceCounts, StoredReading } from '../../store/index.ts'
import { openCanonicalReads, openCanonicalStore } from '../../store/index.ts'

/** 2026-11-23T00:00:00Z. */
export const T0 = 1_795_392_000_000

/** A canonical store in a directory of its own, with a reading connection beside the writer. */
export interface Readings {
  readonly path: string
  readonly store: CanonicalStore
  readonly reads: CanonicalReads
  remove(): void
}

export function openReadings(): Readings {
  const directory = mkdtempSync(join(tmpdir(), 'isotherm-readings-'))
  const path = join(directory, 'readings.db')
  const store = openCanonicalStore({ path })
  const reads = openCanonicalReads({ path })
  const remove = (): void => {
    reads.close()
    store.close()
    rmSync(directory, { recursive: true, force: true })
  }
  return { path, store, reads, remove }
}

/** A reading to store; what is left out is unremarkable. */
export interface Sample {
  readonly device?: string
  readonly sensor?: string
  readonly tMs: number
  readonly atMs?: number | null
  readonly seq?: number | null
  readonly receivedAtMs?: number
  readonly marks?: number
  readonly payloadHash?: string
  readonly values?: Measurements
}

export const noCounts: DeviceCounts = {
  decoded: 0,
  heldMessages: 0,
  readings: 0,
  stored: 0,
  complement: 0,
  duplicate: 0,
  heldReadings: 0,
}

/** Stores samples as the readings of record `index`, and moves ingest's cursor behind it. */
export function putRecord(
  { store }: Pick<Readings, 'store'>,
  index: number,
  samples: readonly Sample[],
): void {
  store.transact((tx) => {
    for (const [item, sample] of samples.entries()) {
      const { device = 'd1', sensor = 'main', tMs, seq = null, receivedAtMs = tMs + 250 } = sample
      const series = tx.series(device, sensor, receivedAtMs, 64)
      if (series === undefined) throw new Error(`${device} has too many sensors for a fixture.`)
      tx.insert(storedSample(sample, { series, index, item, receivedAtMs, seq }))
      tx.count(device, { ...noCounts, readings: 1, stored: 1, decoded: item === 0 ? 1 : 0 })
    }
    tx.setCursor('ingest', index + 1)
  })
}

function storedSample(
  sample: Sample,
  given: Pick<StoredReading, 'series' | 'index' | 'item' | 'receivedAtMs' | 'seq'>,
): StoredReading {
  return {
    ...given,
    tMs: sample.tMs,
    sub: given.seq === null ? 0 : (given.seq + 1) % 1_000_000,
    atMs: sample.atMs === undefined ? sample.tMs : sample.atMs,
    values: sample.values ?? { temperatureMilliC: 4210 },
    marks: sample.marks ?? 0,
    payloadHash: sample.payloadHash ?? null,
  }
}

/** Adds fields to a stored sample as record `index` would. */
export function complementRecord(
  { store }: Pick<Readings, 'store'>,
  index: number,
  { device = 'd1', sensor = 'main', tMs, seq = null }: Sample,
  added: Measurements,
): void {
  store.transact((tx) => {
    const series = tx.series(device, sensor, tMs, 64) ?? -1
    tx.complement({ series, tMs, sub: seq === null ? 0 : (seq + 1) % 1_000_000 }, added, index)
    tx.count(device, { ...noCounts, decoded: 1, readings: 1, complement: 1 })
    tx.setCursor('ingest', index + 1)
  })
}
