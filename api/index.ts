export type { Access, Caller, HeldGrant, NamedThing, Scope, ThingScope } from './access.ts'
export { publicAccess } from './access.ts'
export { SESSION_COOKIE } from './caller.ts'
export { callerOf, declarePublic } from './guard.ts'
export type { LiveHubParts, LiveStats } from './live/hub-parts.ts'
export { LiveHub } from './live/hub.ts'
export type { LiveChange, LiveSectionName, LiveThing, LiveWhere } from './live/state.ts'
export { type LiveSink, STUCK_MS_MAX, UNSENT_BYTES_MAX } from './live/stream.ts'
export type {
  AccessFacts,
  ApiParts,
  Health,
  Intake,
  IntakeParts,
  IntakeRequest,
  PageFile,
  PasswordPort,
  ShellParts,
  TakeReceipt,
} from './ports.ts'
export type { ProblemDocument } from './problems.ts'
export { createApi, createIntakeApi } from './server.ts'
