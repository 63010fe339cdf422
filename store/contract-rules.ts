import type { RuleActivationFact, RulePack, RuleProposalFact } from '../domain/index.ts'
import type { Command, PageInput } from './contract.ts'

/** Which version of which pack, where (an organisation, or `root`), since when and why. */
export interface RuleDecision {
  readonly pack: string
  readonly version: number
  readonly organisation: string
  readonly fromMs?: number
  readonly reason: string
}

/** A change that a second person is to approve. */
export interface RuleProposal extends RuleDecision {
  readonly state: RuleActivationFact['state']
  /** It cannot wait: it holds at once, and is reviewed afterwards. */
  readonly emergency?: boolean
  /** It is meant to hold since an instant that is past. */
  readonly correction?: boolean
}

/** What somebody says to a proposal; `organisation` is that of the proposal. */
export interface RuleVerdict {
  readonly organisation: string
  readonly proposal: string
  readonly reason: string
}

/** Commands about which rule packs hold where. The caller has checked that there is such a pack. */
export interface RuleCommands {
  /**
   * A version of a rule pack holds for an organisation (or `root`) from then until the next recorded change, the
   * rules nobody has seen in the text included. By nobody's approval: for demonstrations, and for tests.
   */
  'rules.activate': Command<RuleDecision, RuleActivationFact>
  /** It does not hold, the rules that hold without an act included. */
  'rules.deactivate': Command<RuleDecision, RuleActivationFact>
  /** Proposes either. An emergency holds at once. */
  'rules.propose': Command<RuleProposal, RuleProposalFact>
  /**
   * A second person lets a proposal hold, a correction from the instant it names, else from now on; of an emergency,
   * says that it was right. Throws `not-allowed` for who has proposed it or made the key that did, and for all but
   * users; `conflict` when it was decided before.
   */
  'rules.approve': Command<RuleVerdict, RuleProposalFact>
  /**
   * Somebody refuses a proposal, or takes it back. A second person ends an emergency: what was said before is said
   * again from now on. Throws `conflict` when something else was decided since.
   */
  'rules.refuse': Command<RuleVerdict, RuleProposalFact>
}

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

/** What is asked about rules; but for the proposals the answers are no pages. */
export interface RuleQueries {
  /** The newest first. `waiting`: only those that nobody has decided. */
  'rule-proposals': PageInput & { readonly waiting?: boolean }
  /** Where a rule holds: point by point, with the versions and their times. */
  'rules.where': { readonly rule: string }
  /** Ids of the points at which other rules would hold. Throws `bad-request`, `not-found`. */
  'rules.concerned': RuleTrial
  /** What would be found at a point, from the readings between two instants, that is not, and the reverse. */
  'rules.what-if': RuleTrial & { readonly point: string; readonly fromMs: number; readonly toMs: number }
}
