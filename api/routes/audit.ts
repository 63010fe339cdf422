import { Type } from 'typebox'
import { readyBytes } from '../answers.ts'
import type { ApiParts } from '../ports.ts'
import { claimedAt, exactly, page, pageOf, pageQuery, time, timeQuery } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

/** A thing, a colon and an id or a path of two: the longest there is. */
const WORDS_CHARACTERS_MAX = 200

const details = (description: string) =>
  Type.Union([Type.Object({}, { additionalProperties: true }), Type.Null()], { description })
const auditItem = Type.Object({
  seq: Type.Integer({ description: 'Ascending; the number fact rows name.' }),
  at: time,
  recordedAt: Type.String({ description: 'The same as `at`: when it was entered.' }),
  claimedAt,
  actor: Type.String({ description: '`user:<id>`, `key:<id>`, `local:<account>`, `system:<part>`.' }),
  kind: Type.String({ description: 'What was done, such as `device.revoke`.' }),
  subject: Type.String({ description: 'What it was done to, as `<thing>:<id>`.' }),
  reason: Type.String({ description: 'Empty where none was asked for.' }),
  old: details('What was: ids, states, times and numbers.'),
  new: details('What is.'),
})

/** `GET audit`: who did what to what, when and why. */
export function auditRoutes(app: TypedApp, { queries }: ApiParts): void {
  const words = (description: string) =>
    Type.Optional(Type.String({ minLength: 1, maxLength: WORDS_CHARACTERS_MAX, description }))
  app.get(
    '/api/v1/audit',
    {
      schema: {
        operationId: 'listAudit',
        summary: 'Acts on what lies within reach, oldest first',
        description:
          'What belongs to no organisation (products, lots, rules for everybody, acts of the system) is shown to a role on root. A page may hold fewer items than asked for, even none, and still have a `next`.',
        tags: ['audit'],
        querystring: exactly({
          ...pageQuery,
          kind: words('Only acts of this kind.'),
          subject: words('Only acts on this thing, `<thing>:<id>`.'),
          actor: words('Only what this one did.'),
          from: Type.Optional(timeQuery),
          to: Type.Optional(timeQuery),
        }),
        response: { 200: page(auditItem) },
      },
      config: { access: { right: 'audit:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const { kind, subject, actor, from, to } = query
      const asked = {
        scopes,
        ...pageOf(query),
        ...(kind === undefined ? {} : { kind }),
        ...(subject === undefined ? {} : { subject }),
        ...(actor === undefined ? {} : { actor }),
        ...timeFields({ from, to }),
      }
      return readyBytes(reply, await queries.query('audit', asked))
    },
  )
}
