import { placeTimeInBand } from '../alerts/index.ts'
import {
  type Exposure,
  type ExposureLeg,
  exposureOf,
  segmentsOf,
  type TimeInBand,
  whereaboutsOf,
  type WorstPoint,
} from '../batches/index.ts'
import {
  instantText,
  instantTextOrNull,
  parseSensorPath,
  type PlaceFact,
  POWER_UP_MILLI_C,
  Problem,
} from '../domain/index.ts'
import type {
  Bucket,
  CanonicalReads,
  CanonicalRow,
  CanonicalSelection,
  FactsReads,
  FactsView,
  LinkedReadings,
  Queries,
} from '../store/index.ts'
import { systemClock } from './doors/clock.ts'
import { powerUpOf } from './probe-faults.ts'

/** What answers about linked readings are made from. */
export interface LinkedStores {
  readonly reads: CanonicalReads
  readonly facts: FactsReads
  readonly view: FactsView
  /** Resolves when the view has the facts; rejects with `core-unavailable` when that takes too long. */
  readonly viewReady: () => Promise<void>
  /** The devices of the scopes; undefined = all. */
  readonly devicesIn: (scopes: readonly string[]) => Promise<readonly string[] | undefined>
}

/** Answers of the queries that need to know where sensors and lots were. */
export function linkedAnswers({ reads, facts, view, viewReady, devicesIn }: LinkedStores) {
  const picked = async (asked: LinkedReadings) => {
    await viewReady()
    const { selection, scopes, period, secondary = false } = asked
    if (selection.by === 'sensor') {
      const devices = (await facts.deviceInScope(selection.device, scopes)) ? undefined : []
      return { selection, devices }
    }
    if (selection.by === 'point' && selection.point === 'none') {
      return { selection, devices: await devicesIn(scopes) }
    }
    const isSeen = seenFrom(view, scopes)
    const segments = segmentsOf(view, selection, period, { secondary, isSeen })
    const pieces = segments.filter(({ place }) => selection.by === 'lot' || isSeenPlace(view, place, isSeen))
    return { selection: { by: 'pieces', pieces } satisfies CanonicalSelection, devices: undefined }
  }
  return {
    readings: async (asked: Queries['readings']) => {
      const { selection, devices } = await picked(asked)
      const { items, next } = reads.page(selection, asked.period, asked.limit, asked.after, devices)
      return { items: items.map((row) => rowAnswer(reads, view, row)), next }
    },
    'readings.buckets': async (asked: Queries['readings.buckets']) => {
      const { selection, devices } = await picked(asked)
      const buckets = await reads.buckets(selection, asked.period, asked.stepMs, asked.quantity, devices)
      return { items: buckets.map(bucketAnswer), next: null }
    },
    'lot.exposure': async ({ lot, scopes, fromMs, toMs, asOfMs }: Queries['lot.exposure']) => {
      await viewReady()
      const parts = {
        facts: view,
        temperatures: (piece: Parameters<CanonicalReads['temperatures']>[0]) => reads.temperatures(piece),
        sweep: placeTimeInBand,
        rest: () => systemClock.sleep(0),
      }
      const isSeen = seenFrom(view, scopes)
      const period = { fromMs: fromMs ?? Number.MIN_SAFE_INTEGER, toMs }
      const exposure = await exposureOf(parts, { lot, ...period, asOfMs, isSeen })
      if (exposure === undefined) throw noSuchLot(lot)
      return exposureAnswer(exposure)
    },
  }
}

/** Whether a place lies in a site of the scopes. */
export function seenFrom(view: FactsView, scopes: readonly string[]): (place: PlaceFact) => boolean {
  return ({ site }) => {
    const organisation = view.site(site)?.organisation
    return organisation !== undefined && scopes.some((scope) => view.isWithin(organisation, scope))
  }
}

function isSeenPlace(view: FactsView, id: string, isSeen: (place: PlaceFact) => boolean): boolean {
  const place = view.place(id)
  return place !== undefined && isSeen(place)
}

const nowhere = { site: null, place: null, point: null, standing: null }

function rowAnswer(
  reads: Pick<CanonicalReads, 'temperatureBefore'>,
  view: FactsView,
  { tMs, atMs, receivedAtMs, ...row }: CanonicalRow,
): object {
  const named = parseSensorPath(row.sensor)
  const fault =
    named !== undefined && row.temperature === POWER_UP_MILLI_C / 1_000
      ? powerUpOf(view, { ...named, tMs }, reads.temperatureBefore(named.device, named.sensor, tMs))
      : undefined
  const where = named === undefined ? undefined : whereaboutsOf(view, named.device, named.sensor, tMs)
  const at = instantTextOrNull(atMs)
  return {
    ...row,
    ...(where ?? nowhere),
    t: instantText(tMs),
    at,
    receivedAt: instantText(receivedAtMs),
    fault,
  }
}

function bucketAnswer({ startMs, ...bucket }: Bucket): object {
  return { start: instantText(startMs), ...bucket }
}

function exposureAnswer({ lot, product, band, legs, total }: Exposure): object {
  return {
    lot,
    product,
    range: { min: band.minMilliC / 1000, max: band.maxMilliC / 1000 },
    legs: legs.map(legAnswer),
    total: { ...timeAnswer(total), worst: worstAnswer(total.worst) },
  }
}

function legAnswer(leg: ExposureLeg): object {
  const { place, measuredIn, quantity, fromMs, toMs } = leg
  const whenAndWhere = { place, measuredIn, from: instantText(fromMs), to: instantText(toMs), quantity }
  return { ...whenAndWhere, ...timeAnswer(leg), worst: worstAnswer(leg.worst) }
}

function timeAnswer({ inMs, warmMs, coldMs, unknownMs, minMilliC, maxMilliC }: TimeInBand): object {
  return {
    inSeconds: inMs / 1000,
    warmSeconds: warmMs / 1000,
    coldSeconds: coldMs / 1000,
    unknownSeconds: unknownMs / 1000,
    min: degrees(minMilliC),
    max: degrees(maxMilliC),
  }
}

function worstAnswer(worst: WorstPoint | null): object | null {
  if (worst === null) return null
  const { point, outMs, minMilliC, maxMilliC } = worst
  return { point, outSeconds: outMs / 1000, min: degrees(minMilliC), max: degrees(maxMilliC) }
}

function degrees(milliC: number | null): number | null {
  return milliC === null ? null : milliC / 1000
}

function noSuchLot(lot: string): Problem {
  return new Problem('not-found', {
    what: `There is no lot "${lot}".`,
    remedy: 'Correct the id, or create the lot first.',
  })
}
