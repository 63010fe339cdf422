import type { PointFact } from '../domain/index.ts'
import { maxGapFloorMs, maxGapMs } from '../domain/index.ts'
import type { LinkFacts, Period } from './facts.ts'
import { measuredKindOf } from './places.ts'
import { cut, type Segment } from './segments.ts'
import type { PointTemperature, Span, Sweep, SweptPoint } from './sweep.ts'

/** What telling time from readings takes. */
export interface SweptParts {
  readonly facts: LinkFacts
  /** Temperatures of one sensor in a period, earliest first. */
  readonly temperatures: (segment: Pick<Segment, 'device' | 'sensor'> & Period) => readonly PointTemperature[]
  readonly sweep: Sweep
}

/** Readings are taken into memory a day at a time: at one a minute and ten points some 15,000. */
const WINDOW_MS = 24 * 3_600_000

/** A point of a leg before its readings: what holds for the whole leg. */
export interface Lane extends SweptPoint {
  readonly sensors: readonly (Pick<Segment, 'device' | 'sensor'> & { readonly placed: Period })[]
  /** How long before a window a reading may lie that still speaks in it. */
  readonly longestGapMs: number
}

/** The lane of a point over a leg. */
export function laneOf(facts: LinkFacts, point: PointFact, leg: Period): Lane {
  const placeKind = measuredKindOf(facts, point.place)
  const floorMs = maxGapFloorMs(placeKind)
  const rows = facts.placementsAt(point.id, leg).filter(({ standing }) => standing === 'judged')
  // whole placements, because the last reading before the leg may still speak in it
  const always = { fromMs: Number.MIN_SAFE_INTEGER, toMs: leg.toMs }
  const sensors = rows.map((row) => ({ device: row.device, sensor: row.sensor, placed: cut(row, always) }))
  const expectedIntervals = sensors.flatMap(({ device, placed }) =>
    facts
      .deviceHistory(device)
      .map((row) => ({ ...cut(row, placed), expectedIntervalMs: row.expectedInterval }))
      .filter(({ fromMs, toMs }) => fromMs < toMs),
  )
  const longest = Math.max(0, ...expectedIntervals.map(({ expectedIntervalMs }) => expectedIntervalMs))
  return {
    point: point.id,
    quantity: 'temperature',
    placeKind,
    life: lifeOf(facts, point),
    placements: sensors.map(({ placed }) => placed),
    expectedIntervals,
    readings: [],
    sensors,
    longestGapMs: maxGapMs(longest, floorMs),
  }
}

/** From when a point is there until its place was retired. */
export function lifeOf(facts: LinkFacts, { validFrom, place }: PointFact): Span {
  const last = facts.place(place)
  return { fromMs: validFrom, toMs: last?.state === 'retired' ? last.validFrom : null }
}

/** The lane, its readings earliest first, with those of them that `withReadings` would give it for a window. */
export function within<L extends Lane>(lane: L, window: Period): L {
  const reach = reachOf(lane, window)
  const from = firstAt(lane.readings, reach.validFrom)
  return { ...lane, readings: lane.readings.slice(from, firstAt(lane.readings, reach.validTo)) }
}

/** Where in readings, earliest first, the first one is that lies at or after an instant. */
function firstAt(readings: SweptPoint['readings'], fromMs: number): number {
  let low = 0
  let high = readings.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((readings[middle]?.tMs ?? fromMs) < fromMs) low = middle + 1
    else high = middle
  }
  return low
}

/** When readings lie that decide what is known in a window. */
function reachOf(
  { longestGapMs }: Lane,
  { fromMs, toMs }: Period,
): { readonly validFrom: number; readonly validTo: number } {
  // what a reading means may depend on the one before it, which spoke at its instant at least
  return { validFrom: fromMs - 2 * longestGapMs, validTo: toMs }
}

/** The lane with its readings in a window, and those before it that still speak there, or did when those were read. */
export function withReadings({ temperatures }: SweptParts, lane: Lane, window: Period): Lane {
  const reach = reachOf(lane, window)
  const readings = lane.sensors.flatMap(({ device, sensor, placed }) => {
    const period = cut(reach, placed)
    if (period.fromMs >= period.toMs) return []
    return temperatures({ device, sensor, ...period }).map(({ tMs, temperatureMilliC: value }) => ({
      tMs,
      value,
    }))
  })
  return { ...lane, readings }
}

/** A period cut into days from its beginning on. */
export function windowsOf({ fromMs, toMs }: Period): readonly Period[] {
  const windows: Period[] = []
  for (let start = fromMs; start < toMs; start += WINDOW_MS) {
    windows.push({ fromMs: start, toMs: Math.min(start + WINDOW_MS, toMs) })
  }
  return windows
}
