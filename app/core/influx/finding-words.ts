import { findingText } from '../../../alerts/index.ts'
import { causeOf, type Finding, type RulePack, ruleOfFinding } from '../../../domain/index.ts'
import type { FactsView, FindingWords } from '../../../store/index.ts'

/** What the points of findings say in words, by the facts and rules there are. */
export function findingWords(
  view: Pick<FactsView, 'place' | 'point'>,
  packs: readonly RulePack[],
): (finding: Finding) => FindingWords {
  return (finding) => {
    const place = view.place(finding.place)
    const what = whatIs(finding, packs)
    const isSuspected = finding.state === 'suspected'
    return {
      site: place?.site,
      zh: `${place?.name ?? finding.place} · ${findingText('zh', what, isSuspected)}`,
      en: `${place?.nameEn ?? place?.name ?? finding.place} · ${findingText('en', what, isSuspected)}`,
    }
  }
}

function whatIs(finding: Finding, packs: readonly RulePack[]): Parameters<typeof findingText>[1] {
  const cause = causeOf(finding)
  if (finding.kind !== 'excursion') return { cause: finding.kind }
  const rule = ruleOfFinding(packs, finding)
  const { peakMilliC } = finding
  const limit =
    rule?.quantity === 'temperature'
      ? { operator: rule.operator, milliC: rule.limitMilliC }
      : ({ operator: cause === 'warm' ? '>' : '<', milliC: peakMilliC } as const)
  return { peakMilliC, limit }
}
