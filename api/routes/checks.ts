import { Type } from 'typebox'
import { checkAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { checkItem } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

const tags = ['checks']

/** `checks`: who has looked at which place when. */
export function checkRoutes(app: TypedApp, { access, commands, queries }: ApiParts): void {
  app.get(
    '/api/v1/checks',
    {
      schema: {
        operationId: 'listChecks',
        summary: 'Who looked at places within reach, newest first',
        tags,
        querystring: exactly({ ...pageQuery, place: Type.Optional(name('Only of this place.')) }),
        response: { 200: page(checkItem) },
      },
      config: { access: { right: 'checks:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = query.place === undefined ? {} : { place: query.place }
      return readyBytes(reply, await queries.query('checks', { scopes, ...pageOf(query), ...only }))
    },
  )

  app.post(
    '/api/v1/places/:id/check',
    {
      schema: {
        operationId: 'checkPlace',
        summary: 'Say that you have looked at this place now',
        description: 'Minima and maxima on the status board count from the last check. Two at once are two.',
        tags,
        params: exactly({ id: name('Id of the place.') }),
        body: exactly({
          note: Type.Optional(Type.String({ minLength: 1, maxLength: 500, description: 'What was seen.' })),
        }),
        response: { 201: checkItem },
      },
      config: {
        access: {
          right: 'checks:write',
          scope: { kind: 'organisation', in: 'path', field: 'id', of: 'place' },
        },
      },
    },
    async (request, reply) => {
      const input = { place: request.params.id, ...request.body }
      const fact = await commands.command('place.check', callerOf(request).actor, input)
      reply.code(201)
      return checkAnswer(access, fact)
    },
  )
}
