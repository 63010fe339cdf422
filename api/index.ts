export type { Access, Caller, HeldGrant, NamedThing, Scope, ThingScope } from './access.ts'
export { publicAccess } from './access.ts'
export { SESSION_COOKIE } from './caller.ts'
export { callerOf, declarePublic } from './guard.ts'
export type {
  AccessFacts,
  ApiParts,
  Health,
  Intake,
  IntakeParts,
  IntakeRequest,
  PasswordPort,
  ShellParts,
  TakeReceipt,
} from './ports.ts'
export type { ProblemDocument } from './problems.ts'
export { createApi, createIntakeApi } from './server.ts'
