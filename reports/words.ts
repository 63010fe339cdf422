import type {
  ChannelName,
  Confidence,
  Direction,
  EndReason,
  FindingKind,
  FindingState,
  IncidentResolution,
  IncidentState,
  MessageState,
  MessageTemplate,
  RuleLevel,
  Severity,
} from '../domain/index.ts'
import type { ReportLanguage } from './report.ts'
import { enNames, enText } from './words-en.ts'
import { zhNames, zhText } from './words-zh.ts'

/** Words for the names that stand in the data. A name without a word is an error of the compiler. */
export interface NameWords {
  readonly level: Readonly<Record<RuleLevel, string>>
  readonly direction: Readonly<Record<Direction, string>>
  readonly findingKind: Readonly<Record<FindingKind, string>>
  readonly findingState: Readonly<Record<FindingState, string>>
  readonly endReason: Readonly<Record<EndReason, string>>
  readonly confidence: Readonly<Record<Confidence, string>>
  readonly incidentState: Readonly<Record<IncidentState, string>>
  readonly resolution: Readonly<Record<IncidentResolution, string>>
  readonly channel: Readonly<Record<ChannelName, string>>
  readonly template: Readonly<Record<MessageTemplate, string>>
  readonly messageState: Readonly<Record<MessageState, string>>
  readonly severity: Readonly<Record<Severity, string>>
}

/** Titles, labels and notes. A word that a language lacks is an error of the compiler. */
export type TextWords = Readonly<Record<keyof typeof zhText, string>>

/** Every word of a report in one language. */
export type Words = TextWords & {
  readonly language: ReportLanguage
  readonly names: NameWords
}

const dictionary: Readonly<Record<ReportLanguage, Words>> = {
  zh: { ...zhText, names: zhNames, language: 'zh' },
  en: { ...enText, names: enNames, language: 'en' },
}

/** The words of a language. */
export function wordsOf(language: ReportLanguage): Words {
  return dictionary[language]
}
