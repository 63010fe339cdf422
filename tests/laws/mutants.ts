import type { PointHistory, PointInput, PointReading, RuleInForce } from '../../alerts/index.ts'
import { FUTURE_TOLERANCE_MS, maxGapFloorMs } from '../../domain/index.ts'
import { minute } from '../alerts/series.ts'
import type { Delivery } from './deliveries.ts'
import { type HeardPoint, type LawEngine, realEngine } from './engine.ts'

const IN_RANGE_MILLI_C = 5_000
const DAY_MS = 86_400_000
/** China keeps one time, without summer time. */
const SHANGHAI_MS = 8 * 3_600_000

/**
 * Engines that are wrong in one way each, which the laws must find. They change what the real one is given or says, so
 * nothing of them is in the product.
 */
export const mutants: Readonly<Record<string, LawEngine>> = {
  'strict-to-inclusive': given((point) => ({ ...point, rules: point.rules.map(inclusive) })),
  'gap-in-range': given((point) => ({ ...point, readings: gapsFilled(point) })),
  'drop-late': {
    ...realEngine,
    again: (changed, previous, touchedMs, asOfMs) => {
      const newestMs = Math.max(...changed.readings.map(({ tMs }) => tMs))
      const isLate = newestMs - touchedMs > maxGapFloorMs(changed.placeKind)
      return isLate ? previous : realEngine.again(changed, previous, touchedMs, asOfMs)
    },
  },
  'wall-clock': { ...realEngine, findings: (points) => realEngine.findings(points, Date.now()) },
  'average-points': {
    ...realEngine,
    totals: (points, query) => realEngine.totals(points.length < 2 ? points : [averageOf(points)], query),
  },
  'reset-on-gap': cut(gapsOf),
  'todays-rule': given((point) => ({ ...point, rules: todays(point.rules) })),
  'local-midnight-cut': cut(midnightsOf),
  'trust-by-now': { ...realEngine, taken: allReceivedLast },
  'trust-by-waiting': { ...realEngine, taken: aheadDropped },
  'last-delivery-stands': { ...realEngine, taken: lastOfEach },
  'undated-dropped': { ...realEngine, taken: datedOf },
  'silence-by-device-clock': {
    ...realEngine,
    silences: (point, asOfMs) => realEngine.silences(heardByItsClock(point), asOfMs),
  },
}

/** The engine with other points in place of those it is given. */
function given(change: (point: PointInput) => PointInput): LawEngine {
  return {
    ...realEngine,
    findings: (points, asOfMs) => realEngine.findings(points.map(change), asOfMs),
    continued: (point, pieces, asOfMs) => realEngine.continued(change(point), pieces, asOfMs),
    kept: (point, batches, asOfMs) => {
      const known = batches.flat()
      const changed = change({ ...point, readings: known })
      const made = changed.readings.filter((reading) => !known.includes(reading))
      return realEngine.kept(changed, [...batches, made], asOfMs)
    },
    again: (changed, previous, touchedMs, asOfMs) =>
      realEngine.again(change(changed), previous, touchedMs, asOfMs),
    totals: (points, query) => realEngine.totals(points.map(change), query),
  }
}

/** The engine that forgets at some instants what it was at. */
function cut(instantsOf: (point: PointInput) => readonly number[]): LawEngine {
  return {
    ...realEngine,
    findings: (points, asOfMs) =>
      points.flatMap((point) => {
        const edges = [...instantsOf(point), Number.POSITIVE_INFINITY]
        return edges.flatMap((toMs, at) => {
          const fromMs = edges[at - 1] ?? Number.NEGATIVE_INFINITY
          const readings = point.readings.filter(({ tMs }) => fromMs <= tMs && tMs < toMs)
          return realEngine.findings([{ ...point, readings }], Math.min(asOfMs, toMs))
        })
      }),
  }
}

function inclusive(version: RuleInForce): RuleInForce {
  if (version.rule.quantity !== 'temperature') return version
  const operator = version.rule.operator.startsWith('>') ? ('>=' as const) : ('<=' as const)
  return { ...version, rule: { ...version.rule, operator } }
}

/** The last version of each rule, for all time. */
function todays(rules: readonly RuleInForce[]): RuleInForce[] {
  return [...Map.groupBy(rules, ({ rule }) => rule.id).values()].flatMap((versions) => {
    const last = versions.toSorted((a, b) => a.fromMs - b.fromMs).at(-1)
    const fromMs = Math.min(...versions.map((each) => each.fromMs))
    return last === undefined ? [] : [{ ...last, fromMs }]
  })
}

/** Instants at which a reading has become too old and no other has come. */
function gapsOf(point: PointHistory): number[] {
  const instants = [...new Set(point.readings.map(({ tMs }) => tMs))].toSorted((a, b) => a - b)
  return instants.flatMap((tMs, at) => {
    const intervals = point.expectedIntervals.filter(
      ({ fromMs, toMs }) => fromMs <= tMs && (toMs === null || tMs < toMs),
    )
    const intervalMs = intervals[0]?.expectedIntervalMs ?? 0
    const untilMs = tMs + Math.max(3 * intervalMs, maxGapFloorMs(point.placeKind))
    return untilMs < (instants[at + 1] ?? Number.POSITIVE_INFINITY) ? [untilMs] : []
  })
}

function gapsFilled(point: PointHistory): PointReading[] {
  const filled = gapsOf(point).map((tMs) => ({ tMs, value: IN_RANGE_MILLI_C }))
  return [...point.readings, ...filled]
}

function midnightsOf({ readings }: PointHistory): number[] {
  const days = readings.map(({ tMs }) => Math.floor((tMs + SHANGHAI_MS) / DAY_MS))
  return [...new Set(days)].toSorted((a, b) => a - b).map((day) => day * DAY_MS - SHANGHAI_MS)
}

/** One point that shows the mean of what all show. */
function averageOf(points: readonly PointInput[]): PointInput {
  const [first] = points
  if (first === undefined) throw new Error('there is no point')
  const instants = [...new Set(points.flatMap(({ readings }) => readings.map(({ tMs }) => tMs)))]
  const readings = instants.map((tMs) => {
    const shown = points.flatMap((point) => {
      const last = point.readings.filter((each) => each.tMs <= tMs).toSorted((a, b) => b.tMs - a.tMs)[0]
      return last?.value ?? []
    })
    const sum = shown.reduce((total, each) => total + each, 0)
    return { tMs, value: shown.length === 0 ? null : Math.round(sum / shown.length) }
  })
  return { ...first, readings }
}

/** As if everything was judged by the clock of whoever reads the log again. */
function allReceivedLast(deliveries: readonly Delivery[]): Delivery[] {
  const received = deliveries.at(-1)?.received ?? 0
  return deliveries.map((each) => ({ ...each, received }))
}

/** Of the deliveries of one reading only the last one; messages keep their place. */
function lastOfEach(deliveries: readonly Delivery[]): Delivery[] {
  const identity = ({ at, seq }: Delivery['items'][number]): string => `${at} ${seq}`
  const last = new Map(
    deliveries.flatMap(({ items }) => items.map((item) => [identity(item), item] as const)),
  )
  return deliveries.map((each) => ({
    ...each,
    items: each.items.filter((item) => item.at === null || last.get(identity(item)) === item),
  }))
}

/** What is held because it came from a clock that was ahead is forgotten: a later delivery is judged for itself. */
function aheadDropped(deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.map((each) => ({
    ...each,
    items: each.items.filter(
      ({ at }) => at === null || minute(at) <= minute(each.received) + FUTURE_TOLERANCE_MS,
    ),
  }))
}

function datedOf(deliveries: readonly Delivery[]): Delivery[] {
  return deliveries.map((each) => ({ ...each, items: each.items.filter(({ at }) => at !== null) }))
}

/** Heard when its readings say they were taken. */
function heardByItsClock(point: HeardPoint): HeardPoint {
  const instants = point.readings.map(({ tMs }) => tMs)
  const silences = instants.map((toMs, nth) => ({ fromMs: instants[nth - 1] ?? 0, toMs }))
  const contacts = point.contacts.map((each) => ({ ...each, silences, lastMs: instants.at(-1) ?? 0 }))
  return { ...point, contacts }
}
