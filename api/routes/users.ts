import { Type } from 'typebox'
import { Problem, ROOT_SCOPE } from '../../domain/index.ts'
import type { ThingScope } from '../access.ts'
import { reaches } from '../access.ts'
import { readyBytes, userAnswer } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import {
  exactly,
  name,
  page,
  pageOf,
  pageQuery,
  password,
  reason,
  role,
  scopeName,
  userItem,
} from '../schemas.ts'
import type { TypedApp } from './typed.ts'

const params = exactly({ id: name('Id of the user.') })
const ofPath: ThingScope = { kind: 'organisation', in: 'path', field: 'id', of: 'user' }
const tags = ['users']

/** `users`: list, create, grant and revoke a role, deactivate, set a password. */
export function userRoutes(app: TypedApp, parts: ApiParts): void {
  const { queries } = parts
  app.get(
    '/api/v1/users',
    {
      schema: {
        operationId: 'listUsers',
        summary: 'Users with a role within reach',
        tags,
        querystring: exactly(pageQuery),
        response: { 200: page(userItem) },
      },
      config: { access: { right: 'users:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) =>
      readyBytes(reply, await queries.query('users', { scopes, ...pageOf(query) })),
  )

  userCreation(app, parts)
  granting(app, parts)
  revoking(app, parts)
  userChanges(app, parts)
}

function userCreation(app: TypedApp, { access, commands, passwords }: ApiParts): void {
  app.post(
    '/api/v1/users',
    {
      schema: {
        operationId: 'createUser',
        summary: 'Create a user with a first role; without one only with a role on root',
        tags,
        body: exactly({
          name: name('Name to sign in with.'),
          password,
          organisation: Type.Optional(scopeName),
          role: Type.Optional(role),
          reason: Type.Optional(reason),
        }),
        response: { 201: userItem },
      },
      config: {
        access: {
          right: 'users:write',
          scope: {
            kind: 'organisation',
            in: 'body',
            field: 'organisation',
            of: 'organisation',
            absent: 'root',
          },
        },
      },
    },
    async (request, reply) => {
      const { name, password, organisation, role, reason } = request.body
      if ((organisation === undefined) !== (role === undefined)) throw rolePair()
      const { actor } = callerOf(request)
      const why = reason === undefined ? {} : { reason }
      const passwordHash = await passwords.hash(password)
      const grant = organisation === undefined || role === undefined ? {} : { grant: { organisation, role } }
      const user = await commands.command('user.create', actor, { name, passwordHash, ...grant, ...why })
      reply.code(201)
      return userAnswer(access, user, request.scopes)
    },
  )
}

function granting(app: TypedApp, { access, commands }: ApiParts): void {
  app.post(
    '/api/v1/users/:id/grants',
    {
      schema: {
        operationId: 'grantRole',
        summary: 'Give a user a role on an organisation and everything below it',
        tags,
        params,
        body: exactly({ organisation: scopeName, role, reason: Type.Optional(reason) }),
        response: { 201: userItem },
      },
      config: {
        access: {
          right: 'users:write',
          scope: { kind: 'organisation', in: 'body', field: 'organisation', of: 'organisation' },
        },
      },
    },
    async (request, reply) => {
      const { id } = request.params
      // whoever gives the first role administers the user: that must not be just anybody who knows the id
      if (access.grants(id).length === 0 && !reaches(access, request.scopes, ROOT_SCOPE)) throw noSuchUser(id)
      const user = await commands.command('user.grant', callerOf(request).actor, { id, ...request.body })
      reply.code(201)
      return userAnswer(access, user, request.scopes)
    },
  )
}

function revoking(app: TypedApp, { access, commands }: ApiParts): void {
  // a grant has no id of its own, so what is revoked stands in the body
  app.post(
    '/api/v1/users/:id/grants/revoke',
    {
      schema: {
        operationId: 'revokeGrant',
        summary: 'Take a role on an organisation from a user, at once',
        description: 'The last active administrator of root is refused (conflict): make another one first.',
        tags,
        params,
        body: exactly({ organisation: scopeName, role, reason }),
        response: { 200: userItem },
      },
      config: {
        access: {
          right: 'users:write',
          scope: { kind: 'organisation', in: 'body', field: 'organisation', of: 'organisation' },
        },
      },
    },
    async (request) => {
      const input = { id: request.params.id, ...request.body }
      const user = await commands.command('user.revoke-grant', callerOf(request).actor, input)
      return userAnswer(access, user, request.scopes)
    },
  )
}

function userChanges(app: TypedApp, { access, commands, passwords }: ApiParts): void {
  app.post(
    '/api/v1/users/:id/deactivate',
    {
      schema: {
        operationId: 'deactivateUser',
        summary: 'Deactivate a user for good; all sessions end at once',
        description: 'The last active administrator of root is refused (conflict): make another one first.',
        tags,
        params,
        body: exactly({ reason }),
        response: { 200: userItem },
      },
      config: { access: { right: 'users:write', scope: ofPath } },
    },
    async (request) => {
      const input = { id: request.params.id, reason: request.body.reason }
      const user = await commands.command('user.deactivate', callerOf(request).actor, input)
      return userAnswer(access, user, request.scopes)
    },
  )

  app.post(
    '/api/v1/users/:id/password',
    {
      schema: {
        operationId: 'setPassword',
        summary: 'Set a new password for a user; all sessions end at once',
        description: 'Needs users:write on every organisation the user holds a role on.',
        tags,
        params,
        body: exactly({ password, reason: Type.Optional(reason) }),
        response: { 200: userItem },
      },
      config: { access: { right: 'users:write', scope: ofPath } },
    },
    async (request) => {
      const { password, ...why } = request.body
      const input = { id: request.params.id, passwordHash: await passwords.hash(password), ...why }
      const user = await commands.command('user.set-password', callerOf(request).actor, input)
      return userAnswer(access, user, request.scopes)
    },
  )
}

function rolePair(): Problem {
  return new Problem('bad-request', {
    what: 'organisation and role belong together, and only one of them is given.',
    remedy: 'Give both for a first role, or neither.',
  })
}

function noSuchUser(id: string): Problem {
  return new Problem('not-found', {
    what: `There is no user "${id}" with a role.`,
    remedy:
      'Correct the id; the first role of a user is given when it is created, or by an administrator of root.',
  })
}
