import { findingsJson, type PointReading } from '../../alerts/index.ts'
import { type Excursion, excursionsOf, type Finding } from '../../domain/index.ts'
import { minute } from '../alerts/series.ts'
import { horizonOf, tickFindings, tickTotals } from '../alerts/ticks.ts'
import { SeededRandom } from '../support/seeded-random.ts'
import { corrected, later, type LawRun } from './any-run.ts'
import { crossesLimit, type Delivered, type Delivery, expectedOfDeliveries } from './deliveries.ts'
import type { HeardPoint, LawEngine } from './engine.ts'
import { expectedOf, type Kept, type RealRoad, roadPoint, SILENT_MS } from './road.ts'

/** What a run has shown, for the coverage. */
export interface Seen {
  finding: boolean
  gap: boolean
  late: boolean
  conflict: boolean
  correction: boolean
  silence: boolean
  distrust: boolean
  undated: boolean
}

type Law = (run: LawRun, engine: LawEngine, seen: Seen, road: RealRoad) => boolean

const BAND = { minMilliC: 2_000, maxMilliC: 8_000 }
/** The floor of a store, which the points of the road are. */
const GAP_MS = 15 * 60_000

/** The laws of design section 6, by what they say. Each answers whether it holds in a run. */
export const laws: Readonly<Record<string, Law>> = {
  'finds what a walk from minute to minute finds, at any time of the day': (run, engine, seen) => {
    const { point, asOfMs, shiftMs } = run
    const found = engine.findings([later(point, shiftMs)], asOfMs + shiftMs)
    seen.finding ||= found.length > 0
    return same(
      excursionsOf(found).map((finding) => earlier(finding, shiftMs)),
      tickFindings(point, asOfMs).map((finding) => ({ ...finding, id: '' })),
    )
  },

  'gives the same bytes for any order and repetition of what it is given': (run, engine) => {
    const { point, other, asOfMs, order } = run
    const random = new SeededRandom(order)
    const shuffled = <T>(list: readonly T[]): T[] =>
      [...list, ...list].toSorted(() => (random.oneIn(2) ? 1 : -1))
    const again = [other, point].map((each) => ({
      ...each,
      readings: shuffled(each.readings),
      rules: shuffled(each.rules),
      duties: shuffled(each.duties),
      placements: shuffled(each.placements),
      expectedIntervals: shuffled(each.expectedIntervals),
    }))
    return same(engine.findings(again, asOfMs), engine.findings([point, other], asOfMs))
  },

  'going on from where it stood finds what judging the whole finds': ({ cutsMs, asOfMs, ...run }, engine) =>
    [run.point, run.summed, run.recorded].every((point) => {
      const edges = [...cutsMs.toSorted((a, b) => a - b), Number.POSITIVE_INFINITY]
      const pieces = edges.map((toMs, at) => {
        const fromMs = edges[at - 1] ?? Number.NEGATIVE_INFINITY
        return point.readings.filter(({ tMs }) => fromMs <= tMs && tMs < toMs)
      })
      return same(engine.continued(point, pieces, asOfMs), engine.findings([point], asOfMs))
    }),

  'kept in memory, in any order and in batches of any size': ({ late, order, asOfMs, ...run }, engine) =>
    [run.point, run.summed, run.recorded].every((point) => {
      const random = new SeededRandom(order)
      const readings = [...point.readings, ...late]
      const mixed = random.oneIn(2) ? readings.toSorted(() => (random.oneIn(2) ? 1 : -1)) : readings
      const size = 1 + random.below(mixed.length + 1)
      const batches = Array.from({ length: Math.ceil(mixed.length / size) }, (_none, nth) =>
        mixed.slice(nth * size, (nth + 1) * size),
      )
      return same(engine.kept(point, batches, asOfMs), engine.findings([{ ...point, readings }], asOfMs))
    }),

  'readings that come late are judged as if they had come in time': (run, engine, seen) => {
    const { point, late, asOfMs } = run
    if (late.length === 0) return true
    const changed = { ...point, readings: [...point.readings, ...late] }
    const touchedMs = Math.min(...late.map(({ tMs }) => tMs))
    seen.late ||= point.readings.some(({ tMs }) => tMs > touchedMs)
    const again = engine.again(changed, engine.findings([point], asOfMs), touchedMs, asOfMs)
    return same(again, engine.findings([changed], asOfMs))
  },

  'a correction is judged as if it had always been so, and changes nothing before it and elsewhere': (
    run,
    engine,
    seen,
  ) => {
    const { point, other, correction, asOfMs } = run
    const changed = corrected(point, correction)
    const before = engine.findings([point], asOfMs)
    const after = engine.findings([changed, other], asOfMs)
    seen.correction ||= JSON.stringify(changed) !== JSON.stringify(point)
    const own = after.filter((finding) => finding.point === point.point)
    const elsewhere = after.filter((finding) => finding.point === other.point)
    // a reading that no longer belongs to the point may have been what brought time so far
    const untilMs = Math.min(correction.atMs, horizonOf(point, asOfMs), horizonOf(changed, asOfMs))
    const over = (list: readonly Finding[]) => list.filter(({ endMs }) => endMs !== null && endMs < untilMs)
    return (
      same(engine.again(changed, before, correction.atMs, asOfMs), own) &&
      same(elsewhere, engine.findings([other], asOfMs)) &&
      same(over(own), over(before))
    )
  },

  'totals are those of a walk from minute to minute, and add up': (run, engine) => {
    const { point, other, asOfMs } = run
    const query = { band: BAND, fromMs: minute(0), toMs: minute(400), asOfMs }
    const { minMilliC: _low, maxMilliC: _high, ...totals } = engine.totals([point, other], query)
    const { inMs, warmMs, coldMs, unknownMs } = totals
    return (
      inMs + warmMs + coldMs + unknownMs === query.toMs - query.fromMs &&
      JSON.stringify(totals) === JSON.stringify(tickTotals([point, other], query))
    )
  },

  'on the real road, in any order, number and size of messages, judged after each': (
    run,
    engine,
    seen,
    road,
  ) => {
    const { given, conflicts } = road.send(run.road)
    seen.conflict ||= conflicts > 0
    const expected = expectedOf(run.road)
    seen.gap ||= expected.some(({ tMs }, at) => tMs - (expected[at - 1]?.tMs ?? tMs) > GAP_MS)
    const asOfMs = minute(600)
    let judged: readonly Finding[] = []
    let known: readonly PointReading[] = []
    for (const readings of given) {
      const touchedMs = firstChange(known, readings)
      known = readings
      if (touchedMs !== undefined) judged = engine.again(roadPoint(readings), judged, touchedMs, asOfMs)
    }
    return same(judged, engine.findings([roadPoint(expected)], asOfMs))
  },

  'the delivery that is first accepted stands, whatever comes again, without time or beyond what is trusted':
    ({ deliveries }, engine, seen, road) => {
      seen.distrust ||= crossesLimit(deliveries)
      seen.undated ||= deliveries.some(({ items }) => items.length === 1 && items[0]?.at === null)
      const { readings } = road.deliver(engine.taken(deliveries), [1], false)
      const expected = expectedOfDeliveries(deliveries).readings
      const judged = (list: readonly PointReading[]) => engine.findings([roadPoint(list)], minute(600))
      return JSON.stringify(readings) === JSON.stringify(expected) && same(judged(readings), judged(expected))
    },

  'in stretches of any size, restarted, each record repeated: the same, and silences by the clock of receipt':
    ({ deliveries, order, road: { sizes } }, engine, seen, road) => {
      // with neither time nor number nothing tells a repetition from another reading
      const isKnownAgain = ({ items }: Delivery): boolean =>
        items.every(({ at, seq }) => at !== null || seq !== null)
      const repeated = deliveries.flatMap((each) => (isKnownAgain(each) ? [each, each] : [each]))
      const kept = road.deliver(engine.taken(repeated), sizes, order % 4 === 0)
      const expected = expectedOfDeliveries(deliveries)
      const asOfMs = minute((deliveries.at(-1)?.received ?? 0) + (order % 40))
      const silent = silentTimes(expected, asOfMs)
      // the one before the first temperature is in every run
      seen.silence ||= silent.some(([fromMs, toMs]) => fromMs > minute(0) && toMs !== null)
      const found = engine.silences(heardPoint(kept), asOfMs)
      return (
        JSON.stringify(kept.readings) === JSON.stringify(expected.readings) &&
        JSON.stringify(found.map(({ startMs, endMs }) => [startMs, endMs])) === JSON.stringify(silent)
      )
    },
}

/** Longer without a temperature than allowed; it ends with the next one, or has not ended. */
function silentTimes({ heardMs }: Delivered, asOfMs: number): (readonly [number, number | null])[] {
  const fromMs = [minute(0), ...heardMs]
  return fromMs.flatMap((sinceMs, nth) => {
    const untilMs = heardMs[nth]
    const isSilent = untilMs === undefined ? asOfMs - sinceMs >= SILENT_MS : untilMs - sinceMs > SILENT_MS
    return isSilent ? [[sinceMs, untilMs ?? null] as const] : []
  })
}

function heardPoint({ readings, contact }: Kept): HeardPoint {
  const point = roadPoint(readings)
  return { ...point, contacts: point.placements.map((each) => ({ ...each, ...contact })) }
}

/** The first instant at which two lists of readings differ; both ascend. */
function firstChange(before: readonly PointReading[], after: readonly PointReading[]): number | undefined {
  const known = new Set(before.map((reading) => JSON.stringify(reading)))
  return after.find((reading) => !known.has(JSON.stringify(reading)))?.tMs
}

function same(one: readonly Finding[], other: readonly Finding[]): boolean {
  return findingsJson(one) === findingsJson(other)
}

function earlier(finding: Excursion, byMs: number): Excursion {
  const moved = (tMs: number | null): number | null => (tMs === null ? null : tMs - byMs)
  return {
    ...finding,
    id: '',
    startMs: finding.startMs - byMs,
    alarmMs: moved(finding.alarmMs),
    endMs: moved(finding.endMs),
    peakMs: finding.peakMs - byMs,
  }
}
