import {
  assessMkt,
  DELTA_H_BY_R_K,
  MKT_WINDOWS_MS,
  type MktWindow,
  type PointReading,
} from '../alerts/index.ts'
import { instantText, type Rule } from '../domain/index.ts'
import type { FindingReads, JudgedFinding } from '../store/index.ts'
import { chunksFrom } from './core/judge/chunks.ts'
import type { PointFacts } from './core/judge/point-facts.ts'

/** Two months at one reading a minute, and then some: half a second of work. */
const READINGS_MAX = 100_000

/**
 * The mean kinetic temperature of an excursion; null for findings of other kinds, and where the time around it has more
 * readings than are gone through.
 */
export function mktAnswer(
  findings: FindingReads,
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
  }
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
