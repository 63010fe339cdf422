import { Type } from 'typebox'
import { placeAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { placeItem, placeKind } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery, reason, text, timeInput } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

const tags = ['places']

/** `places`: list, create, retire. */
export function placeRoutes(app: TypedApp, parts: ApiParts): void {
  const { queries } = parts
  app.get(
    '/api/v1/places',
    {
      schema: {
        operationId: 'listPlaces',
        summary: 'Places (storage units) within reach, retired ones too',
        tags,
        querystring: exactly({ ...pageQuery, site: Type.Optional(name('Only of this site.')) }),
        response: { 200: page(placeItem) },
      },
      config: { access: { right: 'places:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = query.site === undefined ? {} : { site: query.site }
      return readyBytes(reply, await queries.query('places', { scopes, ...pageOf(query), ...only }))
    },
  )

  placeChanges(app, parts)
}

function placeChanges(app: TypedApp, { access, commands }: ApiParts): void {
  app.post(
    '/api/v1/places',
    {
      schema: {
        operationId: 'createPlace',
        summary: 'Create a place of a site, perhaps in another place of it',
        tags,
        body: exactly({
          id: name('Id of the place. Never used again, not even after it is retired.'),
          site: name('Site it belongs to.'),
          parent: Type.Optional(Type.Union([name('Place it lies in.'), Type.Null()])),
          kind: placeKind,
          name: text('Name people read.'),
          nameEn: Type.Optional(text('English name.')),
          capacityLitres: Type.Optional(Type.Integer({ minimum: 1, description: 'Whole litres.' })),
          from: Type.Optional(timeInput),
          reason: Type.Optional(reason),
        }),
        response: { 201: placeItem },
      },
      config: {
        access: {
          right: 'places:write',
          scope: { kind: 'organisation', in: 'body', field: 'site', of: 'site' },
        },
      },
    },
    async (request, reply) => {
      const { parent = null, from, ...given } = request.body
      const fact = await commands.command('place.create', callerOf(request).actor, {
        ...given,
        parent,
        ...timeFields({ from }),
      })
      reply.code(201)
      return placeAnswer(access, fact)
    },
  )

  app.post(
    '/api/v1/places/:id/retire',
    {
      schema: {
        operationId: 'retirePlace',
        summary: 'Retire a place for good; refused while stock or judged sensors are in it',
        tags,
        params: exactly({ id: name('Id of the place.') }),
        body: exactly({ at: Type.Optional(timeInput), reason }),
        response: { 200: placeItem },
      },
      config: {
        access: {
          right: 'places:write',
          scope: { kind: 'organisation', in: 'path', field: 'id', of: 'place' },
        },
      },
    },
    async (request) => {
      const { at, reason } = request.body
      const input = { id: request.params.id, reason, ...timeFields({ at }) }
      return placeAnswer(access, await commands.command('place.retire', callerOf(request).actor, input))
    },
  )
}
