import { Type } from 'typebox'
import { supervisionAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { supervisionItem } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery, reason, timeInput } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

const tags = ['supervisions']
const pair = {
  supervisor: name('A health or drug regulator.'),
  supervised: name('Any organisation, in any tree.'),
}

/** `supervisions`: list, start, end. */
export function supervisionRoutes(app: TypedApp, { commands, queries }: ApiParts): void {
  app.get(
    '/api/v1/supervisions',
    {
      schema: {
        operationId: 'listSupervisions',
        summary: 'Who supervises whom, where one of the two is within reach',
        tags,
        querystring: exactly(pageQuery),
        response: { 200: page(supervisionItem) },
      },
      config: { access: { right: 'supervisions:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) =>
      readyBytes(reply, await queries.query('supervisions', { scopes, ...pageOf(query) })),
  )

  app.post(
    '/api/v1/supervisions',
    {
      schema: {
        operationId: 'startSupervision',
        summary: 'Let a regulator supervise an organisation; only with a role on root',
        tags,
        body: exactly({ ...pair, from: Type.Optional(timeInput), reason: Type.Optional(reason) }),
        response: { 201: supervisionItem },
      },
      config: { access: { right: 'supervisions:write', scope: { kind: 'root' } } },
    },
    async (request, reply) => {
      const { from, ...given } = request.body
      const input = { ...given, ...timeFields({ from }) }
      const fact = await commands.command('supervision.start', callerOf(request).actor, input)
      reply.code(201)
      return supervisionAnswer(fact)
    },
  )

  app.post(
    '/api/v1/supervisions/end',
    {
      schema: {
        operationId: 'endSupervision',
        summary: 'End a supervision; only with a role on root',
        tags,
        body: exactly({ ...pair, at: Type.Optional(timeInput), reason }),
        response: { 200: supervisionItem },
      },
      config: { access: { right: 'supervisions:write', scope: { kind: 'root' } } },
    },
    async (request) => {
      const { at, ...given } = request.body
      const input = { ...given, ...timeFields({ at }) }
      return supervisionAnswer(await commands.command('supervision.end', callerOf(request).actor, input))
    },
  )
}
