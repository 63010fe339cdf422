import { Problem } from '../../domain/index.ts'
import { openCanonicalReads } from '../../store/index.ts'
import type { Configuration } from '../config/index.ts'
import { systemClock } from '../doors/clock.ts'
import { isThere } from '../doors/files.ts'
import { type DataLayout, dataLayout } from '../layout.ts'
import { type Received, receivedSince } from '../received-since.ts'
import type { Finding } from './doctor-finding.ts'
import { type DiskSpace, diskSpace } from '../disk-space.ts'
import { type StoreBytes, storeBytes } from '../store-bytes.ts'

const DAY_MS = 86_400_000
const MIB = 1024 * 1024
/** What came in within a week stands for what comes: it has the days of rest in it, and is not of last season. */
const WINDOW_MS = 7 * DAY_MS
/** Of less time nothing follows: a logger that hands in its memory fills the first minutes. */
const SPAN_MS_MIN = 3_600_000
/** Of fewer readings nothing follows: empty files are most of what they take. */
const READINGS_MIN = 1_000
/** A disk is ordered, delivered and put in within so many days. */
export const DAYS_ENOUGH = 30
/** Somebody must act at once: a week has a weekend in it, and some have a holiday. */
export const DAYS_FEW = 7

/** What is known of the growth of a data directory. */
export interface Growth {
  readonly bytes: StoreBytes
  /** Canonical readings. */
  readonly stored: number
  /** Records ingest has taken, ever. */
  readonly records: number
  /** What came lately; undefined without any record. */
  readonly lately: Received | undefined
}

/** What the stores take, and how long the disk lasts as things go; nothing while there are none. */
export async function forecastFindings(
  configuration: Configuration,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const layout = dataLayout(configuration.data_dir)
  const space = await diskSpace(configuration)
  if (space === undefined || !(await isThere(layout.readings))) return []
  try {
    const growth = await growthOf(layout, systemClock.nowMs() - WINDOW_MS, signal)
    return [storesFinding(growth), forecastFinding(growth, space, systemClock.nowMs())]
  } catch (thrown) {
    if (!(thrown instanceof Problem)) throw thrown
    return [{ check: 'stores', state: 'note', found: thrown.message, remedy: thrown.remedy }]
  }
}

async function growthOf(layout: DataLayout, sinceMs: number, signal: AbortSignal): Promise<Growth> {
  const reads = openCanonicalReads({ path: layout.readings })
  const { stored, records } = (() => {
    try {
      return { stored: reads.totals().readings.stored, records: reads.cursor('ingest') }
    } finally {
      reads.close()
    }
  })()
  const lately = await receivedSince(layout.journal, records, sinceMs, signal)
  return { bytes: await storeBytes(layout), stored, records, lately }
}

/** Bytes each store takes for a reading; undefined when too little is there to tell. */
function bytesPerReading({ bytes, stored, records, lately }: Growth): StoreBytes | undefined {
  if (stored < READINGS_MIN || lately === undefined) return undefined
  // older segments of the journal may have been shipped away
  const inJournal = (stored / records) * (records - lately.firstIndex)
  return {
    journal: bytes.journal / inJournal,
    readings: bytes.readings / stored,
    facts: bytes.facts / stored,
    audit: bytes.audit / stored,
  }
}

const names = {
  journal: 'journal',
  readings: 'readings.sqlite with its WAL',
  facts: 'facts.sqlite',
  audit: 'audit',
} as const
const stores = Object.keys(names) as (keyof StoreBytes)[]

/** What each store takes, in all and for a reading. */
export function storesFinding(growth: Growth): Finding {
  const each = bytesPerReading(growth)
  const found = stores.map((store) => {
    const forOne = each === undefined ? '' : `, ${each[store].toFixed(1)} B a reading`
    return `${names[store]} ${inMib(growth.bytes[store])}${forOne}`
  })
  return { check: 'stores', state: 'ok', found: `${found.join('; ')}; ${growth.stored} readings` }
}

/** In how many days acknowledging stops, from what came in lately and what a reading takes. */
export function forecastFinding(growth: Growth, space: DiskSpace, nowMs: number): Finding {
  const check = 'disk forecast'
  const each = bytesPerReading(growth)
  const { lately, stored, records } = growth
  if (each === undefined || lately === undefined || nowMs - lately.sinceMs < SPAN_MS_MIN) {
    const found = `too early to tell: it takes ${READINGS_MIN} readings and an hour`
    return { check, state: 'note', found }
  }
  const days = (nowMs - lately.sinceMs) / DAY_MS
  const readingsPerDay = (lately.records * (stored / records)) / days
  const span = days < 1 ? `${Math.floor(days * 24)} h` : `${Math.floor(days)} days`
  const from = `from ${Math.round(readingsPerDay)} readings a day in the last ${span}`
  const daily = stores.map((store) => [store, each[store] * readingsPerDay] as const)
  const perDay = daily.reduce((sum, [, bytes]) => sum + bytes, 0)
  if (perDay === 0) return { check, state: 'ok', found: `nothing grows: ${from}` }
  const parts = daily.map(([store, bytes]) => `${store} ${inMib(bytes)}`).join(', ')
  const left = Math.max(0, Math.floor((space.freeBytes - space.reserveBytes) / perDay))
  const found = `acknowledging stops in ${left} days: it grows by ${inMib(perDay)} a day (${parts}), ${from}`
  if (left >= DAYS_ENOUGH) return { check, state: 'ok', found }
  const remedy =
    left >= DAYS_FEW
      ? 'Plan for a larger disk, or see with `isotherm journal list` what of the journal may go.'
      : 'Free space on this disk or put in a larger one now. Devices keep what is not acknowledged as long as their memory lasts.'
  return { check, state: left >= DAYS_FEW ? 'note' : 'bad', found, remedy }
}

function inMib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`
}
