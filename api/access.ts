import type { Actor, Right, Role } from '../domain/index.ts'
import { parseSensorPath, ROOT_SCOPE, roleRights } from '../domain/index.ts'
import type { AccessFacts } from './ports.ts'

/** Things an organisation can be found through. */
export type NamedThing =
  | 'organisation'
  | 'site'
  | 'place'
  | 'point'
  | 'device'
  | 'sensor'
  | 'user'
  | 'key'
  | 'incident'
  | 'recipient'

/** The scope of a route about one thing: which field of the request names what. */
export interface ThingScope {
  readonly kind: 'organisation'
  readonly in: 'path' | 'query' | 'body'
  readonly field: string
  /** What the field names; its organisation is the scope. */
  readonly of: NamedThing
  /**
   * Fields that may stand in its place, and what they name. `any` belongs to no organisation (a lot): naming it is
   * free, and the answer is filtered by the scopes the caller holds the right on.
   */
  readonly or?: Readonly<Record<string, NamedThing | 'any'>>
  /** A request that leaves the field out (or null) asks for everything: it needs a grant on `root`. */
  readonly absent?: 'root'
  /** A value that names nothing: with it the request asks for everything, as if the field were left out. */
  readonly everything?: string
}

/**
 * Where a route's scope comes from. `public`: anybody. `device-credentials`: checked by the gateway's intake.
 * `signature`: the body is signed, and the port that takes it checks that. `monitoring`: who has the token of the
 * metrics, or asks from this machine; the route checks that.
 * `signed-in`: anybody who is known. `list`: answers are filtered by the scopes the caller holds the right on.
 * `anywhere`: the right on any organisation is enough, since the thing belongs to none (a lot). `root`: the right
 * on `root`, since the thing concerns all (a product, a supervision).
 */
export type Scope =
  | { readonly kind: 'public' | 'device-credentials' | 'signature' | 'monitoring' | 'signed-in' }
  | { readonly kind: 'list' | 'anywhere' | 'root' }
  | ThingScope

/** What a route declares before it registers: its right (null where the scope needs none) and its scope. */
export type Access =
  | {
      readonly right: null
      readonly scope: {
        readonly kind: 'public' | 'device-credentials' | 'signature' | 'monitoring' | 'signed-in'
      }
    }
  | {
      readonly right: Right
      readonly scope: { readonly kind: 'list' | 'anywhere' | 'root' } | ThingScope
    }

/** Open to everybody. */
export const publicAccess: Access = { right: null, scope: { kind: 'public' } }

/** A role on an organisation (or `root`), valid for its subtree. */
export interface HeldGrant {
  readonly organisation: string
  readonly role: Role
}

/** Who asks, with the grants held at this moment. */
export interface Caller {
  readonly actor: Actor & { readonly kind: 'user' | 'key' }
  readonly name: string
  readonly grants: readonly HeldGrant[]
  /** SHA-256 (hex) of the session's token; absent for API keys. */
  readonly session?: string
}

/** The organisations (or `root` alone) on whose subtrees the caller holds the right; empty when on none. */
export function scopesOf(caller: Caller, right: Right): readonly string[] {
  const scopes = new Set(
    caller.grants.filter(({ role }) => roleRights[role].includes(right)).map((held) => held.organisation),
  )
  return scopes.has(ROOT_SCOPE) ? [ROOT_SCOPE] : [...scopes]
}

/** True when one of the scopes reaches the organisation (or `root`). */
export function reaches(facts: AccessFacts, scopes: readonly string[], organisation: string): boolean {
  return scopes.some(
    (scope) => scope === ROOT_SCOPE || (organisation !== ROOT_SCOPE && facts.isWithin(organisation, scope)),
  )
}

/**
 * The organisations that must all be within reach to act on a thing; undefined when there is no such thing. A
 * user belongs wherever it holds a role, so that nobody takes over someone who may do more elsewhere; without
 * any role it belongs to `root`.
 */
export function organisationsOf(
  facts: AccessFacts,
  thing: NamedThing,
  name: string,
): readonly string[] | undefined {
  if (thing === 'user') return facts.user(name) === undefined ? undefined : organisationsOfUser(facts, name)
  const organisation = finders[thing](facts, name)
  return organisation === undefined ? undefined : [organisation]
}

const finders: Readonly<
  Record<Exclude<NamedThing, 'user'>, (facts: AccessFacts, name: string) => string | undefined>
> = {
  organisation: (facts, name) => (name === ROOT_SCOPE ? ROOT_SCOPE : facts.organisation(name)?.id),
  site: (facts, name) => facts.site(name)?.organisation,
  place: placeOrganisation,
  point: (facts, name) => placeOrganisation(facts, facts.point(name)?.place),
  device: deviceOrganisation,
  sensor: (facts, name) => deviceOrganisation(facts, parseSensorPath(name)?.device),
  key: (facts, name) => facts.key(name)?.organisation,
  incident: (facts, name) => placeOrganisation(facts, facts.incident(name)?.place),
  recipient: (facts, name) => placeOrganisation(facts, facts.recipient(name)?.place),
}

function organisationsOfUser(facts: AccessFacts, user: string): readonly string[] {
  const grants = facts.grants(user)
  return grants.length === 0 ? [ROOT_SCOPE] : grants.map((grant) => grant.organisation)
}

function deviceOrganisation(facts: AccessFacts, device: string | undefined): string | undefined {
  const site = device === undefined ? undefined : facts.device(device)?.site
  return site === undefined ? undefined : facts.site(site)?.organisation
}

function placeOrganisation(facts: AccessFacts, place: string | undefined): string | undefined {
  const site = place === undefined ? undefined : facts.place(place)?.site
  return site === undefined ? undefined : facts.site(site)?.organisation
}
