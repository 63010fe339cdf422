import { sql } from 'kysely'
import { isName, type UserFact } from '../../domain/index.ts'
import type { NewUser } from '../contract.ts'
import { act, openFact } from './act.ts'
import { optionalReason, refusal, requiredReason } from './checks.ts'
import type { CommandContext, CommandHandlers } from './command.ts'
import { checkAnotherAdministrator, checkGrant } from './grants.ts'
import { activeUser, checkHashStands } from './lookups.ts'
import { parsePasswordHash } from './passwords.ts'
import type { FactsReader } from './port.ts'
import { newId } from './secrets.ts'
import { endSessionsOf } from './sessions.ts'
import { changeFrom } from './timeline.ts'

/** Commands about people and how they sign in. */
export const userCommands: CommandHandlers<
  'user.create' | 'user.set-password' | 'user.deactivate' | 'user.password-hash'
> = {
  'user.create': (context, input) => createUser(context, 'user.create', input),

  'user.set-password': async ({ tx, actor, nowMs }, { id, passwordHash, checkedHash, ...input }) => {
    checkHash(passwordHash)
    const reason = optionalReason(input.reason)
    const user = await activeUser(tx, id)
    await checkHashStands(tx, id, checkedHash)
    const subject = `user:${id}`
    const entry = await act(tx, { kind: 'user.set-password', actor, subject, reason, old: null, new: null })
    await changeFrom(entry, 'password', { user: id }, entry.atMs, { hash: passwordHash })
    await endSessionsOf(entry, id, nowMs)
    return user
  },

  'user.deactivate': async ({ tx, actor, nowMs }, { id, ...input }) => {
    const reason = requiredReason(input.reason)
    await activeUser(tx, id)
    await checkAnotherAdministrator(tx, id)
    const entry = await act(tx, {
      kind: 'user.deactivate',
      actor,
      subject: `user:${id}`,
      reason,
      old: { state: 'active' },
      new: { state: 'deactivated' },
    })
    await endSessionsOf(entry, id, nowMs)
    return changeFrom(entry, 'user', { id }, entry.atMs, { state: 'deactivated' })
  },

  // reads only, so there is no act: each attempt to sign in asks
  'user.password-hash': async ({ tx }, { name }) => {
    const [found] = await tx.all(
      tx.db
        .selectFrom('live_user as user')
        .innerJoin('live_password as password', 'password.user', 'user.id')
        .select(['user.id as user', 'password.hash'])
        .where('user.name', '=', name)
        .where('user.state', '=', 'active')
        .where('user.validTo', 'is', null)
        .where('password.validTo', 'is', null),
    )
    return found ?? null
  },
}

/** Enters a user with their password and, if they get one, their first role, in one act of this kind. */
export async function createUser(
  { tx, actor, random }: CommandContext,
  kind: 'user.create' | 'setup.administrator',
  { name, passwordHash, grant, ...input }: NewUser,
): Promise<UserFact> {
  checkLogin(name)
  checkHash(passwordHash)
  const reason = optionalReason(input.reason)
  await checkLoginFree(tx, name)
  if (grant !== undefined) await checkGrant(tx, grant.organisation, grant.role)
  const id = newId('u', random)
  const first = grant === undefined ? {} : { organisation: grant.organisation, role: grant.role }
  const details = { id, state: 'active', ...first } as const
  const entry = await act(tx, { kind, actor, subject: `user:${id}`, reason, old: null, new: details })
  const user = await openFact(entry, 'user', { id, state: 'active', name })
  await openFact(entry, 'password', { user: id, hash: passwordHash })
  if (grant !== undefined) {
    const { organisation, role } = grant
    await openFact(entry, 'grant', { user: id, organisation, role, state: 'active' })
  }
  return user
}

function checkLogin(name: string): void {
  if (isName(name)) return
  throw refusal(
    'bad-request',
    'The user name is not one people can sign in with.',
    'Use 1 to 64 characters of A-Z a-z 0-9 . _ -.',
  )
}

/** Names that differ in case only would be taken for each other. */
async function checkLoginFree(reader: FactsReader, name: string): Promise<void> {
  const taken = await reader.all(
    reader.db
      .selectFrom('user')
      .select('id')
      .where(sql`lower(${sql.ref('name')})`, '=', name.toLowerCase())
      .limit(1),
  )
  if (taken.length === 0) return
  throw refusal('already-exists', `The user name ${name} is taken.`, 'Choose another name.')
}

/** What is stored must be a hash, so that no caller's slip ever stores a password. */
function checkHash(passwordHash: string): void {
  if (parsePasswordHash(passwordHash) !== undefined) return
  throw refusal(
    'bad-request',
    'The password was not hashed as this store keeps it.',
    'Hash it with hashPassword before sending it to the core.',
  )
}
