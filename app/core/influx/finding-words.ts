import { findingText } from '../../../alerts/index.ts'
import { causeOf, type Finding, type RulePack, ruleOfFinding } from '../../../domain/index.ts'
import type { FactsView, FindingWords } from '../../../store/index.ts'
import { whatIs } from '../incidents/messages.ts'

/** What the points of findings say in words, by the facts and rules there are. */
export function findingWords(
  view: Pick<FactsView, 'place'>,
  packs: readonly RulePack[],
): (finding: Finding) => FindingWords {
  return (finding) => {
    const place = view.place(finding.place)
    const what = whatIs({ cause: causeOf(finding) }, finding, ruleOfFinding(packs, finding))
    const isSuspected = finding.state === 'suspected'
    return {
      site: place?.site,
      zh: `${place?.name ?? finding.place} · ${findingText('zh', what, isSuspected)}`,
      en: `${place?.nameEn ?? place?.name ?? finding.place} · ${findingText('en', what, isSuspected)}`,
    }
  }
}
