export {
  changes,
  type FindingChange,
  type FindingChanges,
  type FindingReplacement,
} from './engine/changes.ts'
export {
  type ExplainedReading,
  explainFinding,
  type Explanation,
  type UnknownCause,
  type UnknownSpan,
} from './engine/explain.ts'
export type {
  DutyPeriod,
  EngineInput,
  ExpectedInterval,
  PointHistory,
  PointInput,
  PointReading,
  PointSubject,
  RuleInForce,
} from './engine/input.ts'
export { PointFollower, type PointState, prepared, type PreparedPoint } from './engine/follow.ts'
export { findings, type Judgement, judgePoint } from './engine/judge.ts'
export { PointLine } from './engine/line.ts'
export {
  assessMkt,
  assessMktOfEnergies,
  DELTA_H_BY_R_K,
  deltaHByRK,
  meanKineticC,
  MKT_WINDOWS_MS,
  type MktAssessment,
  type MktWindow,
  type Weighted,
} from './engine/mkt.ts'
export { type FindingField, findingsJson } from './engine/order.ts'
export { type Contact, type ContactInput, silencesOf } from './engine/silence.ts'
export { rejudgeFrom, restartInstant } from './engine/restart.ts'
export { RestartSearch } from './engine/restart-search.ts'
export type { Span } from './engine/spans.ts'
export { type Band, placeTimeInBand, type TimeInBand, timeInBand, type TotalsQuery } from './engine/totals.ts'
export * from './notify/index.ts'
export { loadRulePack, RULE_PACK_BYTES_MAX } from './rules/load.ts'
export { rulePackSchema } from './rules/schema.ts'
export {
  AGAIN_WAIT_MS,
  decide,
  type IncidentLine,
  isCallDue,
  LATE_WAIT_MS,
  type Member,
  type UnresolvedIncident,
} from './incidents/decide.ts'
