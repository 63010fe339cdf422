export type { Choice } from './columns.ts'
export type { Connect } from './delivery.ts'
export { encodeReading, encodeReadings } from './encoder.ts'
export { MEMORY_READINGS_MAX } from './device.ts'
export { startFleet } from './fleet.ts'
export type { Fleet, FleetCounts, FleetOptions, HandInProgress } from './fleet.ts'
export type {
  LoggerFile,
  LoggerFileOptions,
  LoggerFilePlan,
  LoggerRow,
  RejectedRow,
  RejectReason,
} from './logger-row.ts'
export type {
  CityPlan,
  PlannedDevice,
  PlannedOrganisation,
  PlannedPlace,
  PlannedSensor,
  PlanName,
} from './plan.ts'
export { readLoggerFile } from './logger-file.ts'
export { rejectReasons } from './logger-row.ts'
export type { ReplayOptions, ReplayProgress, ReplayResult } from './replay.ts'
export { READINGS_PER_MESSAGE_MAX, replay, WINDOW_DEFAULT, WINDOW_MAX } from './replay.ts'
export type { Trip } from './physics/trips.ts'
export { tripsOf } from './physics/trips.ts'
export type { Episode, Scenario, ScenarioName } from './scenarios.ts'
export { scenarioNames, scenarios } from './scenarios.ts'
export type { LoadOptions, LoadProgress, LoadResult } from './load.ts'
export { runLoad } from './load.ts'
export type { ScenarioStage } from './scenario-plan.ts'
export { scenarioPlan } from './scenario-plan.ts'
export type { FileBytes } from './table.ts'
export { LOGGER_FILE_BYTES_MAX } from './table.ts'
export type { Unit } from './temperature.ts'
export type { TimeFormat } from './times.ts'
export { timeFormats } from './times.ts'
export { xicheng } from './xicheng/xicheng.ts'
