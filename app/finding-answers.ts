import { instantText, instantTextOrNull } from '../domain/index.ts'
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
  const { startMs, alarmMs, endMs, peakMilliC, peakMs, observedMs, worstCaseMs, ...same } = finding
  return {
    ...same,
    kind: 'excursion',
    start: instantText(startMs),
    alarm: instantTextOrNull(alarmMs),
    end: instantTextOrNull(endMs),
    peak: peakMilliC / 1_000,
    peakAt: instantText(peakMs),
    observedSeconds: observedMs / 1_000,
    worstCaseSeconds: worstCaseMs / 1_000,
    asOf: instantText(asOfMs),
  }
}
