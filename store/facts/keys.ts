import { ROOT_SCOPE } from '../../domain/index.ts'
import { act, openFact } from './act.ts'
import { checkRole, checkText, optionalReason, refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { organisationOf } from './lookups.ts'
import { present } from './rows.ts'
import { newId, newSecret, sha256Hex } from './secrets.ts'
import { changeFrom } from './timeline.ts'

/** Commands about API keys. */
export const keyCommands: CommandHandlers<'key.create' | 'key.revoke'> = {
  'key.create': async ({ tx, actor, random }, input) => {
    const { name, organisation, role } = input
    checkText('name', name)
    checkRole(role)
    const reason = optionalReason(input.reason)
    if (organisation !== ROOT_SCOPE) await organisationOf(tx, organisation)
    const id = newId('k', random)
    const details = { id, organisation, role, state: 'active' } as const
    const subject = `key:${id}`
    const entry = await act(tx, { kind: 'key.create', actor, subject, reason, old: null, new: details })
    const secret = newSecret('key', random)
    const key = await openFact(entry, 'key', { ...details, name, sha256: sha256Hex(secret) })
    return { key, secret }
  },

  'key.revoke': async ({ tx, actor }, { id, ...input }) => {
    const reason = requiredReason(input.reason)
    const key = await present(tx, 'key', { id })
    if (key === undefined) throw refusal('not-found', `There is no API key ${id}.`, 'Correct the id.')
    if (key.state === 'revoked') {
      throw refusal('already-revoked', `API key ${id} is revoked.`, 'Nothing needs to be done.')
    }
    const entry = await act(tx, {
      kind: 'key.revoke',
      actor,
      subject: `key:${id}`,
      reason,
      old: { state: 'active' },
      new: { state: 'revoked' },
    })
    return changeFrom(entry, 'key', { id }, entry.atMs, { state: 'revoked' })
  },
}
