import type { Excursion, MktLimit, MktStatement } from '../../domain/index.ts'
import type { PointHistory } from './input.ts'
import { samplesOf } from './samples.ts'

/** Activation energy by the gas constant, K: 83.144 kJ/mol by 8.3144 J/(mol K), where the product says nothing else. */
export const DELTA_H_BY_R_K = 10_000
/** Gas constant, J/(mol K) (CODATA 2018). */
const GAS_CONSTANT = 8.314_462_618
const ZERO_C_K = 273.15
const MILLI = 1_000
const HOUR_MS = 3_600_000
/** The windows that are told of every excursion. */
export const MKT_WINDOWS_MS = [24 * HOUR_MS, 30 * 24 * HOUR_MS]

/** A temperature that held for some time; the unit of the weights does not matter. */
export interface Weighted {
  readonly milliC: number
  readonly weight: number
}

/**
 * Mean kinetic temperature, degC (USP <1079.2>; Haynes 1971): the constant temperature at which as much would have
 * decayed. Weights are the times the temperatures held. Never less than their mean. NaN without any weight.
 */
export function meanKineticC(parts: readonly Weighted[], energyK = DELTA_H_BY_R_K): number {
  const exponents = parts.map(({ milliC }) => -energyK / kelvin(milliC))
  // the largest is taken out of the sum, so that no term vanishes or overflows
  const largest = Math.max(...exponents)
  let sum = 0
  let weights = 0
  for (const [nth, { weight }] of parts.entries()) {
    sum += weight * Math.exp((exponents[nth] ?? 0) - largest)
    weights += weight
  }
  return energyK / (Math.log(weights) - Math.log(sum) - largest) - ZERO_C_K
}

/** What is weighed with an activation energy of its own: by the gas constant, K. */
export function deltaHByRK(joulesPerMol: number): number {
  return joulesPerMol / GAS_CONSTANT
}

/** The window of a length around an excursion in which the mean kinetic temperature is highest. */
export interface MktWindow {
  readonly windowMs: number
  readonly fromMs: number
  readonly toMs: number
  /** degC, of the time that is known. */
  readonly mktC: number
  /** The rest of the window counts for nothing: nobody knows how warm it was. */
  readonly knownMs: number
}

/** MKT of an excursion. */
export interface MktAssessment {
  /** One for each length of `MKT_WINDOWS_MS` and for that of the limit; none where nothing was known. */
  readonly windows: readonly MktWindow[]
  readonly statement: MktStatement
}

/** How warm it was, as the weight that decay gives it, summed up to the instants at which it changed. */
interface Sums {
  readonly edgesMs: readonly number[]
  /** Sum of weight times exponential, relative to `largest`, up to the edge. */
  readonly decay: readonly number[]
  readonly knownMs: readonly number[]
  readonly largest: number
  /** Activation energy by the gas constant, K. */
  readonly energyK: number
}

/**
 * Looks for the windows with the highest MKT, by the usual activation energy and up to as-of, that have the excursion
 * in them, or, where it is longer, lie in it. The readings given must reach as far around it as the longest window.
 */
export function assessMkt(
  point: PointHistory,
  excursion: Excursion,
  limit: MktLimit | undefined,
  asOfMs: number,
): MktAssessment {
  return assessed(aroundOf(point, excursion, asOfMs), excursion, limit, DELTA_H_BY_R_K)
}

/**
 * The same for each activation energy that something has of its own, by the gas constant, K: what is within the limit
 * by the usual one need not be within it by another.
 */
export function assessMktOfEnergies(
  point: PointHistory,
  excursion: Excursion,
  limit: MktLimit | undefined,
  energiesK: readonly number[],
  asOfMs: number,
): readonly MktAssessment[] {
  if (energiesK.length === 0) return []
  const around = aroundOf(point, excursion, asOfMs)
  return energiesK.map((energyK) => assessed(around, excursion, limit, energyK))
}

/** The time around an excursion. */
interface Around {
  readonly parts: readonly Part[]
  readonly period: { readonly fromMs: number; readonly toMs: number }
  readonly horizonMs: number
}

function aroundOf(point: PointHistory, { startMs, endMs }: Excursion, asOfMs: number): Around {
  const horizonMs = point.readings.reduce((most, { tMs }) => Math.max(most, tMs), asOfMs)
  const period = { fromMs: startMs, toMs: endMs ?? horizonMs }
  return { parts: partsOf(point, horizonMs), period, horizonMs }
}

function assessed(
  { parts, period, horizonMs }: Around,
  excursion: Excursion,
  limit: MktLimit | undefined,
  energyK: number,
): MktAssessment {
  const lengthsMs = new Set([...MKT_WINDOWS_MS, ...(limit === undefined ? [] : [limit.windowMs])])
  const sums = sumsOf(parts, energyK)
  const windows = [...lengthsMs].flatMap((windowMs) => worstWindow(sums, period, windowMs, horizonMs) ?? [])
  return { windows, statement: statementOf(excursion, limit, windows, parts) }
}

function statementOf(
  excursion: Excursion,
  limit: MktLimit | undefined,
  windows: readonly MktWindow[],
  parts: readonly Part[],
): MktStatement {
  if (excursion.direction === 'cold') return 'cold'
  if (limit === undefined) return 'no-limit'
  const window = windows.find(({ windowMs }) => windowMs === limit.windowMs)
  if (window === undefined) return 'unknown'
  // also where the excursion is longer than the window
  const firstMs = Math.min(window.fromMs, excursion.startMs)
  const lastMs = Math.max(window.toMs, excursion.endMs ?? window.toMs)
  const within = parts.filter(({ fromMs, toMs }) => fromMs < lastMs && firstMs < toMs)
  if (within.some(({ milliC }) => milliC > limit.appliesToMilliC)) return 'too-warm'
  if (within.some(({ lowMilliC }) => lowMilliC < limit.appliesFromMilliC)) return 'too-cold'
  // what is unknown may have been out too
  if (excursion.worstCaseMs > limit.excursionMs) return 'too-long'
  return window.mktC > limit.limitMilliC / MILLI ? 'over' : 'within'
}

/** A temperature that held; the lowest of its instant is not weighed but must not be passed over. */
interface Part {
  readonly fromMs: number
  readonly toMs: number
  readonly milliC: number
  readonly lowMilliC: number
}

function partsOf(point: PointHistory, horizonMs: number): readonly Part[] {
  const samples = samplesOf(point)
  return samples.all.flatMap((sample, nth): Part[] => {
    const toMs = Math.min(samples.all[nth + 1]?.tMs ?? horizonMs, samples.knownUntilMs(sample))
    if (sample.high === null || sample.low === null || toMs <= sample.tMs) return []
    return [{ fromMs: sample.tMs, toMs, milliC: sample.high, lowMilliC: sample.low }]
  })
}

function sumsOf(parts: readonly Part[], energyK: number): Sums {
  const largest = parts.reduce(
    (most, { milliC }) => Math.max(most, -energyK / kelvin(milliC)),
    Number.NEGATIVE_INFINITY,
  )
  const edgesMs: number[] = []
  const decay: number[] = []
  const knownMs: number[] = []
  let sum = 0
  let known = 0
  const note = (tMs: number): void => {
    if (edgesMs.at(-1) === tMs) return
    edgesMs.push(tMs)
    decay.push(sum)
    knownMs.push(known)
  }
  for (const { fromMs, toMs, milliC } of parts) {
    note(fromMs)
    sum += (toMs - fromMs) * Math.exp(-energyK / kelvin(milliC) - largest)
    known += toMs - fromMs
    note(toMs)
  }
  return { edgesMs, decay, knownMs, largest, energyK }
}

/** Between two edges both sums are linear in time, so that the highest mean has an edge of a reading at an edge. */
function worstWindow(
  sums: Sums,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  windowMs: number,
  horizonMs: number,
): MktWindow | undefined {
  const isShorter = toMs - fromMs <= windowMs
  const firstMs = isShorter ? toMs - windowMs : fromMs
  // a window that lies ahead would leave out what is known
  const lastMs = isShorter ? Math.max(firstMs, Math.min(fromMs, horizonMs - windowMs)) : toMs - windowMs
  const starts = sums.edgesMs
    .flatMap((edgeMs) => [edgeMs, edgeMs - windowMs])
    .filter((startMs) => firstMs < startMs && startMs < lastMs)
  let worst: MktWindow | undefined
  for (const startMs of [firstMs, ...starts, lastMs]) {
    const knownMs = at(sums, sums.knownMs, startMs + windowMs) - at(sums, sums.knownMs, startMs)
    if (knownMs <= 0) continue
    const decay = at(sums, sums.decay, startMs + windowMs) - at(sums, sums.decay, startMs)
    const mktC = sums.energyK / (Math.log(knownMs) - Math.log(decay) - sums.largest) - ZERO_C_K
    if (worst === undefined || mktC > worst.mktC) {
      worst = { windowMs, fromMs: startMs, toMs: startMs + windowMs, mktC, knownMs }
    }
  }
  return worst
}

/** A sum at an instant, in between edges by how far it is from them. */
function at({ edgesMs }: Sums, values: readonly number[], tMs: number): number {
  let low = 0
  let high = edgesMs.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((edgesMs[middle] ?? 0) <= tMs) low = middle + 1
    else high = middle
  }
  if (low === 0) return 0
  const before = values[low - 1] ?? 0
  const after = values[low]
  const [fromMs, toMs] = [edgesMs[low - 1] ?? 0, edgesMs[low] ?? 0]
  return after === undefined ? before : before + ((after - before) * (tMs - fromMs)) / (toMs - fromMs)
}

function kelvin(milliC: number): number {
  return milliC / MILLI + ZERO_C_K
}
