import { Type } from 'typebox'
import { dutyAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { duty, dutyItem } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery, reason, timeInput } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

/** `duties`: list, set. */
export function dutyRoutes(app: TypedApp, { access, commands, queries, clock }: ApiParts): void {
  app.get(
    '/api/v1/duties',
    {
      schema: {
        operationId: 'listDuties',
        summary: 'What places within reach did and do, as entered',
        description:
          'Where nothing is entered, a vehicle or box is empty and every other place is in service.',
        tags: ['duties'],
        querystring: exactly({
          ...pageQuery,
          place: Type.Optional(name('Only of this place.')),
          current: Type.Optional(
            Type.Boolean({ default: false, description: 'true: only what places do now.' }),
          ),
        }),
        response: { 200: page(dutyItem) },
      },
      config: { access: { right: 'duties:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = {
        ...(query.place === undefined ? {} : { place: query.place }),
        ...(query.current === true ? { atMs: clock.nowMs() } : {}),
      }
      return readyBytes(reply, await queries.query('duties', { scopes, ...pageOf(query), ...only }))
    },
  )

  app.post(
    '/api/v1/duties',
    {
      schema: {
        operationId: 'setDuty',
        summary: 'Say what a place does from an instant until the next recorded change',
        tags: ['duties'],
        body: exactly({
          place: name('The place.'),
          duty,
          from: Type.Optional(timeInput),
          reason: Type.Optional(reason),
        }),
        response: { 201: dutyItem },
      },
      config: {
        access: {
          right: 'duties:write',
          scope: { kind: 'organisation', in: 'body', field: 'place', of: 'place' },
        },
      },
    },
    async (request, reply) => {
      const { from, ...given } = request.body
      const input = { ...given, ...timeFields({ from }) }
      const fact = await commands.command('duty.set', callerOf(request).actor, input)
      reply.code(201)
      return dutyAnswer(access, fact)
    },
  )
}
