import { type Static, Type } from 'typebox'
import type { CustodyFact } from '../../domain/index.ts'
import { type Actor, Problem } from '../../domain/index.ts'
import type { CommandPort } from '../../store/index.ts'
import { custodyAnswer, lotAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf, requireReach } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { custodyItem, lotItem } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery, reason, text, timeInput } from '../schemas.ts'
import { timeFields } from '../times.ts'
import type { TypedApp } from './typed.ts'

const tags = ['lots']
const optional = Type.Optional
const params = exactly({ id: name('Id of the lot.') })

const stockChange = exactly({
  kind: Type.Enum(['receive', 'move', 'issue'], {
    description:
      'Stock enters `place`, goes from `place` to `to`, or leaves `place` to be used or destroyed.',
  }),
  place: name('The place.'),
  to: optional(name('With `move` only: the place it goes to.')),
  quantity: Type.Integer({ minimum: 1, description: 'Smallest package units.' }),
  at: optional(timeInput),
  reason: optional(reason),
})

/** `lots`: list, create, and their stock in place: list, receive, move, issue. */
export function lotRoutes(app: TypedApp, parts: ApiParts): void {
  lotList(app, parts)
  lotCreation(app, parts)
  stockList(app, parts)
  presentStock(app, parts)
  stockChanges(app, parts)
}

function lotList(app: TypedApp, { queries }: ApiParts): void {
  app.get(
    '/api/v1/lots',
    {
      schema: {
        operationId: 'listLots',
        summary: 'Lots whose stock is or was within reach',
        tags,
        querystring: exactly({
          ...pageQuery,
          product: optional(name('Only of this product.')),
          place: optional(name('Only those that are or were in this place.')),
        }),
        response: { 200: page(lotItem) },
      },
      config: { access: { right: 'lots:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const { product, place } = query
      const only = {
        ...(product === undefined ? {} : { product }),
        ...(place === undefined ? {} : { place }),
      }
      return readyBytes(reply, await queries.query('lots', { scopes, ...pageOf(query), ...only }))
    },
  )
}

function lotCreation(app: TypedApp, { commands }: ApiParts): void {
  app.post(
    '/api/v1/lots',
    {
      schema: {
        operationId: 'createLot',
        summary: 'Create a lot of a product; it is listed where its stock is received',
        tags,
        body: exactly({
          id: name('Id of the lot.'),
          product: name('The product.'),
          number: Type.String({ minLength: 1, maxLength: 64, description: 'Lot number as printed.' }),
          maker: text('Who made it.'),
          expiresOn: Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}$', description: 'Last day of use.' }),
          reason: optional(reason),
        }),
        response: { 201: lotItem },
      },
      config: { access: { right: 'lots:write', scope: { kind: 'anywhere' } } },
    },
    async (request, reply) => {
      const fact = await commands.command('lot.create', callerOf(request).actor, request.body)
      reply.code(201)
      return lotAnswer(fact)
    },
  )
}

function stockList(app: TypedApp, { queries }: ApiParts): void {
  app.get(
    '/api/v1/lots/:id/custody',
    {
      schema: {
        operationId: 'listCustody',
        summary: 'Where within reach the lot is and was, when and how much of it',
        tags,
        params,
        querystring: exactly(pageQuery),
        response: { 200: page(custodyItem) },
      },
      config: { access: { right: 'lots:read', scope: { kind: 'list' } } },
    },
    async ({ params, query, scopes }, reply) => {
      const asked = { scopes, lot: params.id, ...pageOf(query) }
      return readyBytes(reply, await queries.query('custody', asked))
    },
  )
}

function presentStock(app: TypedApp, { queries, clock }: ApiParts): void {
  app.get(
    '/api/v1/stock',
    {
      schema: {
        operationId: 'listStock',
        summary: 'What lies where within reach at this moment, by place and lot',
        tags,
        querystring: exactly({ ...pageQuery, place: optional(name('Only of this place.')) }),
        response: { 200: page(custodyItem) },
      },
      config: { access: { right: 'lots:read', scope: { kind: 'list' } } },
    },
    async ({ query, scopes }, reply) => {
      const only = query.place === undefined ? {} : { place: query.place }
      const asked = { scopes, ...pageOf(query), ...only, atMs: clock.nowMs() }
      return readyBytes(reply, await queries.query('stock', asked))
    },
  )
}

function stockChanges(app: TypedApp, { access, commands }: ApiParts): void {
  app.post(
    '/api/v1/lots/:id/custody',
    {
      schema: {
        operationId: 'changeCustody',
        summary: 'Receive, move or issue stock; answers what each place holds from then on',
        tags,
        params,
        body: stockChange,
        response: { 201: Type.Object({ items: Type.Array(custodyItem) }) },
      },
      config: {
        access: {
          right: 'lots:write',
          scope: { kind: 'organisation', in: 'body', field: 'place', of: 'place' },
        },
      },
    },
    async (request, reply) => {
      const { params, body } = request
      if (body.to !== undefined) requireReach(access, request, 'place', body.to)
      const rows = await changeStock(commands, callerOf(request).actor, params.id, body)
      reply.code(201)
      return { items: rows.map((row) => custodyAnswer(access, row)) }
    },
  )
}

function changeStock(
  commands: CommandPort,
  actor: Actor,
  lot: string,
  { kind, place, to, at, ...given }: Static<typeof stockChange>,
): Promise<readonly CustodyFact[]> {
  const stock = { lot, ...given, ...timeFields({ at }) }
  if (kind === 'move' && to !== undefined) {
    return commands.command('custody.move', actor, { ...stock, from: place, to })
  }
  if (kind === 'move' || to !== undefined) {
    throw new Problem('bad-request', {
      what: 'A move, and nothing else, has a place it goes to.',
      remedy: 'Give `to` with kind move and leave it out otherwise.',
    })
  }
  return commands.command(`custody.${kind}`, actor, { ...stock, place })
}
