import { Type } from 'typebox'
import { productAnswer } from '../answers-places.ts'
import { readyBytes } from '../answers.ts'
import { callerOf } from '../guard.ts'
import type { ApiParts } from '../ports.ts'
import { productItem } from '../schemas-places.ts'
import { exactly, name, page, pageOf, pageQuery, reason, text } from '../schemas.ts'
import type { TypedApp } from './typed.ts'

/** `products`: list, create. They are the same for all organisations. */
export function productRoutes(app: TypedApp, { commands, queries }: ApiParts): void {
  app.get(
    '/api/v1/products',
    {
      schema: {
        operationId: 'listProducts',
        summary: 'Products, the same for everybody',
        tags: ['products'],
        querystring: exactly(pageQuery),
        response: { 200: page(productItem) },
      },
      config: { access: { right: null, scope: { kind: 'signed-in' } } },
    },
    async ({ query, scopes }, reply) =>
      readyBytes(reply, await queries.query('products', { scopes, ...pageOf(query) })),
  )

  const temperature = (description: string) => Type.Number({ minimum: -200, maximum: 100, description })
  app.post(
    '/api/v1/products',
    {
      schema: {
        operationId: 'createProduct',
        summary: 'Create a product for all organisations; only with a role on root',
        tags: ['products'],
        body: exactly({
          id: name('Id of the product.'),
          name: text('Name people read.'),
          nameEn: Type.Optional(text('English name.')),
          code: Type.Optional(
            Type.String({
              pattern: '^[0-9]{7,20}$',
              description: 'GTIN, or the leading digits of its trace codes.',
            }),
          ),
          rangeMin: temperature('Lowest temperature the label allows, degC.'),
          rangeMax: temperature('Highest temperature the label allows, degC.'),
          freezeSensitive: Type.Boolean(),
          lightSensitive: Type.Boolean(),
          activationEnergy: Type.Optional(
            Type.Number({
              minimum: 10,
              maximum: 300,
              description: 'Of its decay, kJ/mol, for mean kinetic temperatures; 83.144 when left out.',
            }),
          ),
          reason: Type.Optional(reason),
        }),
        response: { 201: productItem },
      },
      config: { access: { right: 'products:write', scope: { kind: 'root' } } },
    },
    async (request, reply) => {
      const { rangeMin, rangeMax, activationEnergy, ...given } = request.body
      const energy =
        activationEnergy === undefined ? {} : { activationJoulesPerMol: Math.round(activationEnergy * 1_000) }
      const fact = await commands.command('product.create', callerOf(request).actor, {
        ...given,
        rangeMinMilliC: Math.round(rangeMin * 1_000),
        rangeMaxMilliC: Math.round(rangeMax * 1_000),
        ...energy,
      })
      reply.code(201)
      return productAnswer(fact)
    },
  )
}
