import { type Act, act } from './act.ts'
import { refusal } from './checks.ts'
import type { CommandHandlers } from './command.ts'
import { activeUser, checkHashStands } from './lookups.ts'
import { newSecret, sha256Hex } from './secrets.ts'

/** A session ends this long after it was opened, used or not: once a day people show who they are. */
export const SESSION_MS = 24 * 3_600_000

const columns = ['tokenSha256', 'user', 'createdAt', 'expiresAt', 'endedAt'] as const

/** Commands about sessions. A session is state, not a fact: its row is closed in place, the acts remain. */
export const sessionCommands: CommandHandlers<'session.open' | 'session.end'> = {
  'session.open': async ({ tx, actor, random, nowMs }, { user, checkedHash }) => {
    await activeUser(tx, user)
    await checkHashStands(tx, user, checkedHash)
    const expiresAt = nowMs + SESSION_MS
    const subject = `user:${user}`
    const entry = await act(tx, {
      kind: 'session.open',
      actor,
      subject,
      reason: '',
      old: null,
      new: { expiresAt },
    })
    // expired rows say nothing that the acts do not
    await tx.run(tx.db.deleteFrom('session').where('expiresAt', '<=', nowMs))
    const token = newSecret('session', random)
    const session = { tokenSha256: sha256Hex(token), user, createdAt: nowMs, expiresAt, endedAt: null }
    await tx.run(tx.db.insertInto('session').values(session))
    entry.tx.change.rows.push({ table: 'session', row: session })
    return { token, session }
  },

  'session.end': async ({ tx, actor, nowMs }, { tokenSha256 }) => {
    const [open] = await tx.all(
      tx.db
        .selectFrom('session')
        .select(['id', ...columns])
        .where('tokenSha256', '=', tokenSha256),
    )
    if (open === undefined) throw refusal('not-found', 'There is no such session.', 'Sign in again.')
    const { id, ...session } = open
    if (session.endedAt !== null) {
      throw refusal('already-revoked', 'The session has ended already.', 'Nothing needs to be done.')
    }
    const entry = await act(tx, {
      kind: 'session.end',
      actor,
      subject: `user:${session.user}`,
      reason: '',
      old: { session: id, expiresAt: session.expiresAt },
      new: { session: id, endedAt: nowMs },
    })
    await endSessions(entry, [id], nowMs)
    return { ...session, endedAt: nowMs }
  },
}

/** Ends all open sessions of a user, within the act that calls for it. */
export async function endSessionsOf(entry: Act, user: string, nowMs: number): Promise<void> {
  const { tx } = entry
  const open = await tx.all(
    tx.db.selectFrom('session').select('id').where('user', '=', user).where('endedAt', 'is', null),
  )
  await endSessions(
    entry,
    open.map((session) => session.id),
    nowMs,
  )
}

async function endSessions({ tx }: Act, ids: readonly number[], nowMs: number): Promise<void> {
  for (const id of ids) {
    const ended = await tx.all(
      tx.db.updateTable('session').set({ endedAt: nowMs }).where('id', '=', id).returning(columns),
    )
    for (const row of ended) tx.change.rows.push({ table: 'session', row })
  }
}
