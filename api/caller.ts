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

/** What somebody is known by, as it is looked up: never the secret itself. */
export interface Credential {
  readonly kind: 'key' | 'session'
  readonly sha256: string
}

/** What a request is known by: an API key when an `Authorization` header is there, otherwise a session. */
export function credentialIn({
  authorization,
  cookie,
}: {
  readonly authorization: string | undefined
  readonly cookie: string | undefined
}): Credential | undefined {
  const secret = authorization === undefined ? cookie : BEARER.exec(authorization)?.[1]
  if (secret === undefined) return undefined
  return { kind: authorization === undefined ? 'session' : 'key', sha256: sha256Hex(secret) }
}

/**
 * Finds who asks, as things are now. Undefined when nobody is known by the credential: unknown, ended, expired,
 * revoked, deactivated. A look-up by hash leaks nothing useful through its timing, because nobody can choose the
 * hash of a guess.
 */
export function findCaller(
  facts: AccessFacts,
  clock: Clock,
  credential: Credential | undefined,
): Caller | undefined {
  if (credential === undefined) return undefined
  const { kind, sha256 } = credential
  return kind === 'key' ? callerByKey(facts, sha256) : callerBySession(facts, clock, sha256)
}

/** The user as a caller; undefined when there is no active one. */
export function callerOfUser(facts: AccessFacts, id: string): Caller | undefined {
  const user = facts.user(id)
  if (user?.state !== 'active') return undefined
  const grants = facts.grants(id).map(({ organisation, role }) => ({ organisation, role }))
  return { actor: { kind: 'user', id }, name: user.name, grants }
}

function callerByKey(facts: AccessFacts, sha256: string): Caller | undefined {
  const key = facts.keyBySha256(sha256)
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
