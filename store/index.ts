export type * from './contract.ts'
export type * from './contract-held.ts'
export type * from './contract-incidents.ts'
export type * from './contract-places.ts'
export type * from './contract-rules.ts'
export type * from './readings/port.ts'
export type * from './readings/canonical-port.ts'
export type * from './readings/latest-port.ts'
export type * from './findings/port.ts'
export { type DeskStore, type DeskTransaction, openDeskStore } from './incidents/desk.ts'
export { type NewMessage, openOutbox } from './incidents/outbox.ts'
export { incidentItem, type IncidentStory } from './incidents/lists.ts'
export { openFindingReads } from './findings/reads.ts'
export { openCanonicalReads } from './readings/reads.ts'
export {
  carryFindings,
  carryProjection,
  compareReadings,
  type RebuiltPair,
  requireSound,
  type TableDifference,
} from './readings/rebuilding.ts'
export { type Miscount, openRecount, type Recount } from './readings/recount.ts'
export { openCanonicalStore } from './readings/store.ts'
export { type SchemaVersions, schemaVersionsOf } from './schema-versions.ts'
export {
  consumersIn,
  copyDatabases,
  type CopyOptions,
  type DatabaseCopy,
  factVersionIn,
} from './database-copy.ts'
export type { AuditWindowInput, WindowAct } from './facts/audit-window.ts'
export { createCommands } from './facts/commands.ts'
export { type DeviceAdmissions, deviceFactsAt, devicePolicies } from './facts/device-policies.ts'
export { openFacts } from './facts/facts.ts'
export {
  checkPassword,
  encodePasswordHash,
  hashPassword,
  parsePasswordHash,
  verifyPassword,
} from './facts/passwords.ts'
export type { Facts } from './facts/port.ts'
export { openPostgresFacts, openPostgresFactsReads, type PostgresPlace } from './facts/postgres.ts'
export { type FactsReads, openFactsReads } from './facts/reads.ts'
export { checkItem } from './facts/place-checks.ts'
export { REFUSALS_PER_CALL_MAX } from './facts/refusals.ts'
export { sha256Hex } from './facts/secrets.ts'
export { registerSensors, SENSORS_PER_CALL_MAX } from './facts/sensors.ts'
export { createFactsView, type FactsView } from './facts/view.ts'
export type { PlacesView } from './facts/view-places.ts'
export {
  type DataDirectoryLock,
  isDataDirectoryLocked,
  lockDataDirectory,
  lockDataDirectoryWithin,
  lockHolder,
  type LockHolder,
} from './lock.ts'
export type { HttpFetch, InfluxAnswer, InfluxHttp, InfluxTarget } from './influx/http.ts'
export { influxHttp } from './influx/http.ts'
export { type BesideProjection, takeAway, writePoints } from './influx/beside.ts'
export { LINES_PER_WRITE } from './influx/line.ts'
export type { FindingWords } from './influx/finding-points.ts'
export { projectFindings } from './influx/findings-projection.ts'
export type { InfluxPoint } from './influx/point.ts'
export { countPoints, type PointCount } from './influx/count.ts'
export type { Projection, ProjectionStatus } from './influx/projection.ts'
export { runInfluxProjection } from './influx/projection.ts'
export type { ProjectedPlaces } from './influx/reprojection.ts'
export { influxReads } from './influx/reads.ts'
export type { InfluxWriter, Stopped } from './influx/writer.ts'
export { influxWriter } from './influx/writer.ts'
