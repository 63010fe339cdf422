import { Type } from 'typebox'
import type { RecipientFact } from '../../domain/index.ts'
import { channelNames, HOURS_MAX, hoursOf, languages, Problem } from '../../domain/index.ts'
import { readyBytes, recorded } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { AccessFacts, ApiParts } from '../ports.ts'
import { hours, recipientItem } from '../schemas-incidents.ts'
import { exactly, name, page, pageOf, pageQuery, reason, text } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

const tags = ['recipients']
const ofRecipient = { kind: 'organisation', in: 'path', field: 'id', of: 'recipient' } as const

/** `recipients`: list, create, test, end. */
export function recipientRoutes(app: TypedApp, parts: ApiParts): void {
  const { queries } = parts
  app.get(
    '/api/v1/recipients',
    {
      schema: {
        operationId: 'listRecipients',
        summary: 'Who is called for places within reach, those of before too',
        tags,
        querystring: exactly({ ...pageQuery, place: Type.Optional(name('Only of this place.')) }),
        response: { 200: page(recipientItem) },
      },
      config: { access: { right: 'recipients:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = query.place === undefined ? {} : { place: query.place }
      return readyBytes(reply, await queries.query('recipients', { scopes, ...pageOf(query), ...only }))
    },
  )
  recipientChanges(app, parts)
  recipientTest(app, parts)
}

function recipientTest(app: TypedApp, { access, commands, writeTest }: ApiParts): void {
  app.post(
    '/api/v1/recipients/:id/test',
    {
      schema: {
        operationId: 'testRecipient',
        summary: 'Send somebody a message that is marked as a test',
        tags,
        params: exactly({ id: name('Id of the recipient.') }),
        response: { 202: Type.Object({ message: Type.String(), text: Type.String() }) },
      },
      config: { access: { right: 'recipients:write', scope: ofRecipient } },
    },
    async (request, reply) => {
      const { id } = request.params
      const recipient = access.recipient(id)
      if (recipient === undefined) throw notThere(id)
      const written = writeTest(recipient)
      const fact = await commands.command('recipient.test', callerOf(request).actor, { id, ...written })
      reply.code(202)
      return { message: fact.id, text: fact.text }
    },
  )
}

function notThere(id: string): Problem {
  return new Problem('not-found', { what: `There is no recipient ${id}.`, remedy: 'Correct the id.' })
}

function recipientChanges(app: TypedApp, parts: ApiParts): void {
  const { access, commands } = parts
  app.post(
    '/api/v1/recipients',
    {
      schema: {
        operationId: 'createRecipient',
        summary: 'Have somebody called for a place and those in it, from now on',
        description:
          'Outside everybody’s hours all recipients are called: an alarm does not wait for the morning.',
        tags,
        body: exactly({
          place: name('The place.'),
          name: text('Name people call them by.'),
          channel: Type.Enum([...channelNames], {
            description:
              '`http`: the SMS or call gateway. `mail`: SMTP. `console`: the terminal of the server.',
          }),
          address: Type.Optional(
            Type.String({ maxLength: 254, description: 'Phone number for http, mail address for mail.' }),
          ),
          language: Type.Optional(Type.Enum([...languages])),
          hours: Type.Optional(
            Type.Array(hours, {
              maxItems: HOURS_MAX,
              description: 'When they are called; left out: always.',
            }),
          ),
          reason: Type.Optional(reason),
        }),
        response: { 201: recipientItem },
      },
      config: {
        access: {
          right: 'recipients:write',
          scope: { kind: 'organisation', in: 'body', field: 'place', of: 'place' },
        },
      },
    },
    async (request, reply) => {
      const fact = await commands.command('recipient.create', callerOf(request).actor, request.body)
      reply.code(201)
      return recipientAnswer(access, fact)
    },
  )

  app.post(
    '/api/v1/recipients/:id/end',
    {
      schema: {
        operationId: 'endRecipient',
        summary: 'Call somebody no more',
        tags,
        params: exactly({ id: name('Id of the recipient.') }),
        body: exactly({ reason }),
        response: { 200: recipientItem },
      },
      config: {
        access: { right: 'recipients:write', scope: ofRecipient },
      },
    },
    async (request) => {
      const input = { ...request.params, ...request.body }
      return recipientAnswer(access, await commands.command('recipient.end', callerOf(request).actor, input))
    },
  )
}

function recipientAnswer(access: AccessFacts, fact: RecipientFact) {
  const { id, place, name, channel, address, language, state } = fact
  const site = access.place(place)?.site ?? ''
  const when = [...hoursOf(fact.hours)].map((each) => ({ ...each, days: [...each.days] }))
  return { id, place, site, name, channel, address, language, hours: when, state, ...recorded(fact) }
}
