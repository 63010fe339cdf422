import { Type } from 'typebox'
import { isDemo, organisationAnswer, readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import {
  exactly,
  name,
  organisationItem,
  organisationKind,
  page,
  pageOf,
  pageQuery,
  reason,
  text,
} from '../schemas.ts'
import type { TypedApp } from './typed.ts'

/** `organisations`: list, create. */
export function organisationRoutes(app: TypedApp, parts: ApiParts): void {
  const { queries } = parts
  app.get(
    '/api/v1/organisations',
    {
      schema: {
        operationId: 'listOrganisations',
        summary: 'Organisations within reach',
        tags: ['organisations'],
        querystring: exactly(pageQuery),
        response: { 200: page(organisationItem) },
      },
      config: { access: { right: 'organisations:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) =>
      readyBytes(reply, await queries.query('organisations', { scopes, ...pageOf(query) })),
  )

  creation(app, parts)
}

function creation(app: TypedApp, { access, commands }: ApiParts): void {
  app.post(
    '/api/v1/organisations',
    {
      schema: {
        operationId: 'createOrganisation',
        summary: 'Create an organisation below another; at the top level only with a role on root',
        tags: ['organisations'],
        body: exactly({
          id: name('Id of the organisation.'),
          parent: Type.Optional(Type.Union([name('Organisation it lies below.'), Type.Null()])),
          kind: organisationKind,
          demo: Type.Optional(
            Type.Boolean({ description: 'Default: as its parent; false at the top level.' }),
          ),
          name: text('Name people read.'),
          nameEn: Type.Optional(text('English name.')),
          reason: Type.Optional(reason),
        }),
        response: { 201: organisationItem },
      },
      config: {
        access: {
          right: 'organisations:write',
          scope: { kind: 'organisation', in: 'body', field: 'parent', of: 'organisation', absent: 'root' },
        },
      },
    },
    async (request, reply) => {
      const { parent = null, demo, ...given } = request.body
      const asParent = parent !== null && isDemo(access, parent)
      const fact = await commands.command('organisation.create', callerOf(request).actor, {
        ...given,
        parent,
        demo: demo ?? asParent,
      })
      reply.code(201)
      return organisationAnswer(fact)
    },
  )
}
