import { Type } from 'typebox'
import { pointAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { pointItem, pointRole } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery, reason, text, timeInput } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

/** `points`: list, create. */
export function pointRoutes(app: TypedApp, { access, commands, queries }: ApiParts): void {
  app.get(
    '/api/v1/points',
    {
      schema: {
        operationId: 'listPoints',
        summary: 'Points within reach',
        tags: ['points'],
        querystring: exactly({ ...pageQuery, place: Type.Optional(name('Only of this place.')) }),
        response: { 200: page(pointItem) },
      },
      config: { access: { right: 'points:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = query.place === undefined ? {} : { place: query.place }
      return readyBytes(reply, await queries.query('points', { scopes, ...pageOf(query), ...only }))
    },
  )

  app.post(
    '/api/v1/points',
    {
      schema: {
        operationId: 'createPoint',
        summary: 'Create a point: a named fixed position in a place',
        tags: ['points'],
        body: exactly({
          id: name('Id of the point.'),
          place: name('Place it is in.'),
          name: text('Name people read.'),
          nameEn: Type.Optional(text('English name.')),
          role: pointRole,
          from: Type.Optional(
            Type.Union(timeInput.anyOf, { description: 'Left out: since the place is there.' }),
          ),
          reason: Type.Optional(reason),
        }),
        response: { 201: pointItem },
      },
      config: {
        access: {
          right: 'points:write',
          scope: { kind: 'organisation', in: 'body', field: 'place', of: 'place' },
        },
      },
    },
    async (request, reply) => {
      const { from, ...given } = request.body
      const input = { ...given, ...timeFields({ from }) }
      const fact = await commands.command('point.create', callerOf(request).actor, input)
      reply.code(201)
      return pointAnswer(access, fact)
    },
  )
}
