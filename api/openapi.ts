import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance, FastifySchema } from 'fastify'
import { Type } from 'typebox'
import type { ProblemCode } from '../domain/index.ts'
import { problemStatus } from '../domain/index.ts'
import type { Access } from './access.ts'
import { publicAccess } from './access.ts'
import { SESSION_COOKIE } from './caller.ts'
import { declarePublic } from './guard.ts'
import { PROBLEM_TYPE } from './problems.ts'

const problemSchema = Type.Object(
  {
    type: Type.String({ description: 'urn:isotherm:problem:<code>' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'What went wrong, here and now.' }),
    code: Type.Enum(Object.keys(problemStatus) as ProblemCode[]),
    remedy: Type.String({ description: 'What to do about it.' }),
    instance: Type.String({ description: 'urn:isotherm:request:<the header x-request-id>' }),
  },
  { description: 'RFC 9457 problem details.' },
)
const problemAnswer = {
  description: 'A problem',
  content: { [PROBLEM_TYPE]: { schema: { $ref: '#/components/schemas/Problem' } } },
}

/** Collects every route from here on into the OpenAPI document. Add it before the first route. */
export async function describeRoutes(app: FastifyInstance): Promise<void> {
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Isotherm',
        version: '1',
        description:
          'Cold-chain telemetry for vaccines. `x-right` names the right an operation needs, `x-scope` where the ' +
          'organisation comes from that the right is needed on. Times in requests are RFC 3339 or epoch ' +
          'milliseconds, in answers RFC 3339 in UTC. Every error is an RFC 9457 problem with code and remedy.',
      },
      components: {
        schemas: { Problem: problemSchema },
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: SESSION_COOKIE },
          key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
          signature: {
            type: 'apiKey',
            in: 'header',
            name: 'webhook-signature',
            description: 'Standard Webhooks: with webhook-id and webhook-timestamp; see docs/webhooks.md.',
          },
          device: { type: 'http', scheme: 'basic', description: 'Device id and its secret.' },
          metrics: { type: 'http', scheme: 'bearer', description: 'The setting metrics_token.' },
        },
      },
    },
    transform: ({ schema, url, route }) => ({ url, schema: describe(schema, route.config?.access) }),
  })
}

/** Serves `/openapi.json` and, for people, `/docs`; everything they need comes from this server. */
export async function serveDocumentation(app: FastifyInstance): Promise<void> {
  app.get('/openapi.json', { schema: { hide: true }, config: { access: publicAccess } }, () => app.swagger())
  await app.register(async (part) => {
    declarePublic(part)
    await part.register(swaggerUi, { routePrefix: '/docs' })
  })
}

function describe(schema: FastifySchema | undefined, access: Access | undefined): FastifySchema {
  if (schema === undefined || schema.hide === true || access === undefined) return { hide: true }
  const described = {
    ...schema,
    security: securityOf(access),
    response: { ...(schema.response as object | undefined), '4XX': problemAnswer, '5XX': problemAnswer },
    'x-right': access.right,
    'x-scope': access.scope,
  }
  return described
}

function securityOf({ scope }: Access): Record<string, string[]>[] {
  if (scope.kind === 'public') return []
  if (scope.kind === 'signature') return [{ signature: [] }]
  // without a token, this machine may ask
  if (scope.kind === 'monitoring') return [{ metrics: [] }, {}]
  return scope.kind === 'device-credentials' ? [{ device: [] }] : [{ session: [] }, { key: [] }]
}
