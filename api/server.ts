import type { IncomingMessage, Server } from 'node:http'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifyHttpOptions, FastifyInstance } from 'fastify'
import fastify from 'fastify'
import type { Clock, Log } from '../domain/index.ts'
import { Problem } from '../domain/index.ts'
import { guardRoutes } from './guard.ts'
import { limitAddresses } from './limits.ts'
import { describeRoutes, serveDocumentation } from './openapi.ts'
import type { AccessFacts, ApiParts, IntakeParts, ShellParts } from './ports.ts'
import { answerBrokenConnection, answerError, sendProblem } from './problems.ts'
import { actorRoutes } from './routes/actors.ts'
import { auditRoutes } from './routes/audit.ts'
import { checkRoutes } from './routes/checks.ts'
import { deviceHealthRoutes } from './routes/device-health.ts'
import { deviceRoutes } from './routes/devices.ts'
import { dutyRoutes } from './routes/duties.ts'
import { explainRoutes } from './routes/explain.ts'
import { exposureRoutes } from './routes/exposure.ts'
import { findingRoutes } from './routes/findings.ts'
import { healthRoutes } from './routes/health.ts'
import { incidentRoutes } from './routes/incidents.ts'
import { ingestRoutes } from './routes/ingest.ts'
import { keyRoutes } from './routes/keys.ts'
import { heldRoutes } from './routes/held.ts'
import { listRoutes } from './routes/lists.ts'
import { liveRoutes } from './routes/live.ts'
import { lotRoutes } from './routes/lots.ts'
import { pageRoutes } from './routes/page.ts'
import { metricsRoute } from './routes/metrics.ts'
import { organisationRoutes } from './routes/organisations.ts'
import { placementRoutes } from './routes/placements.ts'
import { placeRoutes } from './routes/places.ts'
import { pointRoutes } from './routes/points.ts'
import { productRoutes } from './routes/products.ts'
import { readingRoutes } from './routes/readings.ts'
import { receiptRoutes } from './routes/receipts.ts'
import { recipientRoutes } from './routes/recipients.ts'
import { reportRoutes } from './routes/reports.ts'
import { ruleProposalRoutes } from './routes/rule-proposals.ts'
import { ruleRoutes } from './routes/rules.ts'
import { sessionRoutes } from './routes/session.ts'
import { siteRoutes } from './routes/sites.ts'
import { supervisionRoutes } from './routes/supervisions.ts'
import { userRoutes } from './routes/users.ts'

/** The largest body besides readings is a form of a few names and a reason. */
const BODY_BYTES_MAX = 16_384
/** A request that has not arrived whole by then comes from a broken line or a slow attack. */
const REQUEST_TIMEOUT_MS = 30_000
/** A connection without a request is closed after this: fastify's own choice for the servers it makes. */
const KEEP_ALIVE_MS = 72_000
/** An answer later than this helps nobody: proxies and people have given up. */
const HANDLER_TIMEOUT_MS = 60_000

/**
 * Builds the HTTP API: every route of design section 8 that exists so far, guarded, limited and described. It
 * does not listen yet; more routes may be registered before it does, through the same guard (`config.access`).
 */
export async function createApi(parts: ApiParts): Promise<FastifyInstance> {
  const app = await openShell(parts, parts.access)
  const typed = app.withTypeProvider<TypeBoxTypeProvider>()
  await sessionRoutes(typed, parts)
  organisationRoutes(typed, parts)
  siteRoutes(typed, parts)
  deviceRoutes(typed, parts)
  deviceHealthRoutes(typed, parts)
  placeRoutes(typed, parts)
  pointRoutes(typed, parts)
  placementRoutes(typed, parts)
  dutyRoutes(typed, parts)
  checkRoutes(typed, parts)
  productRoutes(typed, parts)
  lotRoutes(typed, parts)
  exposureRoutes(typed, parts)
  supervisionRoutes(typed, parts)
  readingRoutes(typed, parts)
  findingRoutes(typed, parts)
  explainRoutes(typed, parts)
  incidentRoutes(typed, parts)
  actorRoutes(typed, parts)
  recipientRoutes(typed, parts)
  reportRoutes(typed, parts)
  liveRoutes(typed, parts)
  ruleRoutes(typed, parts)
  ruleProposalRoutes(typed, parts)
  listRoutes(typed, parts)
  heldRoutes(typed, parts)
  auditRoutes(typed, parts)
  userRoutes(typed, parts)
  keyRoutes(typed, parts)
  if (parts.intake !== undefined) ingestRoutes(typed, parts.intake)
  if (parts.takeReceipt !== undefined) receiptRoutes(typed, parts.takeReceipt)
  await pageRoutes(app, parts.page ?? [])
  return app
}

/** Builds the server of a gateway that runs alone: device intake, health and documentation. Does not listen yet. */
export async function createIntakeApi(parts: IntakeParts): Promise<FastifyInstance> {
  const app = await openShell(parts, nobody)
  ingestRoutes(app.withTypeProvider<TypeBoxTypeProvider>(), parts.intake)
  return app
}

/** The server around the routes: limits, guard, problems, documentation and health. */
async function openShell(parts: ShellParts, access: AccessFacts): Promise<FastifyInstance> {
  const { clock, log, makeServer } = parts
  const app = fastify({
    ...serverMade(makeServer),
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    handlerTimeout: HANDLER_TIMEOUT_MS,
    requestIdHeader: false,
    genReqId: requestIds(clock),
    clientErrorHandler: (error, socket) => {
      answerBrokenConnection(error, socket)
    },
    frameworkErrors: (_error, _request, reply) => {
      sendProblem(reply, noSuchAddress())
    },
  })
  app.setValidatorCompiler(TypeBoxValidatorCompiler)
  app.removeContentTypeParser('text/plain')
  app.setErrorHandler((thrown, request, reply) => {
    answerError(log, thrown, request, reply)
  })
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id)
    reply.header('cache-control', 'no-store')
  })
  logRequests(app, log)
  await app.register(helmet, protectiveHeaders(parts.tls ?? false))
  await app.register(cookie)
  await limitAddresses(app)
  guardRoutes(app, access, clock)
  answerUnknownAddresses(app)
  await describeRoutes(app)
  await serveDocumentation(app)
  healthRoutes(app.withTypeProvider<TypeBoxTypeProvider>(), parts.health)
  if (parts.metrics !== undefined) {
    metricsRoute(app.withTypeProvider<TypeBoxTypeProvider>(), parts.metrics)
  }
  return app
}

/** The option for a server that is made elsewhere, with the timeouts fastify gives its own. */
function serverMade(make: ShellParts['makeServer']): Pick<FastifyHttpOptions<Server>, 'serverFactory'> {
  if (make === undefined) return {}
  return {
    serverFactory: (listener) => {
      const server = make(listener)
      server.requestTimeout = REQUEST_TIMEOUT_MS
      server.keepAliveTimeout = KEEP_ALIVE_MS
      return server
    },
  }
}

/** The facts of a process that has none. */
const nobody: AccessFacts = {
  ready: false,
  session: () => undefined,
  keyBySha256: () => undefined,
  key: () => undefined,
  user: () => undefined,
  grants: () => [],
  organisation: () => undefined,
  site: () => undefined,
  device: () => undefined,
  place: () => undefined,
  point: () => undefined,
  placementOf: () => undefined,
  incident: () => undefined,
  recipient: () => undefined,
  ruleActivationsOf: () => [],
  isWithin: () => false,
}

/**
 * What a caller may name a request after: the ids that proxies and tracing make, and nothing that could pass for a line
 * of the log or for more than one word of it. Short ones name too many requests at once.
 */
const CALLERS_REQUEST_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{7,63}$/

/**
 * The caller's `X-Request-Id` where it is well-formed, so that one id leads through the logs of all servers on the way;
 * else one that stays apart across restarts: the start of the process, then a count.
 */
function requestIds(clock: Clock): (request: Pick<IncomingMessage, 'headers'>) => string {
  const start = clock.nowMs().toString(36)
  let count = 0
  return ({ headers }) => {
    const given = headers['x-request-id']
    if (typeof given === 'string' && CALLERS_REQUEST_ID.test(given)) return given
    count += 1
    return `${start}-${count.toString(36)}`
  }
}

function logRequests(app: FastifyInstance, log: Log): void {
  app.addHook('onResponse', async (request, reply) => {
    const fields = {
      request: request.id,
      method: request.method,
      route: request.routeOptions.url ?? null,
      status: reply.statusCode,
      elapsedMs: Math.round(reply.elapsedTime),
      actor: request.caller === null ? null : `${request.caller.actor.kind}:${request.caller.actor.id}`,
    }
    log.debug(fields, 'request answered')
  })
}

/** Headers for browsers. Without TLS nothing may send them to https: the status board of a hospital has none. */
function protectiveHeaders(tls: boolean) {
  return {
    contentSecurityPolicy: { directives: { upgradeInsecureRequests: tls ? [] : null } },
    strictTransportSecurity: tls,
  }
}

/** Answers 405 with `Allow` where the address exists for other methods, and 404 everywhere else. */
function answerUnknownAddresses(app: FastifyInstance): void {
  const routes: { readonly address: RegExp; readonly method: string }[] = []
  app.addHook('onRoute', ({ url, method }) => {
    const address = new RegExp(
      `^${url
        .replaceAll('.', '\\.')
        .replaceAll(/:[^/]+/g, '[^/]+')
        .replaceAll('*', '.*')}$`,
    )
    for (const each of [method].flat()) routes.push({ address, method: each })
  })
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.replace(/[?#].*$/s, '')
    const allowed = [
      ...new Set(routes.filter(({ address }) => address.test(path)).map((route) => route.method)),
    ]
    if (allowed.length === 0) throw noSuchAddress()
    reply.header('allow', allowed.join(', '))
    throw new Problem('method-not-allowed', {
      what: `${request.method} does not exist at this address.`,
      remedy: `Use ${allowed.join(', ')}.`,
    })
  })
}

function noSuchAddress(): Problem {
  return new Problem('not-found', {
    what: 'There is nothing at this address.',
    remedy: 'Correct it; /openapi.json lists all addresses.',
  })
}
