import { Type } from 'typebox'
import { keyAnswer, readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, keyItem, name, page, pageOf, pageQuery, reason, role, scopeName, text } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

const tags = ['keys']

/** `keys`: list, create, revoke API keys. */
export function keyRoutes(app: TypedApp, parts: ApiParts): void {
  const { queries } = parts
  app.get(
    '/api/v1/keys',
    {
      schema: {
        operationId: 'listKeys',
        summary: 'API keys within reach',
        tags,
        querystring: exactly(pageQuery),
        response: { 200: page(keyItem) },
      },
      config: { access: { right: 'keys:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) =>
      readyBytes(reply, await queries.query('keys', { scopes, ...pageOf(query) })),
  )

  keyChanges(app, parts)
}

function keyChanges(app: TypedApp, { commands }: ApiParts): void {
  app.post(
    '/api/v1/keys',
    {
      schema: {
        operationId: 'createKey',
        summary: 'Create an API key with a role; answers its secret once',
        tags,
        body: exactly({
          name: text('What the key is for.'),
          organisation: scopeName,
          role,
          reason: Type.Optional(reason),
        }),
        response: {
          201: Type.Object({
            ...keyItem.properties,
            secret: Type.String({
              description: 'Send it as Authorization: Bearer. Shown this once; only its hash is kept.',
            }),
          }),
        },
      },
      config: {
        access: {
          right: 'keys:write',
          scope: { kind: 'organisation', in: 'body', field: 'organisation', of: 'organisation' },
        },
      },
    },
    async (request, reply) => {
      const { key, secret } = await commands.command('key.create', callerOf(request).actor, request.body)
      reply.code(201)
      return { ...keyAnswer(key), secret }
    },
  )

  app.post(
    '/api/v1/keys/:id/revoke',
    {
      schema: {
        operationId: 'revokeKey',
        summary: 'Revoke an API key for good, at once',
        tags,
        params: exactly({ id: name('Id of the key.') }),
        body: exactly({ reason }),
        response: { 200: keyItem },
      },
      config: {
        access: { right: 'keys:write', scope: { kind: 'organisation', in: 'path', field: 'id', of: 'key' } },
      },
    },
    async (request) => {
      const input = { id: request.params.id, reason: request.body.reason }
      return keyAnswer(await commands.command('key.revoke', callerOf(request).actor, input))
    },
  )
}
