import type { FactColumns } from './fact-columns.ts'
import { instantText, instantTextOrNull } from './instant.ts'

/** What became of a proposal; see `RuleProposalFact`. */
export const ruleProposalStatuses = [
  'proposed',
  'approved',
  'refused',
  'in-force',
  'reviewed',
  'revoked',
] as const
/** One status; see `ruleProposalStatuses`. */
export type RuleProposalStatus = (typeof ruleProposalStatuses)[number]

/**
 * A change of which rules hold, as somebody proposed it. `proposed`: nothing holds before a second person approves it
 * (`approved`) or somebody refuses it (`refused`). `in-force`: an emergency, which held at once and waits to be
 * reviewed: it stays (`reviewed`) or ends (`revoked`).
 */
export interface RuleProposalFact extends FactColumns {
  readonly id: string
  readonly pack: string
  readonly version: number
  /** Or `root`. */
  readonly organisation: string
  readonly state: 'active' | 'inactive'
  /** What was said when it was proposed; null: nothing. */
  readonly stateBefore: 'active' | 'inactive' | null
  /** Since when it is to hold, epoch ms; null: since it is approved. */
  readonly effectiveMs: number | null
  readonly emergency: 0 | 1
  readonly correction: 0 | 1
  readonly status: RuleProposalStatus
  readonly proposedBy: string
}

/** A proposal as lists and commands answer it. */
export function ruleProposalItem(proposal: RuleProposalFact) {
  const { id, pack, version, organisation, state, status, proposedBy } = proposal
  return {
    id,
    pack,
    version,
    organisation,
    state,
    status,
    emergency: proposal.emergency === 1,
    correction: proposal.correction === 1,
    from: instantTextOrNull(proposal.effectiveMs),
    proposedBy,
    reason: proposal.reason,
    recordedAt: instantText(proposal.recordedAt),
    recordedBy: proposal.recordedBy,
  }
}
