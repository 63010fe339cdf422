export {
  type Completeness,
  type CompletenessPiece,
  completenessTotals,
  type HeldTally,
  type IntervalCounter,
  intervalCounter,
} from './completeness.ts'
export { reportCsv } from './csv.ts'
export type { IncidentsOf, ReportIncident, ReportMessage } from './incident.ts'
export { reportJson } from './json.ts'
export type { Named } from './named.ts'
export {
  type AffectedLot,
  type ConditionRow,
  type ExcursionReport,
  type ReportLanguage,
  reportLanguages,
  type ReportLot,
  type ReportPack,
  type ReportRow,
  type ReportSite,
  type ReportSubject,
} from './report.ts'
export { reportXlsx } from './xlsx.ts'
