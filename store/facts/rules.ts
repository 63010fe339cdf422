import type { RuleActivationFact, RuleProposalFact } from '../../domain/index.ts'
import { actorName, instantText, ROOT_SCOPE } from '../../domain/index.ts'
import type { RuleDecision, RuleProposal, RuleVerdict } from '../contract-rules.ts'
import { act, type Act, appendFact, openFact } from './act.ts'
import { CLOCK_TOLERANCE_MS, checkId, checkWhole, effectiveFrom, refusal, requiredReason } from './checks.ts'
import type { CommandContext, CommandHandlers } from './command.ts'
import { organisationOf } from './lookups.ts'
import { history, liveBy, present } from './rows.ts'
import { ownColumns } from './schema.ts'
import { newId } from './secrets.ts'
import { changeFrom, changeUntilNext, rowAt } from './timeline.ts'

/** Nobody writes as many versions of a pack by hand. */
const PACK_VERSION_MAX = 1_000_000

/** Commands about which rule packs hold where. */
export const ruleCommands: CommandHandlers<
  'rules.activate' | 'rules.deactivate' | 'rules.propose' | 'rules.approve' | 'rules.refuse'
> = {
  'rules.activate': (context, input) => decide(context, input, 'active'),
  'rules.deactivate': (context, input) => decide(context, input, 'inactive'),
  'rules.propose': propose,
  'rules.approve': approve,
  'rules.refuse': refuse,
}

async function decide(
  context: CommandContext,
  input: RuleDecision,
  state: RuleActivationFact['state'],
): Promise<RuleActivationFact> {
  const { tx, actor } = context
  const { key, reason, fromMs, before } = await checked(context, input, state)
  const entry = await act(tx, {
    kind: state === 'active' ? 'rules.activate' : 'rules.deactivate',
    actor,
    subject: `rules:${key.pack}`,
    reason,
    old: { state: before },
    new: { version: key.version, organisation: key.organisation, state, fromMs },
  })
  return changeUntilNext(entry, 'rule_activation', { ...key, state }, fromMs)
}

/** What every decision must be, and what it would change. */
async function checked(
  context: CommandContext,
  { pack, version, organisation, ...input }: RuleDecision,
  state: RuleActivationFact['state'],
) {
  const { tx } = context
  checkId('rule pack', pack)
  checkWhole('version', version, 1, PACK_VERSION_MAX)
  const reason = requiredReason(input.reason)
  const fromMs = effectiveFrom(context, input.fromMs, reason)
  if (organisation !== ROOT_SCOPE) await organisationOf(tx, organisation)
  const key = { pack, version, organisation }
  const before = rowAt(await history(tx, 'rule_activation', key), fromMs)?.state ?? null
  if (before === state) {
    throw refusal(
      'already-exists',
      `Version ${version} of ${pack} is ${state} for ${organisation} at that time.`,
      'Nothing needs to be done.',
    )
  }
  return { key, reason, fromMs, before }
}

async function propose(
  context: CommandContext,
  { state, emergency, correction, ...input }: RuleProposal,
): Promise<RuleProposalFact> {
  const { tx, actor, random, nowMs } = context
  const { key, reason, fromMs, before } = await checked(context, input, state)
  const isPast = input.fromMs !== undefined && input.fromMs < nowMs - CLOCK_TOLERANCE_MS
  if (isPast && correction !== true) {
    throw refusal(
      'bad-request',
      `The change was to hold since ${instantText(fromMs)}, which is past: what was judged since would become other findings.`,
      'Leave `from` out, or say that it is a correction (`correction`: true): the audit trail will tell so.',
    )
  }
  if (isPast && emergency === true) {
    throw refusal(
      'bad-request',
      `An emergency was to hold since ${instantText(fromMs)}, which is past.`,
      'Leave `from` out: an emergency holds from now on. What is past is a correction, which a second person approves.',
    )
  }
  const all = await liveBy(tx, 'rule_proposal', 'organisation', key.organisation)
  const same = all
    // what it was before is a row that is over
    .filter(({ validTo }) => validTo === null)
    .find((row) => row.pack === key.pack && row.version === key.version && row.status === 'proposed')
  if (same !== undefined) {
    throw refusal(
      'already-exists',
      `Proposal ${same.id} about version ${key.version} of ${key.pack} waits for a second person.`,
      'Approve or refuse that one first.',
    )
  }
  const id = newId('r', random)
  const told = { proposal: id, version: key.version, organisation: key.organisation, state }
  const flags = { emergency: oneIf(emergency), correction: oneIf(correction) }
  const entry = await act(tx, {
    kind: 'rules.propose',
    actor,
    subject: `rules:${key.pack}`,
    reason,
    old: { state: before },
    new: { ...told, ...flags, fromMs: input.fromMs ?? null },
  })
  if (emergency === true) await changeUntilNext(entry, 'rule_activation', { ...key, state }, fromMs)
  const values = { ...key, id, state, ...flags, effectiveMs: input.fromMs ?? null, stateBefore: before }
  const status = emergency === true ? ('in-force' as const) : ('proposed' as const)
  return openFact(entry, 'rule_proposal', { ...values, status, proposedBy: actorName(actor) }, tx.atMs)
}

function oneIf(flag: boolean | undefined): 0 | 1 {
  return flag === true ? 1 : 0
}

async function approve(context: CommandContext, verdict: RuleVerdict): Promise<RuleProposalFact> {
  const { tx } = context
  const proposal = await waiting(context, verdict)
  await checkSecondPerson(context, proposal)
  const status = proposal.status === 'proposed' ? 'approved' : 'reviewed'
  const entry = await verdictAct(context, 'rules.approve', verdict, proposal, status)
  if (status === 'approved') {
    // what was to hold since now, then, is not to hold since before somebody agreed
    const fromMs = proposal.correction === 1 ? (proposal.effectiveMs ?? tx.atMs) : tx.atMs
    const { pack, version, organisation, state } = proposal
    await changeUntilNext(entry, 'rule_activation', { pack, version, organisation, state }, fromMs)
  }
  return changeFrom(entry, 'rule_proposal', { id: proposal.id }, tx.atMs, { status })
}

/** A person who is signed in, and neither has proposed it nor made the key that did. */
async function checkSecondPerson({ tx, actor }: CommandContext, proposal: RuleProposalFact): Promise<void> {
  if (actor.kind !== 'user') {
    throw refusal(
      'not-allowed',
      `${actorName(actor)} is nobody who could have a second opinion.`,
      'Let a person decide who is signed in: by the API, with a session.',
    )
  }
  const [kind = '', id = ''] = proposal.proposedBy.split(':')
  const [made] = kind === 'key' ? await history(tx, 'key', { id }) : []
  if (actorName(actor) !== proposal.proposedBy && actorName(actor) !== made?.recordedBy) return
  throw refusal(
    'not-allowed',
    `Proposal ${proposal.id} is your own.`,
    'Let a second person decide; a change that cannot wait is proposed as an emergency.',
  )
}

async function refuse(context: CommandContext, verdict: RuleVerdict): Promise<RuleProposalFact> {
  const proposal = await waiting(context, verdict)
  const { tx } = context
  const status = proposal.status === 'proposed' ? 'refused' : 'revoked'
  // to take back what waits changes nothing; to end what holds is a change of its own
  if (status === 'revoked') await checkSecondPerson(context, proposal)
  const entry = await verdictAct(context, 'rules.refuse', verdict, proposal, status)
  if (status === 'revoked') await restore(entry, proposal)
  return changeFrom(entry, 'rule_proposal', { id: proposal.id }, tx.atMs, { status })
}

/** What was said before an emergency is said again, from now on. Throws `conflict` when something else was since. */
async function restore(entry: Act, proposal: RuleProposalFact): Promise<void> {
  const { tx } = entry
  const { pack, version, organisation, stateBefore } = proposal
  const key = { pack, version, organisation }
  const row = rowAt(await history(tx, 'rule_activation', key), tx.atMs)
  if (row?.recordedAt !== proposal.recordedAt || row.state !== proposal.state) {
    throw refusal(
      'conflict',
      `Since emergency ${proposal.id} something else was decided about version ${version} of ${pack}.`,
      'Approve it as reviewed, and propose what is to hold now.',
    )
  }
  if (stateBefore !== null) {
    await changeUntilNext(entry, 'rule_activation', { ...key, state: stateBefore }, tx.atMs)
    return
  }
  const { validFrom, fact } = row
  const over = { validFrom, validTo: Math.max(tx.atMs, validFrom + 1), supersedes: fact }
  await appendFact(entry, 'rule_activation', ownColumns('rule_activation', row), over)
}

async function waiting({ tx }: CommandContext, { proposal: id, organisation }: RuleVerdict) {
  const proposal = await present(tx, 'rule_proposal', { id })
  if (proposal === undefined || proposal.organisation !== organisation) {
    throw refusal(
      'not-found',
      `There is no proposal ${id} about the rules of ${organisation}.`,
      'List the proposals.',
    )
  }
  if (proposal.status === 'proposed' || proposal.status === 'in-force') return proposal
  throw refusal('conflict', `Proposal ${id} was ${proposal.status} before.`, 'Nothing needs to be done.')
}

async function verdictAct(
  { tx, actor }: CommandContext,
  kind: 'rules.approve' | 'rules.refuse',
  verdict: RuleVerdict,
  proposal: RuleProposalFact,
  status: RuleProposalFact['status'],
): Promise<Act> {
  const { id, pack, version, organisation, state, effectiveMs } = proposal
  return act(tx, {
    kind,
    actor,
    subject: `rules:${pack}`,
    reason: requiredReason(verdict.reason),
    old: { proposal: id, status: proposal.status },
    new: { proposal: id, status, version, organisation, state, fromMs: effectiveMs },
  })
}
