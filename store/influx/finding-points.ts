import type { Finding } from '../../domain/index.ts'
import type { InfluxPoint } from './point.ts'

/** What is known of a finding beside itself. */
export interface FindingWords {
  /** Undefined for a place that is not known any more. */
  readonly site: string | undefined
  /** What it is, for the annotation of a chart. */
  readonly en: string
  readonly zh: string
}

/** How far a finding is: it stands and goes on, it is over, or it stands no more. */
type Standing = 'open' | 'over' | 'withdrawn'

/**
 * A finding as points: excursions in measurement `excursion`, the others in `condition`; one at its start and, once it
 * is over, one at its end and a nanosecond, so that the end of one and the start of the next never meet. `wasOver`: an
 * earlier version of it had an end.
 */
export function findingPoints(
  finding: Finding,
  words: FindingWords,
  wasOver: boolean,
): readonly InfluxPoint[] {
  return pointsOf(finding, finding.open ? 'open' : 'over', words, wasOver)
}

/** Points that say of the places where a finding was that it is no more there. */
export function withdrawnPoints(finding: Finding, words: FindingWords): readonly InfluxPoint[] {
  return pointsOf(finding, 'withdrawn', words)
}

/** By what one point stands for another: measurement, tags and time. */
export function pointKey({ measurement, tags, tMs, sub = 0 }: InfluxPoint): string {
  return JSON.stringify([measurement, tags, tMs, sub])
}

function pointsOf(
  finding: Finding,
  state: Standing,
  { site, en, zh }: FindingWords,
  wasOver = false,
): readonly InfluxPoint[] {
  const { kind, place, point, rule, startMs, endMs } = finding
  // a field cannot be taken back: of one that goes on after all, an end at its start says that there is none
  const reopened = wasOver ? BigInt(startMs) : undefined
  const isExcursion = kind === 'excursion'
  const at = {
    measurement: isExcursion ? 'excursion' : 'condition',
    tags: { site, place, point, rule, kind: isExcursion ? undefined : kind },
  }
  const fields = {
    finding: finding.id,
    state,
    level: finding.level,
    confirmed: finding.state === 'confirmed',
    observed_s: BigInt(Math.round(finding.observedMs / 1_000)),
    peak: isExcursion ? finding.peakMilliC / 1_000 : undefined,
    direction: isExcursion ? finding.direction : undefined,
    end_ms: endMs === null ? reopened : BigInt(endMs),
    text_en: en,
    text_zh: zh,
  }
  const start = {
    ...at,
    tMs: startMs,
    fields: { ...fields, phase: 'start', open: state === 'open' ? 1n : 0n },
  }
  if (endMs === null) return [start]
  return [start, { ...at, tMs: endMs, sub: 1, fields: { ...fields, phase: 'end', open: 0n } }]
}
