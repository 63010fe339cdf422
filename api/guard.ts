import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify'
import type { Clock } from '../domain/index.ts'
import { Problem, ROOT_SCOPE } from '../domain/index.ts'
import type { Access, Caller, NamedThing, ThingScope } from './access.ts'
import { organisationsOf, publicAccess, reaches, scopesOf } from './access.ts'
import { type Credential, credentialIn, findCaller, SESSION_COOKIE } from './caller.ts'
import type { AccessFacts } from './ports.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The right a route needs and where its scope comes from. A route without does not register. */
    access?: Access
  }
  interface FastifyInstance {
    /** Declared for all routes of an encapsulated part; see `declarePublic`. */
    accessDefault: Access | null
  }
  interface FastifyRequest {
    /** Who asks; null where nobody is known by the credentials sent, or none were. */
    caller: Caller | null
    /** Where the caller holds the route's right: organisations (subtrees), or `root` alone. */
    scopes: readonly string[]
  }
}

/** Declares every route registered in this encapsulated part open to everybody (static files, documentation). */
export function declarePublic(part: FastifyInstance): void {
  part.accessDefault = publicAccess
}

/** Who asks. Not for routes that are `public` or check by themselves who asks. */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw notSignedIn()
  return request.caller
}

/** What the caller is known by. Only for routes that `callerOf` is for. */
export function credentialOf(request: FastifyRequest): Credential {
  const credential = credentialIn(sentWith(request))
  if (credential === undefined) throw notSignedIn()
  return credential
}

function sentWith({ headers, cookies }: FastifyRequest) {
  return { authorization: headers.authorization, cookie: cookies[SESSION_COOKIE] }
}

/** Scopes whose routes, or the ports behind them, check by themselves who asks. */
const checkedElsewhere: ReadonlySet<string> = new Set(['device-credentials', 'signature', 'monitoring'])

/**
 * The one door for routes: refuses to register any without declared access, and checks the declared access of
 * every request. Add it before the first route.
 */
export function guardRoutes(app: FastifyInstance, facts: AccessFacts, clock: Clock): void {
  app.decorate('accessDefault', null)
  app.decorateRequest('caller', null)
  app.decorateRequest('scopes')
  app.addHook('onRoute', function declare(route) {
    const access = route.config?.access ?? this.accessDefault ?? undefined
    checkDeclaration(route, access)
    route.config = { ...route.config, access }
  })

  app.addHook('onRequest', async (request) => {
    request.scopes = []
    if (request.is404) return
    const access = declaredAccess(request)
    const { kind } = access.scope
    if (checkedElsewhere.has(kind)) return
    refuseForeignPage(request)
    if (kind === 'public') return
    if (!facts.ready) throw factsMissing()
    request.caller = findCaller(facts, clock, credentialIn(sentWith(request))) ?? null
    const caller = callerOf(request)
    if (access.right === null) return
    request.scopes = scopesOf(caller, access.right)
    if (request.scopes.length === 0) throw notAllowed(`You have no role with the right ${access.right}.`)
  })

  // after validation, because the scope may stand in the body
  app.addHook('preHandler', async (request) => {
    if (request.is404) return
    const { scope } = declaredAccess(request)
    if (scope.kind === 'organisation') checkThing(request, scope)
    if (scope.kind === 'root' && !reaches(facts, request.scopes, ROOT_SCOPE)) {
      throw notAllowed('This concerns all organisations, and your role does not reach them all.')
    }
  })

  function checkThing(request: FastifyRequest, scope: ThingScope): void {
    const named = namedIn(request, scope)
    if (named === undefined) {
      if (scope.absent === undefined || !reaches(facts, request.scopes, scope.absent)) {
        throw notAllowed(
          `Without ${scope.field} this asks for everything, and your role does not reach it all.`,
        )
      }
      return
    }
    const { thing, name } = named
    if (thing === 'any') return
    if (scope.in === 'body') {
      requireReach(facts, request, thing, name)
      return
    }
    requireFound(facts, request, thing, name)
  }
}

/** For a thing a path or query names: throws `not-found` unless the caller's right reaches it. */
export function requireFound(
  facts: AccessFacts,
  request: FastifyRequest,
  thing: NamedThing,
  name: string,
): void {
  if (isReached(facts, request, thing, name) === true) return
  // the same answer whether it does not exist or is somebody else's
  throw new Problem('not-found', {
    what: `There is no ${thing} "${name}" within your reach.`,
    remedy: 'Correct the name, or ask for a role on its organisation.',
  })
}

/**
 * For a thing a body names: throws `not-allowed` unless the caller's right reaches it. Who reaches everything may
 * name what does not exist, and learns from the command that it does not.
 */
export function requireReach(
  facts: AccessFacts,
  request: FastifyRequest,
  thing: NamedThing,
  name: string,
): void {
  const reached = isReached(facts, request, thing, name)
  if (reached === true) return
  if (reached === undefined && reaches(facts, request.scopes, ROOT_SCOPE)) return
  throw notAllowed(`The ${thing} "${name}" is not within your reach.`)
}

/** Undefined when there is no such thing. */
function isReached(
  facts: AccessFacts,
  { scopes }: FastifyRequest,
  thing: NamedThing,
  name: string,
): boolean | undefined {
  return organisationsOf(facts, thing, name)?.every((each) => reaches(facts, scopes, each))
}

function checkDeclaration(route: RouteOptions, access: Access | undefined): asserts access is Access {
  const methods = [route.method].flat().join(', ')
  if (access === undefined) {
    throw new Problem('internal', {
      what: `The route ${methods} ${route.url} does not declare its access.`,
      remedy: 'Declare its right and where its scope comes from in config.access.',
    })
  }
  const { scope } = access
  if (scope.kind !== 'organisation') return
  const schema = { path: route.schema?.params, query: route.schema?.querystring, body: route.schema?.body }[
    scope.in
  ]
  const described = (schema as { readonly properties?: object } | undefined)?.properties
  for (const field of [scope.field, ...Object.keys(scope.or ?? {})]) {
    if (described !== undefined && Object.hasOwn(described, field)) continue
    throw new Problem('internal', {
      what: `The route ${methods} ${route.url} takes its scope from ${scope.in} ${field}, which its schema does not have.`,
      remedy: "Name a field of the route's own schema in config.access.scope.",
    })
  }
}

function declaredAccess(request: FastifyRequest): Access {
  const { access } = request.routeOptions.config
  if (access !== undefined) return access
  throw new Problem('internal', {
    what: `The route ${request.routeOptions.url ?? 'at this address'} was registered past the guard.`,
    remedy: 'Register it after guardRoutes.',
  })
}

/** What the request names in the field of the scope, or in one in its place; validation was before. */
function namedIn(
  request: FastifyRequest,
  { in: place, field, of, or = {}, everything }: ThingScope,
): { readonly thing: NamedThing | 'any'; readonly name: string } | undefined {
  const values = { path: request.params, query: request.query, body: request.body }[place]
  for (const [each, thing] of Object.entries({ [field]: of, ...or })) {
    const name = (values as Readonly<Record<string, unknown>> | null | undefined)?.[each]
    if (typeof name === 'string' && name !== everything) return { thing, name }
  }
  return undefined
}

/**
 * Refuses writes another web page made the browser send (Fetch Metadata, RFC 6454 origins), on top of
 * `SameSite=Strict` and JSON bodies. Clients that are no browsers send neither header.
 */
function refuseForeignPage(request: FastifyRequest): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const { origin, host } = request.headers
  const site = request.headers['sec-fetch-site']
  const own = site === undefined || site === 'same-origin' || site === 'none'
  if (own && (origin === undefined || hostOf(origin) === host)) return
  throw new Problem('not-allowed', {
    what: 'The request comes from a page of another origin.',
    remedy: 'Use the pages of this server, or an API key outside browsers.',
  })
}

function hostOf(origin: string): string | undefined {
  return /^https?:\/\/([^/]+)$/.exec(origin)?.[1]
}

function factsMissing(): Problem {
  return new Problem('core-unavailable', {
    what: 'The server has not yet learnt who may do what.',
    remedy: 'Try again in a moment; if it stays, check that the core is running.',
  })
}

function notSignedIn(): Problem {
  return new Problem('not-signed-in', {
    what: 'Nobody is signed in: no session or API key, or one that has ended.',
    remedy: 'Sign in with POST /api/v1/login, or send an API key as Authorization: Bearer.',
  })
}

function notAllowed(what: string): Problem {
  return new Problem('not-allowed', {
    what,
    remedy: 'Ask an administrator of the organisation for a role that carries the right.',
  })
}
