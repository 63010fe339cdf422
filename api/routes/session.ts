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
import { exactly, meItem } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

/** Who asks the core while nobody is signed in yet. */
const system: Actor = { kind: 'system', id: 'api' }

/** `POST login`, `POST logout`, `GET me`. */
export async function sessionRoutes(app: TypedApp, parts: ApiParts): Promise<void> {
  const cookie = { path: '/', httpOnly: true, sameSite: 'strict', secure: parts.tls ?? false } as const
  // checked when there is no such user, so that the answer takes as long as for a wrong password
  const nobodysHash = await parts.passwords.hash('the password of nobody')
  signIn(app, parts, cookie, nobodysHash)
  ownSession(app, parts, cookie)
}

function signIn(app: TypedApp, parts: ApiParts, cookie: CookieOptions, nobodysHash: string): void {
  const { access, commands, passwords, clock } = parts
  const failed = countFailedLogins(clock)
  app.post(
    '/api/v1/login',
    {
      schema: {
        operationId: 'signIn',
        summary: 'Sign in: sets the session cookie',
        tags: ['session'],
        body: exactly({
          username: Type.String({ minLength: 1, maxLength: 64 }),
          password: Type.String({ minLength: 1, maxLength: 200 }),
        }),
        response: { 200: meItem },
      },
      config: { access: publicAccess, limit: 'login' },
    },
    async (request, reply) => {
      const { username, password } = request.body
      const key = username.toLowerCase()
      failed.attempt(key)
      const found = await commands.command('user.password-hash', system, { name: username })
      const right = await passwords.verify(password, found?.hash ?? nobodysHash)
      if (found === null || !right) {
        throw new Problem('bad-credentials', {
          what: 'There is no user with this name and password.',
          remedy: 'Check both, and the keyboard; an administrator can set a new password.',
        })
      }
      failed.succeeded(key)
      const actor: Actor = { kind: 'user', id: found.user }
      const { token, session } = await commands.command('session.open', actor, { user: found.user })
      const maxAge = Math.max(1, Math.floor((session.expiresAt - clock.nowMs()) / 1_000))
      reply.setCookie(SESSION_COOKIE, token, { ...cookie, maxAge })
      return meAnswer(
        callerOfUser(access, found.user) ?? {
          actor: { kind: 'user', id: found.user },
          name: username,
          grants: [],
        },
      )
    },
  )
}

function ownSession(app: TypedApp, { commands }: ApiParts, cookie: CookieOptions): void {
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
    (request) => meAnswer(callerOf(request)),
  )
}
