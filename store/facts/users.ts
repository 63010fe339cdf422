import { sql } from 'kysely'
import { isName, ROOT_SCOPE } from '../../domain/index.ts'
import { act, openFact } from './act.ts'
import { checkRole, optionalReason, refusal, requiredReason } from './checks.ts'
import type { CommandContext, CommandHandlers } from './command.ts'
import { activeUser, organisationOf } from './lookups.ts'
import { parsePasswordHash } from './passwords.ts'
import type { FactsReader } from './port.ts'
import { present } from './rows.ts'
import { newId } from './secrets.ts'
import { endSessionsOf } from './sessions.ts'
import { changeFrom } from './timeline.ts'

/** Commands about people and what they may do. */
export const userCommands: CommandHandlers<
  'user.create' | 'user.set-password' | 'user.deactivate' | 'user.grant' | 'user.password-hash'
> = {
  'user.create': async ({ tx, actor, random }, input) => {
    const { name, passwordHash } = input
    checkLogin(name)
    checkHash(passwordHash)
    const reason = optionalReason(input.reason)
    await checkLoginFree(tx, name)
    const id = newId('u', random)
    const details = { id, state: 'active' } as const
    const subject = `user:${id}`
    const entry = await act(tx, { kind: 'user.create', actor, subject, reason, old: null, new: details })
    const user = await openFact(entry, 'user', { ...details, name })
    await openFact(entry, 'password', { user: id, hash: passwordHash })
    return user
  },

  'user.set-password': async ({ tx, actor }, { id, passwordHash, ...input }) => {
    checkHash(passwordHash)
    const reason = optionalReason(input.reason)
    const user = await activeUser(tx, id)
    const subject = `user:${id}`
    const entry = await act(tx, { kind: 'user.set-password', actor, subject, reason, old: null, new: null })
    await changeFrom(entry, 'password', { user: id }, entry.atMs, { hash: passwordHash })
    return user
  },

  'user.deactivate': async ({ tx, actor, nowMs }, { id, ...input }) => {
    const reason = requiredReason(input.reason)
    await activeUser(tx, id)
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

  'user.grant': async ({ tx, actor }, { id, organisation, role, ...input }) => {
    checkRole(role)
    const reason = optionalReason(input.reason)
    const user = await activeUser(tx, id)
    if (organisation !== ROOT_SCOPE) await organisationOf(tx, organisation)
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

/** Creates the first administrator, in one act; see `setup.administrator`. */
export async function createAdministrator(
  { tx, actor, random }: CommandContext,
  name: string,
  passwordHash: string,
): Promise<void> {
  checkHash(passwordHash)
  const id = newId('u', random)
  const entry = await act(tx, {
    kind: 'setup.administrator',
    actor,
    subject: `user:${id}`,
    reason: '',
    old: null,
    new: { id, state: 'active', organisation: ROOT_SCOPE, role: 'administrator' },
  })
  await openFact(entry, 'user', { id, name, state: 'active' })
  await openFact(entry, 'password', { user: id, hash: passwordHash })
  await openFact(entry, 'grant', {
    user: id,
    organisation: ROOT_SCOPE,
    role: 'administrator',
    state: 'active',
  })
}
