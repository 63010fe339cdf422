import type { CookieSerializeOptions as CookieOptions } from '@fastify/cookie'
import { Type } from 'typebox'
import type { Actor } from '../../domain/index.ts'
import { Problem } from '../../domain/index.ts'
import { publicAccess } from '../access.ts'
import { meAnswer } from '../answers.ts'
import { callerOfUser, SESSION_COOKIE } from '../caller.ts'
import { callerOf } from '../guard.ts'
import { countFailedLogins } from '../limits.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, meItem, password as newPassword } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

/** A password to be compared: whatever was allowed when it was set. */
const enteredPassword = Type.String({ minLength: 1, maxLength: 200 })
/** Who asks the core while nobody is signed in yet. */
const system: Actor = { kind: 'system', id: 'api' }

/** `POST login`, `POST logout`, `GET me`, `POST me/password`. */
export async function sessionRoutes(app: TypedApp, parts: ApiParts): Promise<void> {
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: parts.tls ?? false } as const
  const check = await passwordCheck(parts)
  signIn(app, parts, cookie, check)
  ownSession(app, parts, cookie)
  ownPassword(app, parts, cookie, check)
}

/** The user of this name and password with the hash it was checked against; undefined when there is none. */
type PasswordCheck = (name: string, password: string) => Promise<{ user: string; hash: string } | undefined>

/** One count of wrong passwords per name, whichever route is used to guess. */
async function passwordCheck({ commands, passwords, clock }: ApiParts): Promise<PasswordCheck> {
  const failed = countFailedLogins(clock)
  // checked when there is no such user, so that the answer takes as long as for a wrong password
  const nobodysHash = await passwords.hash('the password of nobody')
  return async (name, password) => {
    const key = name.toLowerCase()
    failed.attempt(key)
    const found = await commands.command('user.password-hash', system, { name })
    const right = await passwords.verify(password, found?.hash ?? nobodysHash)
    if (found === null || !right) return undefined
    failed.succeeded(key)
    return found
  }
}

function signIn(app: TypedApp, parts: ApiParts, cookie: CookieOptions, check: PasswordCheck): void {
  const { access, commands, clock } = parts
  app.post(
    '/api/v1/login',
    {
      schema: {
        operationId: 'signIn',
        summary: 'Sign in: sets the session cookie',
        tags: ['session'],
        body: exactly({
          username: Type.String({ minLength: 1, maxLength: 64 }),
          password: enteredPassword,
        }),
        response: { 200: meItem },
      },
      config: { access: publicAccess, limit: 'login' },
    },
    async (request, reply) => {
      const { username, password } = request.body
      const found = await check(username, password)
      if (found === undefined) {
        throw new Problem('bad-credentials', {
          what: 'There is no user with this name and password.',
          remedy: 'Check both, and the keyboard; an administrator can set a new password.',
        })
      }
      const actor: Actor = { kind: 'user', id: found.user }
      const opened = { user: found.user, checkedHash: found.hash }
      const { token, session } = await commands.command('session.open', actor, opened)
      const maxAge = Math.max(1, Math.floor((session.expiresAt - clock.nowMs()) / 1_000))
      reply.setCookie(SESSION_COOKIE, token, { ...cookie, maxAge })
      return meAnswer(
        callerOfUser(access, found.user) ?? {
          actor: { kind: 'user', id: found.user },
          name: username,
          grants: [],
        },
        session.expiresAt,
      )
    },
  )
}

function ownSession(app: TypedApp, { access, commands }: ApiParts, cookie: CookieOptions): void {
  app.post(
    '/api/v1/logout',
    {
      schema: {
        operationId: 'signOut',
        summary: 'End the session at once',
        tags: ['session'],
        response: { 204: Type.Null() },
      },
      config: { access: { right: null, scope: { kind: 'signed-in' } } },
    },
    async (request, reply) => {
      const { actor, session } = callerOf(request)
      if (session === undefined) {
        throw new Problem('bad-request', {
          what: 'An API key has no session to end.',
          remedy: 'Revoke the key if it must stop working.',
        })
      }
      await commands.command('session.end', actor, { tokenSha256: session })
      reply.clearCookie(SESSION_COOKIE, cookie).code(204)
      return null
    },
  )

  app.get(
    '/api/v1/me',
    {
      schema: {
        operationId: 'whoAmI',
        summary: 'Who asks, and what they may do where',
        tags: ['session'],
        response: { 200: meItem },
      },
      config: { access: { right: null, scope: { kind: 'signed-in' } } },
    },
    (request) => {
      const caller = callerOf(request)
      return meAnswer(
        caller,
        caller.session === undefined ? undefined : access.session(caller.session)?.expiresAt,
      )
    },
  )
}

function ownPassword(app: TypedApp, parts: ApiParts, cookie: CookieOptions, check: PasswordCheck): void {
  const { commands, passwords } = parts
  app.post(
    '/api/v1/me/password',
    {
      schema: {
        operationId: 'changePassword',
        summary: "Change one's own password; all own sessions end at once, this one too",
        tags: ['session'],
        body: exactly({ password: enteredPassword, newPassword }),
        response: { 204: Type.Null() },
      },
      config: { access: { right: null, scope: { kind: 'signed-in' } }, limit: 'login' },
    },
    async (request, reply) => {
      const { actor, name, session } = callerOf(request)
      if (session === undefined) {
        throw new Problem('bad-request', {
          what: 'An API key has no password to change.',
          remedy: 'Sign in as the user whose password it is; revoke the key if it must stop working.',
        })
      }
      const found = await check(name, request.body.password)
      if (found === undefined) {
        throw new Problem('bad-credentials', {
          what: 'The present password is another one.',
          remedy: 'Check it, and the keyboard; an administrator can set a new password.',
        })
      }
      const passwordHash = await passwords.hash(request.body.newPassword)
      const input = { id: actor.id, passwordHash, checkedHash: found.hash }
      await commands.command('user.set-password', actor, input)
      reply.clearCookie(SESSION_COOKIE, cookie).code(204)
      return null
    },
  )
}
