import { Type } from 'typebox'
import { readyBytes, siteAnswer } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { exactly, name, page, pageOf, pageQuery, reason, siteItem, text } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

/** `sites`: list, create. */
export function siteRoutes(app: TypedApp, { access, commands, queries }: ApiParts): void {
  app.get(
    '/api/v1/sites',
    {
      schema: {
        operationId: 'listSites',
        summary: 'Sites within reach',
        tags: ['sites'],
        querystring: exactly({
          ...pageQuery,
          organisation: Type.Optional(name('Only of this organisation.')),
        }),
        response: { 200: page(siteItem) },
      },
      config: { access: { right: 'sites:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const { organisation } = query
      const only = organisation === undefined ? {} : { organisation }
      return readyBytes(reply, await queries.query('sites', { scopes, ...pageOf(query), ...only }))
    },
  )

  app.post(
    '/api/v1/sites',
    {
      schema: {
        operationId: 'createSite',
        summary: 'Create a site of an organisation',
        tags: ['sites'],
        body: exactly({
          id: name('Id of the site.'),
          organisation: name('Organisation it belongs to.'),
          name: text('Name people read.'),
          nameEn: Type.Optional(text('English name.')),
          zone: Type.String({
            minLength: 1,
            maxLength: 64,
            description: 'IANA time zone, such as Asia/Shanghai.',
          }),
          reason: Type.Optional(reason),
        }),
        response: { 201: siteItem },
      },
      config: {
        access: {
          right: 'sites:write',
          scope: { kind: 'organisation', in: 'body', field: 'organisation', of: 'organisation' },
        },
      },
    },
    async (request, reply) => {
      const fact = await commands.command('site.create', callerOf(request).actor, request.body)
      reply.code(201)
      return siteAnswer(access, fact)
    },
  )
}
