import type { RuleActivationFact } from '../../domain/index.ts'
import { ROOT_SCOPE } from '../../domain/index.ts'
import type { RuleActivation } from '../contract-places.ts'
import { act } from './act.ts'
import { checkId, checkWhole, effectiveFrom, refusal, requiredReason } from './checks.ts'
import type { CommandContext, CommandHandlers } from './command.ts'
import { organisationOf } from './lookups.ts'
import { history } from './rows.ts'
import { changeUntilNext, rowAt } from './timeline.ts'

/** Nobody writes as many versions of a pack by hand. */
const PACK_VERSION_MAX = 1_000_000

/** Commands about which rule packs hold where. */
export const ruleCommands: CommandHandlers<'rules.activate' | 'rules.deactivate'> = {
  'rules.activate': (context, input) => decide(context, input, 'active'),
  'rules.deactivate': (context, input) => decide(context, input, 'inactive'),
}

async function decide(
  context: CommandContext,
  { pack, version, organisation, ...input }: RuleActivation,
  state: RuleActivationFact['state'],
): Promise<RuleActivationFact> {
  const { tx, actor } = context
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
  const entry = await act(tx, {
    kind: state === 'active' ? 'rules.activate' : 'rules.deactivate',
    actor,
    subject: `rules:${pack}`,
    reason,
    old: { state: before },
    new: { version, organisation, state, fromMs },
  })
  return changeUntilNext(entry, 'rule_activation', { ...key, state }, fromMs)
}
