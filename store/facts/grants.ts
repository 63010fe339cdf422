import { ROOT_SCOPE, type Role } from '../../domain/index.ts'
import { act, openFact } from './act.ts'
import { checkRole, optionalReason, refusal, requiredReason } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { activeUser, organisationOf } from './lookups.ts'
import type { FactsReader } from './port.ts'
import { present } from './rows.ts'
import { changeFrom } from './timeline.ts'

/** The role that may hand out any role; on `root`, everywhere. */
const administrator = { organisation: ROOT_SCOPE, role: 'administrator' } as const

/** Commands about what people may do. */
export const grantCommands: CommandHandlers<'user.grant' | 'user.revoke-grant'> = {
  'user.grant': async ({ tx, actor }, { id, organisation, role, ...input }) => {
    const reason = optionalReason(input.reason)
    const user = await activeUser(tx, id)
    await checkGrant(tx, organisation, role)
    const key = { user: id, organisation, role }
    const held = await present(tx, 'grant', key)
    if (held?.state === 'active') {
      throw refusal(
        'already-exists',
        `User ${id} is ${role} on ${organisation} already.`,
        'Nothing needs to be done.',
      )
    }
    const entry = await act(tx, {
      kind: 'user.grant',
      actor,
      subject: `user:${id}`,
      reason,
      old: null,
      new: { organisation, role },
    })
    if (held === undefined) await openFact(entry, 'grant', { ...key, state: 'active' })
    else await changeFrom(entry, 'grant', key, entry.atMs, { state: 'active' })
    return user
  },

  'user.revoke-grant': async ({ tx, actor }, { id, organisation, role, ...input }) => {
    checkRole(role)
    const reason = requiredReason(input.reason)
    const user = await activeUser(tx, id)
    const key = { user: id, organisation, role }
    const held = await present(tx, 'grant', key)
    if (held === undefined) {
      throw refusal('not-found', `User ${id} is not ${role} on ${organisation}.`, 'List the roles they hold.')
    }
    if (held.state === 'revoked') {
      throw refusal(
        'already-revoked',
        `User ${id} is no longer ${role} on ${organisation}.`,
        'Nothing needs to be done.',
      )
    }
    if (organisation === administrator.organisation && role === administrator.role) {
      await checkAnotherAdministrator(tx, id)
    }
    const entry = await act(tx, {
      kind: 'user.revoke-grant',
      actor,
      subject: `user:${id}`,
      reason,
      old: { organisation, role },
      new: null,
    })
    await changeFrom(entry, 'grant', key, entry.atMs, { state: 'revoked' })
    return user
  },
}

/** Throws `bad-request` unless the role exists, and `not-found` unless there is something to hold it on. */
export async function checkGrant(reader: FactsReader, organisation: string, role: Role): Promise<void> {
  checkRole(role)
  if (organisation !== ROOT_SCOPE) await organisationOf(reader, organisation)
}

/**
 * Throws `conflict` when this user is the only active one who administers `root`: with nobody left, nobody could
 * hand out roles on everything ever again.
 */
export async function checkAnotherAdministrator(reader: FactsReader, id: string): Promise<void> {
  const administrators = await reader.all(
    reader.db
      .selectFrom('live_grant as held')
      .innerJoin('live_user as user', 'user.id', 'held.user')
      .select('user.id')
      .where('held.organisation', '=', administrator.organisation)
      .where('held.role', '=', administrator.role)
      .where('held.state', '=', 'active')
      .where('held.validTo', 'is', null)
      .where('user.state', '=', 'active')
      .where('user.validTo', 'is', null)
      .limit(2),
  )
  if (administrators.length !== 1 || administrators[0]?.id !== id) return
  throw refusal(
    'conflict',
    `User ${id} is the last active administrator of ${ROOT_SCOPE}.`,
    `Make somebody else administrator on ${ROOT_SCOPE} first.`,
  )
}
