import { instantText, instantTextOrNull, labelOfFinding } from '../domain/index.ts'
import type { Finding } from '../domain/index.ts'
import type { FactsReads, FindingReads, JudgedFinding, Queries } from '../store/index.ts'

/** Answers about findings; a finding is within reach where its place is. */
export function findingAnswers(findings: FindingReads, facts: FactsReads) {
  return {
    findings: async ({ scopes, place, ...filter }: Queries['findings']) => {
      const inScope = await facts.placeIdsIn(scopes)
      const places = place === undefined ? inScope : [place].filter((id) => inScope?.includes(id) ?? true)
      const { items, next } = findings.page({ ...filter, ...(places === undefined ? {} : { places }) })
      return { items: items.map(findingAnswer), next }
    },
  }
}

/** A finding as answered. */
export function findingAnswer({ finding, asOfMs }: JudgedFinding): object {
  const { startMs, alarmMs, endMs, observedMs, worstCaseMs } = finding
  const { id, kind, place, point, rule, packVersion, level, state, open, endReason } = finding
  const same = { id, kind, place, point, rule, packVersion, level, state, open, endReason }
  return {
    ...same,
    ...valuesOf(finding),
    start: instantText(startMs),
    alarm: instantTextOrNull(alarmMs),
    end: instantTextOrNull(endMs),
    observedSeconds: observedMs / 1_000,
    worstCaseSeconds: worstCaseMs / 1_000,
    asOf: instantText(asOfMs),
  }
}

/** What findings of some kinds only have; a silence, and records too far apart, rest on no readings that are out. */
function valuesOf(finding: Finding) {
  const { bridged, readings, confirmedBySingleReading } =
    'readings' in finding ? finding : { bridged: false, readings: 0, confirmedBySingleReading: false }
  const isCadence = finding.kind === 'cadence'
  const isExcursion = finding.kind === 'excursion'
  const label = isExcursion ? labelOfFinding(finding) : null
  return {
    direction: isExcursion ? finding.direction : null,
    peak: isExcursion ? finding.peakMilliC / 1_000 : null,
    peakAt: isExcursion ? instantText(finding.peakMs) : null,
    label: label === null ? null : { product: label.product, limit: label.limitMilliC / 1_000 },
    bridged,
    readings,
    confirmedBySingleReading,
    intervals: isCadence ? finding.intervals : null,
    longestSeconds: isCadence ? finding.longestMs / 1_000 : null,
  }
}
