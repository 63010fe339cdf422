import type { RuleActivationFact, RulePack } from '../domain/index.ts'

/** A decision about a version of a rule pack that nobody has taken, as from `changeMs` on. */
export interface RuleTrial {
  readonly pack: string
  readonly version: number
  readonly organisation: string
  readonly state: RuleActivationFact['state']
  readonly changeMs: number
  /** The pack itself, when it is not among those of this version. */
  readonly file?: RulePack
}

/** What is asked about rules; the answers are not pages. */
export interface RuleQueries {
  /** Where a rule holds: point by point, with the versions and their times. */
  'rules.where': { readonly rule: string }
  /** Ids of the points at which other rules would hold. Throws `bad-request`, `not-found`. */
  'rules.concerned': RuleTrial
  /** What would be found at a point, from the readings between two instants, that is not, and the reverse. */
  'rules.what-if': RuleTrial & { readonly point: string; readonly fromMs: number; readonly toMs: number }
}
