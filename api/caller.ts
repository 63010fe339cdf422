import { createHash } from 'node:crypto'
import type { Clock } from '../domain/index.ts'
import type { Caller } from './access.ts'
import type { AccessFacts } from './ports.ts'

/** Name of the cookie that carries a session's token. */
export const SESSION_COOKIE = 'isotherm_session'

const BEARER = /^Bearer +([\x21-\x7e]{1,200})$/i

/** The form tokens and keys are stored and looked up in: SHA-256 of the whole text, lower-case hex. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex')
}

/**
 * Finds who asks: by API key when an `Authorization` header is there (and then by nothing else), otherwise by
 * session. Undefined when nobody is known by it: unknown, ended, expired, revoked, deactivated. A look-up by
 * hash leaks nothing useful through its timing, because nobody can choose the hash of a guess.
 */
export function findCaller(
  facts: AccessFacts,
  clock: Clock,
  credentials: { readonly authorization: string | undefined; readonly cookie: string | undefined },
): Caller | undefined {
  const { authorization, cookie } = credentials
  if (authorization !== undefined) return callerByKey(facts, BEARER.exec(authorization)?.[1])
  return cookie === undefined ? undefined : callerBySession(facts, clock, sha256Hex(cookie))
}

/** The user as a caller; undefined when there is no active one. */
export function callerOfUser(facts: AccessFacts, id: string): Caller | undefined {
  const user = facts.user(id)
  if (user?.state !== 'active') return undefined
  const grants = facts.grants(id).map(({ organisation, role }) => ({ organisation, role }))
  return { actor: { kind: 'user', id }, name: user.name, grants }
}

function callerByKey(facts: AccessFacts, secret: string | undefined): Caller | undefined {
  const key = secret === undefined ? undefined : facts.keyBySha256(sha256Hex(secret))
  if (key?.state !== 'active') return undefined
  const { id, name, organisation, role } = key
  return { actor: { kind: 'key', id }, name, grants: [{ organisation, role }] }
}

function callerBySession(facts: AccessFacts, clock: Clock, tokenSha256: string): Caller | undefined {
  const session = facts.session(tokenSha256)
  if (session === undefined || session.endedAt !== null || session.expiresAt <= clock.nowMs())
    return undefined
  const caller = callerOfUser(facts, session.user)
  return caller === undefined ? undefined : { ...caller, session: tokenSha256 }
}
