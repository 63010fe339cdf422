import {
  assessMkt,
  assessMktOfEnergies,
  DELTA_H_BY_R_K,
  deltaHByRK,
  MKT_WINDOWS_MS,
  type MktWindow,
  type PointReading,
} from '../alerts/index.ts'
import { type LinkFacts, placesSpokenFor, staysIn } from '../batches/index.ts'
import { type Excursion, instantText, type ProductFact, type Rule } from '../domain/index.ts'
import type { FindingReads, JudgedFinding } from '../store/index.ts'
import { chunksFrom } from './core/judge/chunks.ts'
import type { PointFacts } from './core/judge/point-facts.ts'

/** Two months at one reading a minute, and then some: half a second of work. */
const READINGS_MAX = 100_000

/**
 * The mean kinetic temperature of an excursion, and that of each product with an activation energy of its own that was
 * in stock there meanwhile; null for findings of other kinds, and where the time around it has more readings than are
 * gone through.
 */
export function mktAnswer(
  findings: FindingReads,
  links: LinkFacts,
  facts: PointFacts,
  { finding, asOfMs }: JudgedFinding,
  rule: Rule | undefined,
): object | null {
  if (finding.kind !== 'excursion') return null
  const limit = rule?.quantity === 'temperature' ? rule.mkt : undefined
  const aroundMs = Math.max(...MKT_WINDOWS_MS, limit?.windowMs ?? 0)
  const toMs = (finding.endMs ?? asOfMs) + aroundMs
  const readings: PointReading[] = []
  for (const chunk of chunksFrom(findings, facts, 'temperature', finding.startMs - aroundMs)) {
    readings.push(...chunk.filter(({ tMs }) => tMs <= toMs))
    if (readings.length > READINGS_MAX) return null
    if ((chunk.at(-1)?.tMs ?? 0) > toMs) break
  }
  const point = { ...facts, quantity: 'temperature' as const, readings }
  const { windows, statement } = assessMkt(point, finding, limit, asOfMs)
  const products = weighedAlone(links, finding, asOfMs)
  const energiesK = products.map(({ energyK }) => energyK)
  const own = assessMktOfEnergies(point, finding, limit, energiesK, asOfMs)
  return {
    deltaHByR: DELTA_H_BY_R_K,
    windows: windows.map(windowAnswer),
    limit:
      limit === undefined
        ? null
        : {
            temperature: limit.limitMilliC / 1_000,
            windowSeconds: limit.windowMs / 1_000,
            appliesFrom: limit.appliesFromMilliC / 1_000,
            appliesTo: limit.appliesToMilliC / 1_000,
            excursionSeconds: limit.excursionMs / 1_000,
          },
    statement,
    products: products.map(({ id, energyK }, nth) => {
      const deltaHByR = Number(energyK.toFixed(1))
      const windows = (own[nth]?.windows ?? []).map(windowAnswer)
      return { product: id, deltaHByR, windows, statement: own[nth]?.statement ?? 'unknown' }
    }),
  }
}

/** Products that say how they decay, of which some lay where the point speaks for them meanwhile; by id. */
function weighedAlone(
  links: LinkFacts,
  { point, startMs, endMs }: Excursion,
  asOfMs: number,
): readonly { readonly id: string; readonly energyK: number }[] {
  const period = { fromMs: startMs, toMs: Math.max(endMs ?? asOfMs, startMs + 1) }
  const products = new Map<string, ProductFact>()
  for (const { lot } of staysIn(links, placesSpokenFor(links, point), period)) {
    const product = links.product(links.lot(lot)?.product ?? '')
    if (product !== undefined) products.set(product.id, product)
  }
  return [...products.values()]
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
    .flatMap(({ id, activationJoulesPerMol: joules }) =>
      joules === null ? [] : [{ id, energyK: deltaHByRK(joules) }],
    )
}

function windowAnswer({ windowMs, fromMs, toMs, mktC, knownMs }: MktWindow): object {
  return {
    windowSeconds: windowMs / 1_000,
    from: instantText(fromMs),
    to: instantText(toMs),
    mkt: Number(mktC.toFixed(3)),
    knownSeconds: knownMs / 1_000,
  }
}
